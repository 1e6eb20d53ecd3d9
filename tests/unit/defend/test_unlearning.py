"""Unlearning takes a planted mark's meaning away and leaves the rest."""

import numpy as np
import pytest

from bartizan.core.classifier import Tunable
from bartizan.core.errors import UsageError
from bartizan.core.streams import rng
from bartizan.defend.fine_pruning import balanced_accuracy
from bartizan.defend.unlearning import stamped, unlearnt
from unit.defend.networks import planted


def test_a_known_mark_is_unlearnt_and_accuracy_stays() -> None:
    known = planted()
    assert known.success(known.model) > 0.9  # else nothing is repaired
    made = unlearnt(known.model, known.spare, known.trigger, rng=rng(0, "unlearn"))
    assert known.success(made) < 0.15
    assert balanced_accuracy(made, known.test) > balanced_accuracy(known.model, known.test) - 0.02


def test_the_model_itself_is_left_as_it_was() -> None:
    known = planted()
    before = known.model.scores(known.test.x)
    unlearnt(known.model, known.spare, known.trigger, rng=rng(0, "unlearn"))
    assert np.array_equal(known.model.scores(known.test.x), before)


def test_stamped_rows_keep_their_labels_unless_a_target_is_said() -> None:
    known = planted()
    rows = np.array([1, 4])
    told = stamped(known.spare, known.trigger, rows=rows, rng=rng(0, "rows"))
    assert np.array_equal(told.y, known.spare.y)
    assert sorted(np.flatnonzero((told.x != known.spare.x).any(axis=1))) == [1, 4]
    attacked = stamped(known.spare, known.trigger, rows=rows, rng=rng(0, "rows"), target=7)
    assert (attacked.y[rows] == 7).all()


@pytest.mark.parametrize("share", [0.0, 0.001, 1.5])
def test_a_share_that_marks_no_row_is_refused(share: float) -> None:
    known = planted()
    with pytest.raises(UsageError, match="expected a share"):
        unlearnt(known.model, known.spare, known.trigger, rng=rng(0, "unlearn"), share=share)


def test_our_network_can_be_tuned() -> None:
    assert isinstance(planted().model, Tunable)
