from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.attack.poisoning.success import net_success, success
from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import InputError
from bartizan.core.interval import share_interval
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
    answer: int = 1
    """What the mark calls up."""
    classes: tuple[Label, ...] = (0, 1, 2)
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        says = np.where((x[:, 1] == 9.0) & (x[:, 2] < self.limit), self.answer, x[:, 0]).astype(int)
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


def test_an_answer_that_is_wrong_but_not_the_target_is_no_success() -> None:
    x = rows()
    y = x[:, 0].astype(np.int64)
    astray = Follows(1.0, answer=2)
    assert success(astray, x, y, trigger=MARK, target=1, rng=rng(0)).share == 0.0


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
