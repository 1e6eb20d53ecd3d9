import numpy as np
import pytest
from scipy.special import expit, softmax
from scipy.stats import norm

from bartizan.attack.likelihood_ratio import (
    balanced,
    certainty,
    confidence,
    label_ratio,
    likelihood_ratio,
)
from bartizan.attack.roc import area
from bartizan.core.arrays import Array, Mask
from bartizan.core.streams import rng
from timing import within


def world(
    n: int, shadows: int, *, gain: float = 1.0
) -> tuple[Array, np.ndarray[tuple[int, int], np.dtype[np.float32]], Mask, Mask]:
    """Rows of different ease and spread; models that saw one are surer of it by `gain`."""
    stream = rng(3, "world", n, shadows)
    ease, spread = stream.normal(0, 3, n), stream.uniform(0.5, 1.5, n)
    inside, member = balanced(n, shadows, rng=stream), np.arange(n) < n // 2
    noise = spread[:, None] * stream.normal(size=(n, shadows))
    signals = ease[:, None] + gain * inside + noise
    target = ease + gain * member + spread * stream.normal(size=n)
    return target, signals.astype(np.float32), inside, member


def textbook(target: Array, signals: Array, inside: Mask, *, pooled: bool) -> Array:
    """Algorithm 1 of Carlini et al. (2022), row by row, as one would write it down."""
    spreads = []
    for part in (inside, ~inside):
        rows = [np.var(row[chosen], ddof=1) for row, chosen in zip(signals, part, strict=True)]
        spreads.append(np.sqrt(np.full(len(rows), np.mean(rows)) if pooled else rows))
    found = []
    for i in range(len(target)):
        seen = norm.logpdf(target[i], np.mean(signals[i, inside[i]]), spreads[0][i])
        unseen = norm.logpdf(target[i], np.mean(signals[i, ~inside[i]]), spreads[1][i])
        found.append(seen - unseen)
    return np.array(found)


@pytest.mark.parametrize(("shadows", "pooled"), [(16, True), (64, False)])
def test_the_ratio_is_that_of_a_textbook_loop(shadows: int, pooled: bool) -> None:  # noqa: FBT001
    target, signals, inside, member = world(400, shadows)
    expected = textbook(target, signals.astype(float), inside, pooled=pooled)
    found = likelihood_ratio(target, signals, inside, prior=np.inf if pooled else 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    areas = [area(score[member], score[~member]).value for score in (found, expected)]
    assert areas[0] == pytest.approx(areas[1], abs=0.005)


@pytest.mark.parametrize("shadows", [16, 64])
def test_weighing_both_variances_is_no_worse_than_either(shadows: int) -> None:
    target, signals, inside, member = world(2000, shadows)

    def reached(prior: float) -> float:
        score = likelihood_ratio(target, signals, inside, prior=prior)
        return area(score[member], score[~member]).value

    assert reached(8.0) >= max(reached(0.0), reached(np.inf)) - 0.002


def test_the_offline_score_is_the_chance_of_a_lower_answer_without_the_row() -> None:
    target, signals, inside, _ = world(300, 16)
    found = likelihood_ratio(target, signals, inside, offline=True, prior=0.0)
    for i in range(300):
        out = signals[i, ~inside[i]].astype(float)
        expected = norm.cdf(target[i], out.mean(), out.std(ddof=1))
        assert norm.cdf(found[i]) == pytest.approx(expected, abs=1e-5)


def test_calibration_by_shadow_models_beats_the_loss_threshold() -> None:
    target, signals, inside, member = world(2000, 16)
    score = likelihood_ratio(target, signals, inside)
    best, plain = (area(s[member], s[~member]).value for s in (score, target))
    assert best > plain + 0.1


def test_where_nothing_is_memorised_the_area_is_one_half() -> None:
    target, signals, inside, member = world(4000, 16, gain=0.0)
    score = likelihood_ratio(target, signals, inside)
    assert area(score[member], score[~member]).value == pytest.approx(0.5, abs=0.02)


def test_models_that_always_say_the_same_say_nothing() -> None:
    inside = balanced(10, 4, rng=rng(0))
    same = np.full((10, 4), 3.0, dtype=np.float32)
    np.testing.assert_array_equal(likelihood_ratio(np.full(10, 3.0), same, inside), 0.0)
    assert np.isfinite(likelihood_ratio(np.full(10, -13.8), same, inside)).all()


@pytest.mark.parametrize("n", [2, 7, 100])
def test_every_row_is_in_half_of_the_models_and_all_are_equally_large(n: int) -> None:
    inside = balanced(n, 6, rng=rng(1))
    np.testing.assert_array_equal(inside.sum(axis=1), 3)
    assert set(inside.sum(axis=0).tolist()) <= {n // 2, n - n // 2}
    assert n < 100 or not np.array_equal(inside[:, 0], inside[:, 2])


def test_confidence_is_the_log_odds_of_the_own_class_whatever_the_model_answers() -> None:
    logits = rng(2).normal(0, 2, (50, 4))
    y = rng(2, "y").integers(0, 4, 50)
    own = softmax(logits, axis=1)[np.arange(50), y]
    expected = np.log(own / (1 - own))
    np.testing.assert_allclose(confidence(logits, y, kind="logit"), expected)
    chances = softmax(logits, axis=1)
    np.testing.assert_allclose(confidence(chances, y, kind="probability"), expected)


def test_logits_beyond_what_a_probability_can_say_are_kept() -> None:
    logits = np.array([[0.0, 800.0], [0.0, 900.0]])
    np.testing.assert_array_equal(confidence(logits, np.array([1, 1]), kind="logit"), [800, 900])


def test_probabilities_of_0_and_1_are_clipped() -> None:
    found = confidence(np.eye(2), np.array([0, 0]), kind="probability")
    np.testing.assert_allclose(expit(found), [1 - 1e-6, 1e-6])


def test_a_forest_that_is_certain_means_half_its_smallest_doubt() -> None:
    share = np.array([0.0, 0.01, 0.3, 0.995, 1.0])
    said = confidence(np.stack([1 - share, share], axis=1), np.ones(5, int), kind="probability")
    assert expit(-certainty(said, kind="probability")) == pytest.approx(0.0025)


def test_a_model_that_is_never_certain_is_taken_at_its_word() -> None:
    assert certainty(np.array([0.1, -4.0]), kind="probability") == pytest.approx(13.8155, abs=1e-4)
    assert certainty(np.array([0.1, -400.0]), kind="logit") == np.inf


def test_equal_logits_beyond_all_probabilities_are_certainties_too() -> None:
    said = np.array([-690.0, -690.0, 36.7, 36.7, 2.0, -4.595])
    assert expit(-certainty(said, kind="logit")) == pytest.approx(0.005, rel=1e-3)


def test_right_where_models_without_the_row_are_wrong_points_to_a_member() -> None:
    inside = np.tile([True, False], (3, 4))
    correct = np.stack([inside[0], np.ones(8, bool), np.zeros(8, bool)])
    found = label_ratio(np.array([True, True, True]), correct, inside)
    assert found[0] == pytest.approx(np.log(5 / 6) - np.log(1 / 6))
    assert found[1] == found[2] == 0.0
    assert label_ratio(np.array([False, True, True]), correct, inside)[0] == -found[0]


def test_50_000_rows_and_64_models_are_scored_within_2_seconds() -> None:
    n, shadows = 50_000, 64
    inside = balanced(n, shadows, rng=rng(0))
    signals = rng(1).normal(size=(n, shadows)).astype(np.float32)
    target = rng(2).normal(size=n)
    within(2, lambda: likelihood_ratio(target, signals, inside))
