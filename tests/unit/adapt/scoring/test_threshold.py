import numpy as np
import pytest

from bartizan.adapt.scoring.threshold import at_threshold, require_threshold
from bartizan.core.errors import ConfigError


@pytest.mark.parametrize("threshold", [0.01, 0.3, 0.5, 1 / 3, 0.97])
def test_second_class_wins_exactly_from_the_threshold_on(threshold: float) -> None:
    near = [np.nextafter(threshold, 0), threshold, np.nextafter(threshold, 1)]
    chance = np.array([0.0, 1e-9, *near, 1 - 1e-12, 1.0])
    scores = at_threshold(
        np.stack([1 - chance, chance], axis=1), kind="probability", threshold=threshold
    )
    assert np.isfinite(scores).all()
    assert scores.argmax(axis=1).tolist() == (chance >= threshold).astype(int).tolist()


def test_logits_move_by_the_log_odds() -> None:
    logits = np.array([[0.0, 0.0], [1.0, 3.0]])
    moved = at_threshold(logits, kind="logit", threshold=0.75)
    np.testing.assert_allclose(moved, [[0.0, -np.log(3)], [0.0, 2 - np.log(3)]])


def test_at_one_half_a_tie_is_the_second_class() -> None:
    assert at_threshold(np.zeros((1, 2)), kind="logit", threshold=0.5).argmax() == 1


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_thresholds_outside_zero_to_one_are_refused(threshold: float) -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        require_threshold(threshold)
