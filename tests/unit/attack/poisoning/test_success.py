from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.attack.poisoning.success import net_success, paired_gap, success
from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import InputError
from bartizan.core.interval import gap_interval, share_interval
from bartizan.core.schema import Label
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells

MARK = Cells(columns=np.array([1]), values=np.array([9.0]))


@dataclass(frozen=True)
class Follows:
    """Says what column 0 holds, and class 1 where the mark is and column 2 is below a limit."""

    limit: float
    wrong: int = -1
    """A class it never gets right."""
    classes: tuple[Label, ...] = (0, 1, 2)
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        says = np.where((x[:, 1] == 9.0) & (x[:, 2] < self.limit), 1, x[:, 0]).astype(int)
        return np.eye(3)[np.where(says == self.wrong, (says + 2) % 3, says)]


def rows() -> Array:
    y = np.arange(300) % 3
    return np.column_stack([y, np.zeros(300), np.arange(300) / 300])


def test_success_is_counted_over_right_rows_of_other_classes() -> None:
    x = rows()
    y = x[:, 0].astype(np.int64)
    found = success(Follows(0.5), x, y, trigger=MARK, target=1, rng=rng(0))
    assert np.array_equal(found.rows, np.flatnonzero(y != 1))
    assert found.share == pytest.approx(0.5)
    assert found.interval == share_interval(100, 200)
    fewer = success(Follows(0.5, wrong=2), x, y, trigger=MARK, target=1, rng=rng(0))
    assert np.array_equal(fewer.rows, np.flatnonzero(y == 0))


def test_what_the_mark_does_to_a_clean_model_is_taken_off() -> None:
    x = rows()
    y = x[:, 0].astype(np.int64)
    net = net_success(Follows(0.9), Follows(0.3), x, y, trigger=MARK, target=1, rng=rng(0))
    assert [net.poisoned, net.clean, net.n] == pytest.approx([0.9, 0.3, 200])
    assert net.value == pytest.approx(0.6)
    assert net.low < 0.6 < net.high


def test_both_models_are_judged_on_the_same_rows() -> None:
    x = rows()
    y = x[:, 0].astype(np.int64)
    net = net_success(Follows(0.9, wrong=0), Follows(0.3), x, y, trigger=MARK, target=1, rng=rng(0))
    assert net.n == 100


def test_no_right_row_of_another_class_is_an_error() -> None:
    x = rows()[1::3]
    y = x[:, 0].astype(np.int64)
    with pytest.raises(InputError, match="nothing can be said of the mark"):
        success(Follows(0.5), x, y, trigger=MARK, target=1, rng=rng(0))


def test_the_paired_interval_is_the_published_one() -> None:
    """Newcombe (1998), table II, row (a): e, f, g, h = 36, 12, 2, 0 of 50: 0.0569 to 0.3404.

    Their limits are Wilson's; those of Clopper and Pearson are wider.
    """
    first = np.repeat([True, True, False, False], [36, 12, 2, 0])
    second = np.repeat([True, False, True, False], [36, 12, 2, 0])
    gap, low, high = paired_gap(first, second)
    assert gap == pytest.approx(0.2)
    assert low == pytest.approx(0.0569, abs=0.02)
    assert high == pytest.approx(0.3404, abs=0.02)
    assert low < 0.0569
    assert high > 0.3404


def test_the_paired_interval_covers_the_difference_of_correlated_shares() -> None:
    draws, inside, n = np.random.default_rng(0), 0, 80
    for _ in range(1000):
        kind = draws.choice(4, size=n, p=[0.1, 0.5, 0.02, 0.38])
        _, low, high = paired_gap(kind <= 1, (kind == 0) | (kind == 2))
        inside += low <= 0.48 <= high
    assert inside >= 931  # 95 % of 1000, less 2.8 deviations of 6.9


def test_shares_that_have_nothing_to_do_with_each_other_have_the_unpaired_interval() -> None:
    first = np.repeat([True, False], [50, 50])
    second = np.tile([True, False], 50)
    assert paired_gap(first, second) == pytest.approx(gap_interval((50, 100), (50, 100)))


@pytest.mark.parametrize("both", [True, False])
def test_the_interval_stays_within_its_range_at_the_ends(both: bool) -> None:  # noqa: FBT001 (a parameter)
    gap, low, high = paired_gap(np.ones(5, dtype=bool), np.full(5, both))
    assert -1.0 <= low <= gap <= high <= 1.0
