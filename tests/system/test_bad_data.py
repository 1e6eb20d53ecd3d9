"""Tables that cannot be used, or only with a word about it."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from system import shop
from system.command import Ran, Run

FRAME = shop.frame(60)


@pytest.fixture
def given(folder: Path, glance: Run) -> Run:
    """Assess a frame, saved as CSV."""

    def run(frame: pl.DataFrame, *arguments: object) -> Ran:
        frame.write_csv("given.csv")
        return glance("--data", "given.csv", *arguments)

    return run


@pytest.fixture
def named(folder: Path) -> str:
    """A model that knows the names of its columns."""
    pandas = pytest.importorskip("pandas")
    x, y = shop.arrays()
    rows = pandas.DataFrame(x[: shop.N], columns=list(shop.NAMES))
    fitted = LogisticRegression().fit(rows, y[: shop.N])
    return shop.save_skops(folder, fitted, name="named.skops").name


def test_a_wrong_target_is_refused_with_the_nearest_name(glance: Run) -> None:
    ran = glance("--target", "fruad")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no target column 'fruad'; did you mean 'fraud'?" in ran.err


def test_a_missing_column_is_named(given: Run, named: str) -> None:
    ran = given(FRAME.drop("hour"), "--model", named)
    assert ran.code == 2
    assert "the model wants columns that the table does not have: hour" in ran.err


def test_a_renamed_column_is_refused_with_the_nearest_name(given: Run, named: str) -> None:
    ran = given(FRAME.rename({"hour": "hours"}), "--model", named)
    assert ran.code == 2
    assert "does not have: hour; did you mean 'hours'?" in ran.err


def test_columns_of_another_number_are_refused_where_the_model_knows_no_names(given: Run) -> None:
    ran = given(FRAME.with_columns(extra=pl.lit(1.5)))
    assert ran.code == 2
    assert "the model takes 4 columns and knows no names, the table has 5" in ran.err
    assert "leave out what it was not trained on" in ran.err


def test_an_extra_column_is_left_out_with_a_note(given: Run, named: str) -> None:
    ran = given(FRAME.with_columns(extra=pl.lit(1.5)), "--model", named)
    assert ran.code == 0
    assert "columns the model does not know were left out: extra" in ran.out


def test_reordered_columns_are_matched_by_name(given: Run, named: str) -> None:
    ran = given(FRAME.select("fraud", "score", "hour", "age", "amount"), "--model", named)
    assert ran.code == 0


def test_reordered_columns_show_as_a_model_that_cannot_tell_where_there_are_no_names(
    given: Run,
) -> None:
    ran = given(FRAME.select("fraud", "score", "hour", "age", "amount"))
    assert ran.code == 1
    assert "does not tell the classes apart on this data" in ran.out


def with_gap(frame: pl.DataFrame) -> pl.DataFrame:
    gap = pl.int_range(frame.height) == 3
    return frame.with_columns(amount=pl.when(gap).then(None).otherwise(pl.col("amount")))


def test_missing_values_are_refused_where_the_model_takes_none(given: Run) -> None:
    ran = given(with_gap(FRAME))
    assert ran.code == 2
    assert "Input X contains NaN" in ran.err
    assert "row 3" in ran.err


def test_missing_values_are_fine_where_the_model_takes_them(given: Run, folder: Path) -> None:
    x, y = shop.arrays()
    x = np.where(np.arange(len(x))[:, None] % 9 == 0, np.nan, x)
    trees = HistGradientBoostingClassifier(max_iter=10).fit(x[: shop.N], y[: shop.N])
    ran = given(with_gap(FRAME), "--model", shop.save_skops(folder, trees, name="t.skops"))
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["inf.csv", "inf.parquet"])
def test_an_infinite_value_is_refused_with_its_place(glance: Run, value: float, name: str) -> None:
    here = pl.int_range(FRAME.height) == 3
    frame = FRAME.with_columns(amount=pl.when(here).then(value).otherwise(pl.col("amount")))
    frame.write_csv(name) if name.endswith("csv") else frame.write_parquet(name)
    ran = glance("--data", name)
    assert ran.code == 2
    assert f"column 'amount', row 3: expected a finite number, got {value}" in ran.err


def test_an_empty_file_is_refused(glance: Run) -> None:
    Path("empty.csv").touch()
    ran = glance("--data", "empty.csv")
    assert ran.code == 2
    assert "empty.csv is empty; expected a file with content" in ran.err


def test_a_header_without_rows_is_refused(given: Run) -> None:
    ran = given(FRAME.clear())
    assert ran.code == 2
    assert "given.csv has a header and no rows; expected at least one row below it" in ran.err


def test_a_single_class_settles_nothing_and_says_why(given: Run) -> None:
    ran = given(FRAME.filter(pl.col("fraud") == 1))
    assert ran.code == 3
    assert "could not be measured: the data holds one class only" in ran.out


def test_text_labels_against_a_model_of_numbers_are_refused(given: Run) -> None:
    ran = given(FRAME.with_columns(fraud=pl.lit("no")))
    assert ran.code == 2
    assert "the data has class 'no', which the model does not know; known: 0, 1" in ran.err


def test_text_labels_of_a_model_of_text_are_fine(given: Run, folder: Path) -> None:
    x, y = shop.arrays()
    words = np.array(["no", "yes"])
    fitted = LogisticRegression().fit(x[: shop.N], words[y[: shop.N]])
    spelled = FRAME.with_columns(fraud=pl.Series(words[FRAME["fraud"].to_numpy()]))
    assert given(spelled, "--model", shop.save_skops(folder, fitted, name="w.skops")).code == 0


def test_a_class_that_the_model_does_not_know_is_refused(given: Run) -> None:
    ran = given(FRAME.with_columns(fraud=pl.col("fraud") + pl.int_range(60) % 2))
    assert ran.code == 2
    assert "the data has class 2, which the model does not know; known: 0, 1" in ran.err


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


@pytest.mark.parametrize(
    ("name", "spoiled", "message"),
    [
        ("t.csv.gz", lambda f: cut(gzip.compress(f.write_csv().encode())), "the gzip file is dama"),
        ("t.parquet", lambda f: cut(parquet(f)), "the Parquet file is damaged or cut off"),
        ("t.parquet", lambda _: b"PAR1", "t.parquet: the Parquet file is damaged or cut off"),
        ("t.ndjson", lambda f: f.write_ndjson().encode()[:-20], "t.ndjson"),
        ("t.csv", lambda _: bytes(range(128, 256)) * 9, "t.csv"),
    ],
)
def test_a_damaged_file_is_refused_and_named(
    glance: Run, name: str, spoiled: Callable[[pl.DataFrame], bytes], message: str
) -> None:
    Path(name).write_bytes(spoiled(FRAME))
    ran = glance("--data", name)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert "Traceback" not in ran.err


def parquet(frame: pl.DataFrame) -> bytes:
    frame.write_parquet("whole.parquet")
    return Path("whole.parquet").read_bytes()


def test_a_file_that_is_not_there_is_refused_with_the_nearest_name(glance: Run) -> None:
    shop.save_csv(Path(), n=60)
    ran = glance("--data", "holdut.csv")
    assert ran.code == 2
    assert "there is no file holdut.csv; did you mean 'holdout.csv'?" in ran.err


def test_a_folder_is_no_table(glance: Run) -> None:
    ran = glance("--data", ".")
    assert ran.code == 2
    assert "expected a file, but . is a directory" in ran.err
