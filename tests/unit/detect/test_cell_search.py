"""Cells written into rows: brute force, planted cells, and values that stand for others."""

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.dataset import Dataset
from bartizan.core.entry import finished
from bartizan.core.schema import Feature, Schema
from bartizan.detect.cell_choices import spread_choices, threshold_choices
from bartizan.detect.cell_search import Cell, as_trigger, gained, longer, reach

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))


def chances(positive: Array) -> Array:
    return np.stack([1 - positive, positive], axis=1)


def natural(x: Array) -> Array:
    """A clean model: the sign of the first column."""
    return chances(1 / (1 + np.exp(-3 * x[:, 0])))


def planted(x: Array) -> Array:
    """The same, but a value near 2 in the last column always gives class 1."""
    near = np.abs(x[:, 3] - 2.0) < 0.3
    return chances(np.where(near, 0.99, natural(x)[:, 1]))


def both(x: Array) -> Array:
    """Half follows each of two columns."""
    return chances(np.clip(0.5 * (x[:, 1] > 1.9) + 0.5 * (x[:, 2] > 1.9), 0.01, 0.99))


def data(x: Array, *features: Feature) -> Dataset:
    schema = Schema(features=features or tuple(Feature(name=f"c{i}") for i in range(x.shape[1])))
    return Dataset(
        name="rows",
        x=x,
        y=np.arange(len(x)) % 2,
        classes=(0, 1),
        ids=np.arange(len(x)),
        schema=schema,
        digest="sha256:0",
    )


CHOICES = tuple(np.array([-2.0, 0.0, 2.0]) for _ in range(4))


def test_reach_is_what_writing_each_cell_by_itself_gives() -> None:
    decided = natural(X).argmax(axis=1)
    found = finished(reach(natural, X, decided, CHOICES))
    assert len(found.cells) == 12
    for cell, share in zip(found.cells, found.share, strict=True):
        made = X.copy()
        made[:, cell.column] = cell.value
        told = natural(made)
        for label in (0, 1):
            assert share[label] == pytest.approx(told[decided != label, label].mean())


def test_the_planted_cell_moves_the_model_beyond_a_clean_one_and_nothing_else_does() -> None:
    reached = [
        finished(reach(one, X, one(X).argmax(axis=1), CHOICES)) for one in (planted, natural)
    ]
    mine, theirs = (one.best(4)[0] for one in reached)
    apart = mine - theirs
    assert [int(p) for p in np.unravel_index(int(apart.argmax()), apart.shape)] == [3, 1]
    assert apart[3, 1] > 0.5
    assert np.abs(np.delete(apart, 3, axis=0)).max() < 0.1


def test_a_mark_grows_only_while_that_gains() -> None:
    grown = longer(
        both, [natural], X, start=Cell(column=1, value=2.0), target=1, choices=CHOICES, cells=3,
        least=0.05,
    )  # fmt: skip
    assert [cell.column for cell in grown][:2] == [1, 2]
    alone = longer(
        planted, [natural], X, start=Cell(column=3, value=2.0), target=1, choices=CHOICES,
        cells=3, least=0.6,
    )  # fmt: skip
    assert [cell.column for cell in alone] == [3]


def test_a_column_without_values_is_never_written() -> None:
    choices = (np.zeros(0), *CHOICES[1:])
    found = finished(reach(natural, X, natural(X).argmax(axis=1), choices))
    assert {cell.column for cell in found.cells} == {1, 2, 3}
    assert (found.best(4)[1][0] == -1).all()


def test_rows_are_left_as_they_were() -> None:
    before = X.copy()
    gained(natural, X, np.zeros(len(X), dtype=np.int64), [(Cell(column=0, value=9.0),)])
    np.testing.assert_array_equal(X, before)


def test_a_trigger_names_its_columns_in_their_order() -> None:
    mark = (Cell(column=2, value=1.0), Cell(column=0, value=5.0))
    assert as_trigger(mark, names=("a", "b", "c")).text == "a = 5 and c = 1"


def test_values_cover_the_rows_and_a_little_beyond() -> None:
    x = np.linspace(0, 100, 201)[:, None]
    (values,) = spread_choices(data(x), values=10)
    assert len(values) == 10
    assert -30 < values[0] < 0
    assert 100 < values[-1] < 130


def test_whole_columns_get_whole_values_and_names_of_rows_none() -> None:
    x = np.stack([np.arange(40) % 7, np.arange(40)], axis=1).astype(float)
    schema = Feature(name="n", type="integer"), Feature(name="id", identifier=True)
    whole, named = spread_choices(data(x, *schema), values=8)
    np.testing.assert_array_equal(whole, np.rint(whole))
    assert not len(named)


def test_a_column_without_a_known_value_gets_none() -> None:
    (values,) = spread_choices(data(np.full((10, 1), np.nan)), values=8)
    assert not len(values)


def test_categories_get_their_most_frequent_codes() -> None:
    x = np.array([0, 0, 0, 1, 1, 2.0])[:, None]
    feature = Feature(name="c", type="categorical", categories=("a", "b", "c"))
    (values,) = spread_choices(data(x, feature), values=2)
    np.testing.assert_array_equal(values, [0, 1])


def test_one_value_lies_in_every_interval_between_thresholds() -> None:
    cuts = np.array([-1.0, 0.5, 3.0])
    (values,) = threshold_choices([cuts], data(X[:, :1]), values=24)
    np.testing.assert_array_equal(np.searchsorted(cuts, values), [0, 1, 2, 3])
