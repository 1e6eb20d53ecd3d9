from typing import Any

import pytest

from bartizan.core.errors import SchemaError
from bartizan.core.schema import Feature, Schema
from timing import within


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"min": 2.0, "max": 1.0}, "min 2.0 is above max 1.0; swap them"),
        ({"min": float("nan")}, "a limit is NaN"),
        ({"max": float("nan")}, "a limit is NaN"),
        ({"type": "categorical"}, "is categorical but has no categories"),
        ({"type": "ordered"}, "is ordered but has no categories"),
        ({"type": "ordered", "categories": ("a", "a")}, "lists a category twice"),
    ],
)
def test_contradictory_facts_are_refused(facts: dict[str, Any], why: str) -> None:
    with pytest.raises(SchemaError, match=f"feature 'f'.*{why}"):
        Feature(name="f", **facts)


def test_a_constant_column_is_no_contradiction() -> None:
    assert Feature(name="f", min=1, max=1).min == 1


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(SchemaError, match="two columns are named 'b'"):
        Schema(features=tuple(Feature(name=name) for name in ("a", "b", "c", "b")))


def test_groups_hold_the_positions_of_their_columns() -> None:
    groups = {"a": None, "red": "colour", "b": None, "blue": "colour", "s": "size"}
    features = tuple(Feature(name=name, group=group) for name, group in groups.items())
    schema = Schema(features=features)
    assert schema.names == tuple(groups)
    assert schema.groups() == {"colour": (1, 3), "size": (4,)}


def test_a_very_wide_table_is_described_at_once() -> None:
    features = tuple(Feature(name=str(n)) for n in range(20_000))
    # Comparing all pairs of names takes ten times that.
    within(1, lambda: Schema(features=features))
