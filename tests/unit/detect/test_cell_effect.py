from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells
from bartizan.detect.carrier_origin import foreign_share
from bartizan.detect.cell_effect import net_effect
from bartizan.detect.rank_bins import rank_bins


@dataclass(frozen=True)
class Rule:
    """Class 1 where a column is above a limit."""

    limit: float
    classes: tuple[int, int] = (0, 1)
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        return np.eye(2)[(x[:, 0] > self.limit).astype(np.int64)]


MARK = Cells(columns=np.array([0]), values=np.array([5.0]))


def test_what_both_models_do_is_no_effect_of_the_mark() -> None:
    x = np.zeros((100, 2))
    found = net_effect(MARK, with_=Rule(1), without=Rule(1), x=x, target=1, rng=rng(0))
    assert (found.share, found.moved, found.moved_anyway, found.p) == (0, 100, 100, 1)


def test_what_only_the_first_does_is_the_effect() -> None:
    x = np.zeros((100, 2))
    found = net_effect(MARK, with_=Rule(1), without=Rule(9), x=x, target=1, rng=rng(0))
    assert found.share == 1
    assert found.low > 0.94
    assert found.p == pytest.approx(0.5**100)


def test_a_draw_of_other_rows_is_not_foreign_and_a_group_is() -> None:
    x = rng(0, "rows").normal(size=(2000, 10))
    x[:40] += 1.0
    bins = rank_bins(x, most=8)
    others, none = np.arange(100, 2000), np.empty(0, dtype=np.int64)
    draw = rng(1, "draw")
    group, chance = foreign_share(bins, rows=np.arange(40), others=others, marked=none, rng=draw)
    assert group > max(0.2, chance)
    drawn = [
        foreign_share(bins, rows=np.arange(at, at + 15), others=others, marked=none, rng=draw)
        for at in range(100, 700, 15)
    ]
    assert sum(found > max(0.05, limit) for found, limit in drawn) <= 2
