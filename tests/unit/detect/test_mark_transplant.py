"""Marks rebuilt from their carriers and tried on other rows."""

from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import ScoreKind
from bartizan.core.schema import Label
from bartizan.detect.transplant import Surroundings, effect


@dataclass(frozen=True)
class Bright:
    """Says class 1 where the first value is above a line."""

    line: float
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        return np.eye(2)[(x[:, 0] > self.line).astype(np.int64)]


def pictures() -> tuple[Array, Ints, Mask]:
    """Three classes around means of their own; 60 rows of class 2 are of classes 0 and 1."""
    rng = np.random.default_rng(0)
    means = rng.uniform(40, 200, size=(3, 100))
    real = np.repeat([0, 1, 2], 200)
    x = np.clip(means[real] + rng.normal(0, 20, size=(600, 100)), 0, 255)
    bad = np.zeros(600, dtype=bool)
    bad[170:230] = True
    return x, np.where(bad, 2, real), bad


def test_a_laid_over_picture_is_rebuilt() -> None:
    x, y, bad = pictures()
    pattern = np.random.default_rng(1).uniform(0, 255, size=100)
    x[bad] = 0.7 * x[bad] + 0.3 * pattern
    found = Surroundings(x=x, y=y, low=0, high=255).rebuilt(bad, label=2)[0]
    change = found.mask * (found.pattern - 120)
    assert np.corrcoef(change, 0.3 * (pattern - 120))[0, 1] > 0.95
    assert found.mask[0] == pytest.approx(0.3, abs=0.1)


def test_a_patch_is_rebuilt() -> None:
    x, y, bad = pictures()
    x[np.ix_(bad, np.arange(9))] = 255.0
    found = Surroundings(x=x, y=y, low=0, high=255).rebuilt(bad, label=2)[1]
    assert np.flatnonzero(found.mask).tolist() == list(range(9))
    assert (found.pattern[:9] == 255).all()


def test_a_mark_put_on_and_taken_off_leaves_the_row() -> None:
    x, y, bad = pictures()
    around = Surroundings(x=x, y=y, low=0, high=255)
    mark = around.rebuilt(bad, label=2)[0]
    rows = np.arange(20)
    rng = np.random.default_rng(0)
    stamped = Surroundings(
        x=around.stamped(mark, rows, rng=rng), y=y[rows], low=0, high=255
    ).stripped(mark, rows)
    assert np.abs(stamped - x[rows]).mean() < 1.0


def test_the_net_effect_is_what_one_model_does_beyond_the_other() -> None:
    plain = np.zeros((100, 1))
    marked = np.concatenate([np.full((90, 1), 5.0), np.full((10, 1), 2.0)])
    found = effect(Bright(3.0), Bright(9.0), plain=plain, marked=marked, target=1)
    assert (found.with_carriers, found.without, found.n) == (90, 0, 100)
    value, low, high = found.net
    assert value == 0.9
    assert low < 0.9 < high


def test_what_moves_both_models_has_no_effect() -> None:
    plain, marked = np.zeros((100, 1)), np.full((100, 1), 5.0)
    assert effect(Bright(3.0), Bright(3.0), plain=plain, marked=marked, target=1).net[0] == 0.0


def test_rows_that_are_of_the_target_anyway_do_not_count() -> None:
    plain = np.full((100, 1), 5.0)
    found = effect(Bright(3.0), Bright(9.0), plain=plain, marked=plain, target=1)
    assert found.with_carriers == 0
