"""Columns as groups: values as they are, numbers in bands, missing values as a group."""

import numpy as np
import polars as pl
import pytest

from bartizan.adapt import load_dataset
from bartizan.adapt.tables.bands import MISSING, MOST, groupings
from bartizan.core.errors import ConfigError, SchemaError, UsageError
from bartizan.core.groups import AuditColumn, Grouping

_FRAME = pl.DataFrame(
    {
        "sex": ["f", "m", None, "m"],
        "age": [17.0, 30.0, 49.9, None],
        "code": [0, 1, 1, 0],
        "x": [0.1, 0.2, 0.3, 0.4],
        "y": [0, 1, 0, 1],
    }
)


def grouped(column: str, *bands: float, frame: pl.DataFrame = _FRAME) -> Grouping:
    return groupings(frame, [AuditColumn(column=column, bands=bands)], where="rows")[0]


def test_words_and_few_numbers_are_groups_as_they_stand() -> None:
    found = grouped("sex")
    assert found.names == (MISSING, "f", "m")
    assert found.codes.tolist() == [1, 2, 0, 2]
    code = grouped("code")
    assert (code.names, code.codes.tolist()) == (("0", "1"), [0, 1, 1, 0])


def test_a_band_holds_its_lower_edge_and_not_its_upper_one() -> None:
    found = grouped("age", 17.5, 30, 49.9)
    assert found.names == (
        "under 17.5",
        "17.5 to under 30",
        "30 to under 49.9",
        "49.9 and over",
        MISSING,
    )
    assert found.codes.tolist() == [0, 2, 3, 4]


def test_many_numbers_are_cut_at_their_quartiles() -> None:
    frame = pl.DataFrame({"age": np.arange(100)})
    found = grouped("age", frame=frame)
    assert found.names == ("under 25", "25 to under 50", "50 to under 75", "75 and over")
    assert np.bincount(found.codes).tolist() == [25, 25, 25, 25]


def test_one_value_that_fills_a_quarter_makes_no_empty_band() -> None:
    frame = pl.DataFrame({"income": [0.0] * 60 + list(range(1, 41))})
    found = grouped("income", frame=frame)
    assert len(found.names) == len(np.unique(found.codes))


def test_truth_values_are_groups() -> None:
    found = grouped("old", frame=pl.DataFrame({"old": [True, False, True]}))
    assert (found.names, found.codes.tolist()) == (("false", "true"), [1, 0, 1])


@pytest.mark.parametrize(
    ("column", "bands", "said"),
    [
        ("sexx", (), "did you mean 'sex'"),
        ("sex", (3.0,), "leave the bands out"),
    ],
)
def test_what_makes_no_groups_is_refused(column: str, bands: tuple[float, ...], said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        grouped(column, *bands)


def test_a_column_of_names_tells_persons_and_is_refused() -> None:
    frame = pl.DataFrame({"name": [str(one) for one in range(MOST + 1)]})
    with pytest.raises(SchemaError, match="audit a column with few values"):
        grouped("name", frame=frame)


@pytest.mark.parametrize("bands", [(2.0, 1.0), (1.0, 1.0), (float("nan"),), (float("inf"),)])
def test_edges_ascend(bands: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="ascending"):
        AuditColumn(column="age", bands=bands)


def test_a_handful_of_rows_is_no_group() -> None:
    with pytest.raises(ConfigError, match="fewer than 10"):
        AuditColumn(column="age", least=9)


def test_a_column_apart_is_audited_and_no_feature() -> None:
    asked = [AuditColumn(column="sex", apart=True), AuditColumn(column="age", bands=(30,))]
    table = load_dataset(_FRAME, target="y", audit=asked)
    assert table.dataset.schema.names == ("age", "code", "x")
    assert table.apart == {"sex"}
    assert [one.column for one in table.dataset.groups] == ["sex", "age"]
    part = table.dataset.take(np.array([3, 0]))
    assert part.groups[0].codes.tolist() == [2, 1]


def test_groups_belong_to_the_rows_that_have_a_label() -> None:
    frame = _FRAME.with_columns(y=pl.Series([0, None, 0, 1]))
    table = load_dataset(frame, target="y", audit=[AuditColumn(column="sex")])
    assert table.dataset.groups[0].codes.tolist() == [1, 0, 2]


def test_columns_that_are_no_features_elsewhere_are_left_out_here_if_there_are_any() -> None:
    table = load_dataset(_FRAME, target="y", without=("sex", "race"))
    assert "sex" not in table.dataset.schema.names


def test_the_target_and_images_have_no_groups() -> None:
    with pytest.raises(SchemaError, match="is the target"):
        load_dataset(_FRAME, target="y", audit=[AuditColumn(column="y")])
    images = (np.zeros((4, 8, 8), dtype=np.uint8), np.array([0, 1, 0, 1]))
    with pytest.raises(UsageError, match="rows are images"):
        load_dataset(images, target=None, audit=[AuditColumn(column="sex")])
