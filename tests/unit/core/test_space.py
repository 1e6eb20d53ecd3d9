import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.errors import ConfigError, SchemaError, ShapeError
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box, Mixed, Switch


def mixed(
    *features: Feature, reference: Array | None = None, relations: tuple[str, ...] = ()
) -> Mixed:
    reference = np.zeros((2, len(features))) if reference is None else reference
    return Mixed.of(Schema(features=features, relations=relations), reference)


def number(values: object) -> Mixed:
    return mixed(Feature(name="a"), reference=np.array(values, dtype=float)[:, None])


def test_a_unit_is_the_range_from_the_1st_to_the_99th_percentile() -> None:
    assert number(np.arange(101)).scale[0] == pytest.approx(98)


def test_outliers_do_not_stretch_the_unit() -> None:
    values = np.arange(1001.0)
    values[-1] = 1e9
    assert number(values).scale[0] == pytest.approx(980)


def test_where_the_usual_range_is_nothing_the_full_range_counts() -> None:
    values = np.zeros(1000)
    values[0] = 7
    assert number(values).scale[0] == 7


def test_a_constant_or_wholly_missing_column_has_no_unit() -> None:
    assert number([3.0, 3.0]).scale[0] == 0
    assert number([np.nan, np.nan]).scale[0] == 0


def test_missing_and_infinite_values_do_not_count() -> None:
    values = [*np.arange(101.0), np.nan, np.inf]
    assert number(values).scale[0] == pytest.approx(98)


@pytest.mark.parametrize("shape", [(0, 1), (3, 2), (3,)])
def test_reference_rows_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="expected reference rows with 1 columns, got shape"):
        mixed(Feature(name="a"), reference=np.zeros(shape))


def test_bounds_are_the_declared_ones_or_the_codes_or_none() -> None:
    space = mixed(
        Feature(name="a", min=-1, max=2),
        Feature(name="b"),
        Feature(name="c", type="ordered", categories=("low", "mid", "high")),
    )
    assert space.lower.tolist() == [-1, -np.inf, 0]
    assert space.upper.tolist() == [2, np.inf, 2]


def test_bounds_of_whole_numbers_are_whole_and_inside_the_declared_ones() -> None:
    space = mixed(Feature(name="a", type="integer", min=0.5, max=5.5))
    assert (space.lower[0], space.upper[0]) == (1, 5)


def test_quantities_are_numbers_that_are_no_category_no_group_and_no_name_of_a_row() -> None:
    space = mixed(
        Feature(name="a"),
        Feature(name="b", type="integer"),
        Feature(name="c", type="ordered", categories=("x", "y")),
        Feature(name="d", type="categorical", categories=("x", "y")),
        Feature(name="e", group="hot"),
        Feature(name="f", group="hot"),
        Feature(name="g", identifier=True),
    )
    assert space.numeric.tolist() == [0, 1, 2]
    assert space.whole.tolist() == [1, 2]
    assert [(s.name, s.columns.tolist()) for s in space.switches] == [("d", [3]), ("hot", [4, 5])]


def test_an_identifier_is_no_choice() -> None:
    space = mixed(Feature(name="a", type="categorical", categories=("x", "y"), identifier=True))
    assert not space.switches


def test_a_group_with_the_name_of_a_column_is_refused() -> None:
    with pytest.raises(SchemaError, match="one-hot group 'a' has the name of a column; rename"):
        mixed(Feature(name="a"), Feature(name="b", group="a"))


def test_a_relation_with_an_unknown_column_is_refused() -> None:
    with pytest.raises(ConfigError, match="names 'c'"):
        mixed(Feature(name="a"), relations=("a <= c",))


def test_only_whole_columns_are_rounded_and_the_input_stays() -> None:
    space = mixed(Feature(name="a"), Feature(name="b", type="integer"))
    x = np.array([[1.4, 1.4], [1.6, 1.6], [np.nan, np.nan]])
    assert np.array_equal(space.round(x), [[1.4, 1], [1.6, 2], [np.nan, np.nan]], equal_nan=True)
    assert x[0, 1] == 1.4


def test_a_switch_knows_which_option_a_row_holds() -> None:
    hot = Switch(name="hot", columns=np.array([1, 2]), options=np.eye(2))
    x = np.array([[9.0, 1, 0], [9, 0, 1], [9, 1, 1], [9, np.nan, np.nan]])
    assert hot.chosen(x).tolist() == [0, 1, -1, -1]
    one = Switch(name="c", columns=np.array([0]), options=np.array([[0.0], [1.0]]))
    assert one.chosen(np.array([[1.0], [0.0], [2.0], [np.nan]])).tolist() == [1, 0, -1, -1]


def test_a_box_is_numbers_alone() -> None:
    box = Box.uniform(3, lower=0, upper=1)
    x = np.array([[0.3, 0.5, 2.0]])
    assert box.names == ("x0", "x1", "x2")
    assert box.numeric.tolist() == [0, 1, 2]
    assert (box.lower.tolist(), box.upper.tolist()) == ([0, 0, 0], [1, 1, 1])
    assert (box.scale == 1).all()
    assert box.round(x) is x
    assert not box.switches
    assert not box.relations
    assert np.isinf(Box.uniform(1).upper).all()
