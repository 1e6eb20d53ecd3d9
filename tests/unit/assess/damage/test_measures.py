"""Which rows count for a mark: none is chosen by the clean model that it is compared with."""

from types import MappingProxyType

import numpy as np
import pytest

from bartizan.assess.damage.measures import CELLS, found, shown
from bartizan.assess.damage.trials import Trials
from bartizan.core.arrays import Array, Mask
from bartizan.core.streams import rng


def idle(chance: Array, *, seeds: int, seed: int) -> Trials:
    """A mark that does nothing; models give a row to the target by luck, each with its chance."""
    stream = rng(seed, "idle")
    n = len(chance)

    def told() -> Mask:
        return np.asarray(stream.random((seeds, n)) < chance)

    clean, poisoned = told(), told()
    return Trials(
        held=np.ones(n, dtype=np.int64),
        marked=np.arange(n),
        clean=~clean,
        natural=MappingProxyType({"idle": clean}),
        right=MappingProxyType({("idle", 0.01): ~poisoned}),
        hits=MappingProxyType({("idle", 0.01): poisoned}),
    )


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_a_mark_that_does_nothing_wins_nothing_of_models_that_are_left_to_luck(seeds: int) -> None:
    """Chosen by the same clean models that are taken off, rows gave it 0.05 to 0.20."""
    chance = rng(0, "chances").uniform(0.0, 0.8, 4000)
    values = [
        found(idle(chance, seeds=seeds, seed=seed), kind=CELLS, rate=0.01).by["idle"][0.01].value
        for seed in range(10)
    ]
    assert abs(np.mean(values)) < 0.01


def test_the_clean_share_is_that_of_the_same_rows() -> None:
    chance = np.full(4000, 0.2)
    result = found(idle(chance, seeds=5, seed=0), kind=CELLS, rate=0.01)
    assert result.natural["idle"] == pytest.approx(0.2, abs=0.01)


def test_a_row_counts_for_a_seed_where_most_other_clean_models_get_it_right() -> None:
    right = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1]], dtype=bool)
    made = Trials(held=np.ones(3, dtype=np.int64), marked=np.arange(3), clean=right)
    assert shown(made).tolist() == [
        [True, False, False],
        [True, True, False],
        [True, False, False],
    ]


def test_a_seed_without_a_row_leaves_nothing_to_say() -> None:
    right = np.array([[1, 1], [0, 0]], dtype=bool)
    made = Trials(
        held=np.ones(2, dtype=np.int64), marked=np.arange(2), clean=right,
        right={("way", 0.01): right},
    )  # fmt: skip
    result = found(made, kind=CELLS, rate=0.01)
    assert (result.n, result.by, result.natural) == (0, {}, {})
