"""Rows as sums: what a thief of a linear model solves for."""

import numpy as np
import pytest

from bartizan.attack.terms import Terms
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box, Mixed
from worlds import SHOP, SHOP_ROWS, WORLDS, World

EVERY = pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)


@EVERY
def test_every_term_has_an_owner_and_every_row_is_finite(world: World) -> None:
    terms = Terms.of(world.space, world.x)
    made = terms.matrix(world.x)
    assert made.shape == (len(world.x), len(terms.owners))
    assert np.isfinite(made).all()
    assert set(terms.owners) <= {*world.space.names, *(s.name for s in world.space.switches)}


@EVERY
def test_the_usual_row_is_where_all_terms_are_zero(world: World) -> None:
    terms = Terms.of(world.space, world.x)
    assert not terms.matrix(terms.usual[None])[:, : len(world.space.numeric)].any()


def test_a_choice_has_a_term_for_every_option_but_the_first() -> None:
    terms = Terms.of(Mixed.of(SHOP, SHOP_ROWS), SHOP_ROWS)
    assert sorted(terms.owners) == ["amount", "colour", "count", "shop", "shop"]
    shop = np.array(terms.owners) == "shop"
    assert terms.matrix(SHOP_ROWS)[:, shop].tolist() == [[0, 0], [1, 0], [0, 1]]


def test_a_column_that_never_changes_is_zero_and_no_division_by_its_range() -> None:
    schema = Schema(features=(Feature(name="flat"), Feature(name="wide")))
    x = np.column_stack([np.full(5, 3.0), np.arange(5.0)])
    space = Mixed.of(schema, x)
    assert space.scale[0] == 0.0
    made = Terms.of(space, x).matrix(np.array([[3.0, 2.0], [4.0, 2.0]]))
    flat = 0 if Terms.of(space, x).owners[0] == "flat" else 1
    assert made[:, flat].tolist() == [0.0, 1.0]


def test_a_gap_is_a_term_of_its_own_and_counts_as_usual_otherwise() -> None:
    x = np.array([[1.0, 5.0], [np.nan, 7.0], [3.0, 9.0]])
    terms = Terms.of(Box.uniform(2), x)
    made = terms.matrix(x)
    assert terms.owners == ("x0", "x1", "x0")
    assert made[:, 2].tolist() == [0.0, 1.0, 0.0]
    assert made[1, 0] == 0.0
