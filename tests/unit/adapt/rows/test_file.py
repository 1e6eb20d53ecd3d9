"""Rows of files as they are spelled: taken out, put back, relabelled."""

import gzip
from ast import literal_eval
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bartizan.adapt.rows.file import RowFile, read_rows
from bartizan.adapt.table import load_dataset
from bartizan.core.errors import InputError, SchemaError

TABLES = {
    "plain": b"a,y,b\n1,no,x\n2,yes,y\n3,no,z\n",
    "without end": b"a,y,b\n1,no,x\n2,yes,y\n3,no,z",
    "crlf": b"a,y,b\r\n1,no,x\r\n2,yes,y\r\n3,no,z\r\n",
    "crlf without end": b"a,y,b\r\n1,no,x\r\n2,yes,y\r\n3,no,z",
    "mark": b"\xef\xbb\xbfa,y,b\n1,no,x\n2,yes,y\n3,no,z\n",
    "quotes": b'a,y,b\n"1,5",no,"x\ny"\n2,"yes","say ""no"""\n3,no,z\n',
    "tabs": b"a\ty\tb\n1\tno\tx\n2\tyes\ty\n3\tno\tz\n",
    "semicolons": b"a;y;b\n01.50;no;x\n 2;yes;y\n3e0;no;\n",
    "lines": b'{"a": 1.50, "y": "no"}\n{"a":2,"y":"yes"}\n{"a":3,"y":"no"}\n',
}


def opened(tmp_path: Path, raw: bytes, *, name: str = "rows.csv", target: str = "y") -> RowFile:
    """A file of these bytes, read."""
    path = tmp_path / name
    path.write_bytes(raw)
    return read_rows(path, target=target)


@pytest.mark.parametrize("raw", TABLES.values(), ids=list(TABLES))
def test_a_file_that_nothing_is_taken_out_of_is_the_same_to_the_byte(
    tmp_path: Path, raw: bytes
) -> None:
    assert opened(tmp_path, raw).content() == raw


@pytest.mark.parametrize("raw", TABLES.values(), ids=list(TABLES))
def test_rows_that_were_taken_out_can_be_put_back(tmp_path: Path, raw: bytes) -> None:
    whole = opened(tmp_path, raw)
    kept, aside = whole.take(np.array([0, 1])), whole.take(np.array([2]))
    assert kept.content() != raw
    again = aside.joined(kept).take(np.array([1, 2, 0]))
    assert again.content() == raw


@pytest.mark.parametrize("raw", TABLES.values(), ids=list(TABLES))
def test_a_label_changes_and_nothing_else(tmp_path: Path, raw: bytes) -> None:
    whole = opened(tmp_path, raw)
    made = whole.relabelled({1: "no"})
    before, after = whole.spelled(), made.spelled()
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]
    if whole.form == "delimited":
        assert after[1] == before[1].replace(b"yes", b"no", 1)
        assert made.content() == raw.replace(b"yes", b"no", 1)


def test_a_label_with_a_separator_is_quoted(tmp_path: Path) -> None:
    made = opened(tmp_path, TABLES["plain"]).relabelled({0: 'so, "so"'})
    assert made.spelled()[0] == b'1,"so, ""so""",x\n'


def test_a_packed_file_stays_packed(tmp_path: Path) -> None:
    whole = opened(tmp_path, gzip.compress(TABLES["plain"]), name="rows.csv.gz")
    assert gzip.decompress(whole.content()) == TABLES["plain"]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    whole = opened(tmp_path, b"a,y\n1,no\n\n2,yes\n")
    assert whole.spelled() == [b"1,no\n", b"2,yes\n"]


def test_cells_of_parquet_are_what_they_were(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"a": [1.5, float("nan"), None], "b": ["x", None, ""], "y": [0, 1, 0]},
        schema_overrides={"y": pl.Int8},
    )
    path = tmp_path / "rows.parquet"
    frame.write_parquet(path)
    whole = read_rows(path, target="y")
    assert len(set(whole.spelled())) == 3  # NaN is not null, and no text is not an empty one
    (tmp_path / "again.parquet").write_bytes(
        whole.take(np.array([2])).joined(whole.take(np.array([0, 1]))).content()
    )
    assert pl.read_parquet(tmp_path / "again.parquet").equals(frame[[2, 0, 1]])
    made = whole.relabelled({0: "1"})
    assert made.spelled()[0] == repr((1.5, "x", 1)).encode()
    with pytest.raises(InputError, match="does not fit"):
        whole.relabelled({0: "yes"})


def test_truth_values_of_parquet_take_the_label_that_was_approved(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"a": [1.0, 2.0, 3.0], "y": [True, False, False]}).write_parquet(path)
    whole = read_rows(path, target="y")
    known = [str(label) for label in load_dataset(path, target="y").dataset.classes]
    made = whole.relabelled({0: known[0], 1: known[1]})
    assert [literal_eval(row.decode())[1] for row in made.spelled()] == [False, True, False]
    with pytest.raises(InputError, match="does not fit"):
        whole.relabelled({0: "perhaps"})


def test_what_is_told_of_each_picture_goes_with_it_and_comes_back(tmp_path: Path) -> None:
    arrays = {
        "x": np.arange(5 * 9, dtype=np.uint8).reshape(5, 3, 3),
        "y": np.array([0, 1, 0, 1, 0]),
        "track": np.array([7, 7, 8, 9, 9]),
        "size": np.arange(10).reshape(5, 2),
        "names": np.array(["stop", "yield"]),
    }
    path = tmp_path / "rows.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]  # numpy's own signature takes a flag there
    whole = read_rows(path, target="y")
    parts = [whole.take(np.array(rows)) for rows in ([0, 2, 3], [1, 4])]
    (tmp_path / "less.npz").write_bytes(parts[0].content())
    with np.load(tmp_path / "less.npz") as less:
        assert less["track"].tolist() == [7, 8, 9]
        assert less["size"].tolist() == [[0, 1], [4, 5], [6, 7]]
        assert less["names"].tolist() == ["stop", "yield"]
    assert parts[0].joined(parts[1]).take(np.array([0, 3, 1, 2, 4])).content() == whole.content()


def test_pictures_lose_rows_and_other_arrays_do_not(tmp_path: Path) -> None:
    stream = np.random.default_rng(0)
    arrays = {
        "x_train": stream.integers(0, 255, (5, 4, 4), dtype=np.uint8),
        "y_train": np.array([0, 1, 0, 1, 0]),
        "x_test": stream.integers(0, 255, (5, 4, 4), dtype=np.uint8),
        "y_test": np.array([0, 1, 0, 1, 1]),
    }
    path = tmp_path / "rows.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]  # numpy's own signature takes a flag there
    whole = read_rows(path, target="y_train")
    (tmp_path / "less.npz").write_bytes(whole.relabelled({2: "1"}).take(np.array([0, 2])).content())
    with np.load(tmp_path / "less.npz") as less:
        assert np.array_equal(less["x_train"], arrays["x_train"][[0, 2]])
        assert less["y_train"].tolist() == [0, 1]
        assert np.array_equal(less["y_test"], arrays["y_test"])


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no target column 'yy'"):
        opened(tmp_path, TABLES["plain"], target="yy")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read_rows(tmp_path, target="y")
