import gzip
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from bartizan.adapt import Codec, Table, infer, load_dataset, read_table
from bartizan.core.errors import InputError, NonFiniteError, SchemaError, ShapeError, UsageError
from bartizan.core.schema import Feature, Schema


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(text)
    return path


SCHEMA = Schema(
    features=(
        Feature(name="amount", min=0.0, max=10.0),
        Feature(name="kind", type="categorical", categories=("card", "cash")),
    )
)


def conforming(**columns: list[object]) -> Table:
    frame = pl.DataFrame({"y": [0, 1], **columns})
    return load_dataset(frame, target="y", schema=SCHEMA)


def test_rows_codes_classes_and_ids(tmp_path: Path) -> None:
    path = write(tmp_path, "n,city,y\n1,Rome, no\n2,Bonn,yes\n,Rome,no\n")
    data = load_dataset(path, target="y").dataset
    assert data.classes == ("no", "yes")
    assert data.y.tolist() == [0, 1, 0]
    assert data.ids.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(data.x, [[1, 1], [2, 0], [np.nan, 1]])
    assert data.schema.features[0].missing
    assert data.schema.features[1].categories == ("Bonn", "Rome")


def test_rows_without_a_label_are_left_out_and_the_others_keep_their_ids() -> None:
    frame = pl.DataFrame({"n": [1, 2, 3], "y": ["a", None, "b"]})
    data = load_dataset(frame, target="y").dataset
    assert data.ids.tolist() == [0, 2]
    assert data.x.tolist() == [[1.0], [3.0]]
    assert "1 of 3 rows have no label and were left out" in data.notes


def test_inferred_schema_is_that_of_infer(tmp_path: Path) -> None:
    path = write(tmp_path, "n,city,y\n1,Rome,no\n2,Bonn,yes\n3,Rome,\n")
    inferred = infer(read_table(path, target="y").frame, target="y")
    assert load_dataset(path, target="y").dataset.schema == inferred.schema
    assert load_dataset(path, target="y", schema=inferred.schema).dataset.x.shape == (2, 2)


def test_arrays_have_columns_x0_x1_and_keep_single_precision() -> None:
    table = load_dataset((np.ones((2, 2), np.float32), ["b", "a"]), target=None)
    assert table.dataset.schema.names == ("x0", "x1")
    assert isinstance(table.codec, Codec)
    assert table.codec.columns[0].dtype == pl.Float32
    assert table.codec.container == "array"
    assert table.dataset.y.tolist() == [1, 0]


def test_a_pair_may_hold_a_frame_with_a_column_named_target() -> None:
    frame = pd.DataFrame({"target": [1.5, 2.5]})
    data = load_dataset((frame, pd.Series([1, 0])), target=None).dataset
    assert data.schema.names == ("target",)
    assert data.classes == (0, 1)


def test_same_arrays_have_the_same_digest_and_other_labels_another() -> None:
    x = np.arange(4.0).reshape(2, 2)
    digests = [load_dataset((x, y), target=None).dataset.digest for y in ([0, 1], [0, 1], [1, 0])]
    assert digests[0] == digests[1] != digests[2]


def test_a_table_survives_pickling() -> None:
    table = conforming(amount=[1.0, 2.0], kind=["cash", None])
    again = pickle.loads(pickle.dumps(table))  # noqa: S301 (our own bytes)
    np.testing.assert_array_equal(again.dataset.x, table.dataset.x)
    assert again.codec == table.codec


def test_wrong_target_names_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, "amount,is_fraud\n1,0\n")
    with pytest.raises(SchemaError, match="no target column 'isfraud'; did you mean 'is_fraud'"):
        load_dataset(path, target="isfraud")


def test_target_must_be_named_for_a_table_and_not_for_arrays() -> None:
    with pytest.raises(UsageError, match="name of the label column"):
        load_dataset(pl.DataFrame({"a": [1]}), target=None)
    with pytest.raises(UsageError, match="target=None"):
        load_dataset((np.zeros((1, 1)), [0]), target="y")


def test_rows_and_labels_must_be_as_many() -> None:
    with pytest.raises(ShapeError, match="2 rows and 3 labels"):
        load_dataset((np.zeros((2, 1)), [0, 1, 1]), target=None)


def test_target_alone_is_no_table() -> None:
    with pytest.raises(SchemaError, match="only column"):
        load_dataset(pl.DataFrame({"y": [0, 1]}), target="y")


def test_one_class_is_a_note() -> None:
    data = load_dataset(pl.DataFrame({"a": [1, 2], "y": [7, 7]}), target="y").dataset
    assert data.classes == (7,)
    assert "all rows are of one class, 7" in data.notes


def test_infinity_names_column_and_first_row_of_the_source() -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0, float("inf")], "y": [0, None, 1]})
    with pytest.raises(NonFiniteError, match="column 'a', row 2"):
        load_dataset(frame, target="y")


def test_nan_is_missing() -> None:
    data = load_dataset(pl.DataFrame({"a": [1.0, float("nan")], "y": [0, 1]}), target="y").dataset
    assert np.isnan(data.x[1, 0])
    assert data.schema.features[0].missing


def test_truncated_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,y\n1,0\n" * 100)[:-12])
    with pytest.raises(InputError, match=r"t\.csv\.gz"):
        load_dataset(path, target="y")


def test_headerless_file(tmp_path: Path) -> None:
    data = load_dataset(write(tmp_path, "1,a,0\n2,b,1\n"), target="c2", has_header=False).dataset
    assert data.schema.names == ("c0", "c1")


def test_declared_order_wins_over_the_table_s() -> None:
    data = conforming(kind=["cash", "card"], amount=[1, 2]).dataset
    assert data.x.tolist() == [[1.0, 1.0], [2.0, 0.0]]


def test_missing_column_names_the_nearest() -> None:
    with pytest.raises(SchemaError, match=r"declares amount,.*did you mean 'amout'"):
        conforming(amout=[1, 2], kind=["cash", "card"])


def test_extra_column_is_refused() -> None:
    with pytest.raises(SchemaError, match="the table has kinds, which the schema does not declare"):
        conforming(amount=[1, 2], kind=["cash", "card"], kinds=[1, 2])


def test_unlisted_category_names_value_column_and_row() -> None:
    with pytest.raises(SchemaError, match=r"column 'kind', row 1: .* got 'cheque'"):
        conforming(amount=[1, 2], kind=["cash", "cheque"])


def test_text_where_a_number_is_declared_names_the_row() -> None:
    with pytest.raises(SchemaError, match="column 'amount', row 1: expected a number, got 'many'"):
        conforming(amount=["1", "many"], kind=["cash", "card"])


def test_values_outside_the_declared_range_and_undeclared_gaps_are_notes() -> None:
    data = conforming(amount=[11.0, None], kind=["cash", "card"]).dataset
    assert data.notes == (
        "column 'amount': 1 values outside 0 to 10 (first 11 in row 0)",
        "column 'amount': 1 missing values, none were declared",
    )


def test_fractions_in_a_declared_whole_column_are_a_note() -> None:
    schema = Schema(features=(Feature(name="n", type="integer"),))
    frame = pl.DataFrame({"n": [1.0, 2.5], "y": [0, 1]})
    notes = load_dataset(frame, target="y", schema=schema).dataset.notes
    assert notes == ("column 'n': 1 fractions in a column of whole numbers (first 2.5 in row 1)",)


def test_whole_numbers_can_be_declared_as_ordered_categories() -> None:
    schema = Schema(features=(Feature(name="g", type="ordered", categories=("10", "20", "30")),))
    table = load_dataset(pl.DataFrame({"g": [30, 10], "y": [0, 1]}), target="y", schema=schema)
    assert table.dataset.x.tolist() == [[2.0], [0.0]]
    assert isinstance(table.codec, Codec)
    assert table.codec.decode(table.dataset.x)["g"].to_list() == [30, 10]
    assert table.codec.array(table.dataset.x).tolist() == [[30.0], [10.0]]


def test_labels_in_the_place_of_a_name_are_refused_with_the_way_to_hand_over_arrays() -> None:
    labels: object = np.array([0, 1])
    with pytest.raises(UsageError, match=r"load_dataset\(\(X, y\), target=None\)"):
        load_dataset(np.ones((2, 2)), target=labels)  # type: ignore[arg-type] # that is the mistake
