"""Fine-pruning takes out what honest rows do not use."""

import numpy as np
import pytest

from bartizan.core.errors import ModelError, UsageError
from bartizan.core.streams import rng
from bartizan.defend.fine_pruning import balanced_accuracy, fine_pruned
from unit.defend.networks import planted


def test_at_most_the_share_goes_and_accuracy_stays() -> None:
    known = planted()
    made = fine_pruned(known.model, known.spare, rng=rng(0, "prune"))
    assert 0 < len(made.units) <= 0.3 * made.width
    assert made.model.features(known.test.x)[-1].shape[1] == made.width - len(made.units)
    assert balanced_accuracy(made.model, known.test) > 0.9


def test_the_most_silent_units_go_first() -> None:
    known = planted()
    made = fine_pruned(known.model, known.spare, rng=rng(0, "prune"), loss=1.0)
    loud = known.model.features(known.spare.x)[-1].mean(axis=0)
    assert loud[made.units].max() <= np.delete(loud, made.units).min()


def test_units_without_a_voice_can_go_and_nothing_changes() -> None:
    known = planted()
    last = known.model.features(known.test.x)[-1]
    mute = np.flatnonzero((last == 0).all(axis=0))
    empty = np.empty(0, np.int64)
    made = known.model.without([empty, mute])
    assert np.allclose(made.scores(known.test.x), known.model.scores(known.test.x), atol=1e-6)


def test_units_that_are_gone_stay_gone_when_the_network_learns_on() -> None:
    known = planted()
    made = known.model.without([np.array([0, 3]), np.array([5])])
    tuned = made.tuned(known.spare, rng(0, "tune"), rounds=2)
    assert [layer.shape[1] for layer in tuned.features(known.test.x)] == [62, 31]


def test_a_layer_is_never_emptied() -> None:
    known = planted()
    with pytest.raises(ModelError, match="at least one"):
        known.model.without([np.arange(64), np.empty(0, np.int64)])


def test_too_few_rows_are_refused() -> None:
    known = planted()
    with pytest.raises(UsageError, match="at least 10 rows"):
        fine_pruned(known.model, known.spare.take(np.arange(9)), rng=rng(0, "prune"))
