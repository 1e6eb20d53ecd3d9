import numpy as np
import pytest
from scipy.stats import binom

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.errors import ShapeError
from bartizan.core.streams import rng
from bartizan.detect import mislabelled as module
from bartizan.detect.discrete_discovery import discrete_step_up
from bartizan.detect.mislabelled import Verdict, mislabelled


def world(
    n: int, *, rate: float, k: int = 2, seed: int = 0, sure: float = 3.0
) -> tuple[Array, Ints, Mask]:
    """Chances that are right, labels drawn from them, and some made wrong."""
    draws = rng(seed, "world")
    odds = np.exp(sure * draws.normal(size=(n, k)))
    chances = odds / odds.sum(axis=1, keepdims=True)
    y = (draws.random(n)[:, None] > chances.cumsum(axis=1)).sum(axis=1).clip(max=k - 1)
    wrong = draws.random(n) < rate
    moved = (y + draws.integers(1, k, size=n)) % k
    return chances, np.where(wrong, moved, y), wrong


def judged(chances: Array, y: Ints) -> Verdict:
    return mislabelled((chances,), y, rng=rng(0))


@pytest.mark.parametrize(("k", "rate"), [(2, 0.02), (2, 0.1), (2, 0.3), (4, 0.02), (4, 0.1)])
def test_the_share_is_found_without_being_told(k: int, rate: float) -> None:
    chances, y, wrong = world(4000, rate=rate, k=k)
    found = judged(chances, y)
    assert found.low <= wrong.mean() <= found.high
    assert found.high - found.low < 0.15


def test_where_labels_are_honest_the_interval_begins_at_nothing() -> None:
    found = [judged(*world(1000, rate=0.0, seed=seed)[:2]) for seed in range(10)]
    assert sum(one.low > 0 for one in found) <= binom.ppf(0.999, 10, 0.05)
    assert max(one.share for one in found) < 0.02


@pytest.mark.parametrize("power", [0.3, 3.0])
def test_exaggerated_and_timid_evidence_is_put_right(power: float) -> None:
    chances, y, wrong = world(4000, rate=0.1)
    bent = np.maximum(chances, 1e-2) ** power
    found = judged(bent / bent.sum(axis=1, keepdims=True), y)
    assert found.low <= wrong.mean() <= found.high + 0.01
    assert np.corrcoef(found.honest[:, 1], chances[:, 1])[0, 1] > 0.98


def test_evidence_calibrated_to_wrong_labels_errs_to_the_small_side() -> None:
    chances, y, wrong = world(4000, rate=0.1)
    found = judged(0.8 * chances + 0.1, y)
    assert found.low <= wrong.mean()
    assert found.share <= wrong.mean() + 0.02


def test_labels_that_are_wrong_in_one_direction_are_told_by_class() -> None:
    chances, y, _ = world(4000, rate=0.0)
    wrong = (y == 1) & (rng(2).random(4000) < 0.2)
    found = judged(chances, np.where(wrong, 0, y))
    assert found.share == pytest.approx(wrong.mean(), abs=0.03)
    assert found.wrong[wrong].mean() > 3 * found.wrong[~wrong].mean()


def test_of_the_rows_believed_to_be_wrong_few_are_not() -> None:
    falses, names = 0, 0
    for seed in range(5):
        chances, y, wrong = world(4000, rate=0.1, seed=seed, sure=6.0)
        found = judged(chances, y)
        named = discrete_step_up(found.p, chances=found.honest, level=0.05)
        falses, names = falses + int(named[~wrong].sum()), names + int(named.sum())
    assert names > 100
    assert falses <= binom.ppf(0.999, names, 0.05)


def test_p_values_of_honest_labels_are_valid() -> None:
    chances, y, _ = world(5000, rate=0.0)
    p = judged(chances, y).p
    for level in (0.1, 0.01, 0.001):
        assert (p <= level).sum() <= binom.ppf(0.999, len(p), 1.2 * level)


def test_order_does_not_matter_and_useless_evidence_does_no_harm() -> None:
    chances, y, _ = world(1000, rate=0.1)
    found = judged(chances, y)
    order = rng(3).permutation(1000)
    assert judged(chances[order], y[order]).wrong == pytest.approx(found.wrong[order], abs=0.02)
    noise = np.full_like(chances, 0.5)
    with_noise = mislabelled((chances, noise), y, rng=rng(0))
    assert with_noise.share == pytest.approx(found.share, abs=0.01)


def test_evidence_that_says_nothing_accuses_nobody() -> None:
    y = rng(4).integers(2, size=500)
    found = judged(np.full((500, 2), 0.5), y)
    assert found.low < 1e-3
    assert not discrete_step_up(found.p, chances=found.honest, level=0.05).any()
    assert np.isfinite(found.against).all()


def test_certain_evidence_is_not_taken_at_its_word() -> None:
    y = np.arange(400) % 2
    found = judged(np.eye(2)[y], y)
    assert found.share == 0.0
    assert (found.wrong < 0.01).all()


def test_of_very_many_numbers_a_part_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_NUMBERS", 3000)
    chances, y, wrong = world(6000, rate=0.1)
    found = judged(chances, y)
    assert found.wrong.shape == (6000,)
    assert found.share == pytest.approx(wrong.mean(), abs=0.04)


def test_very_many_classes_are_judged() -> None:
    draws = rng(5)
    y = np.repeat(np.arange(200), 10)
    chances = 0.7 * np.eye(200)[y] + 0.3 / 200
    y[:100] = draws.integers(200, size=100)
    found = judged(chances, y)
    assert found.share == pytest.approx(0.05, abs=0.02)
    assert found.wrong[:100].mean() > 0.9


def test_parts_that_do_not_belong_to_the_labels_are_refused() -> None:
    with pytest.raises(ShapeError, match="one row for each"):
        mislabelled((np.ones((3, 2)),), np.zeros(2, dtype=np.int64), rng=rng(0))
