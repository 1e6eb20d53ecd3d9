import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import decisions
from bartizan.core.streams import rng
from bartizan.explain.permutation import Losses, losses, permutation
from models import Counting, linear

X = rng(0, "x").normal(size=(400, 5))
WEIGHTS = np.array([0.0, 3.0, 1.0, 0.0, 0.5])


def shuffled(
    x: Array, y: Ints, groups: list[list[int]], *, repeats: int = 5, seed: int = 0
) -> Losses:
    parts = permutation(
        linear(WEIGHTS),
        x,
        y,
        donors=x,
        groups=[np.array(group) for group in groups],
        repeats=repeats,
        rng=rng(seed, "shuffles"),
    )
    return losses(list(parts), y)


def own(x: Array) -> Ints:
    return decisions(linear(WEIGHTS).scores(x))


def test_features_are_ranked_by_what_they_decide() -> None:
    lost = shuffled(X, own(X), [[0], [1], [2], [3], [4]])
    assert list(np.argsort(-lost.value)[:3]) == [1, 2, 4]
    assert lost.value[0] == lost.value[3] == 0.0
    low, _ = lost.interval()
    assert (low[[1, 2]] > 0).all()


def test_the_value_is_the_loss_of_balanced_accuracy() -> None:
    y = (np.arange(400) < 20).astype(np.int64)  # rare, and nothing the model says
    lost = shuffled(X, y, [[1]], repeats=200)
    right = own(X) == y
    shuffle = linear(WEIGHTS).scores(X)[:, 1] * 0.0
    for value in X[:, 1]:  # by hand: every row with every donor
        mixed = X.copy()
        mixed[:, 1] = value
        shuffle += (own(mixed) == y) / len(X)
    loss = right - shuffle
    wanted = (loss[y == 0].mean() + loss[y == 1].mean()) / 2
    assert lost.value[0] == pytest.approx(wanted, abs=0.01)


def test_columns_of_a_group_move_together() -> None:
    seen = Counting(linear(WEIGHTS))
    names = np.column_stack([np.arange(50.0), np.arange(50.0) + 100, np.zeros((50, 3))])
    groups = [np.array([0, 1])]
    list(permutation(
        seen, names, own(names), donors=names, groups=groups, repeats=3, rng=rng(0)
    ))  # fmt: skip
    asked = np.concatenate(seen.seen[1:])
    assert len(asked) == 150
    assert (asked[:, 1] - asked[:, 0] == 100).all()


@pytest.mark.parametrize(("n", "repeats"), [(10, 3), (5000, 4)])
def test_every_shuffle_is_asked_once_and_not_one_row_more(n: int, repeats: int) -> None:
    seen = Counting(linear(WEIGHTS))
    x = rng(1, "many").normal(size=(n, 5))
    groups = [np.array([j]) for j in range(5)]
    parts = list(permutation(
        seen, x, own(x), donors=x, groups=groups, repeats=repeats, rng=rng(0)
    ))  # fmt: skip
    assert sum(len(part) for part in seen.seen) == n * (1 + 5 * repeats)
    assert all(each.shape == (repeats, n) for _, each in parts)


def test_intervals_of_noise_hold_zero_nineteen_times_in_twenty() -> None:
    held = 0
    for seed in range(100):
        x = rng(seed, "noise").normal(size=(200, 5))
        y = rng(seed, "label").integers(0, 2, 200)  # the model knows nothing
        low, high = shuffled(x, y, [[1]], seed=seed).interval()
        held += bool(low[0] <= 0 <= high[0])
    assert held >= 89  # 95 expected; below 89 has a chance of 0.4 %


def test_resampling_agrees_with_the_interval() -> None:
    lost = shuffled(X, own(X), [[1], [2], [4]], repeats=20)
    drawn = lost.resampled(4000, rng=rng(0, "draws"))
    low, high = lost.interval()
    assert drawn.mean(axis=0) == pytest.approx(lost.value, abs=0.003)
    assert 4 * drawn.std(axis=0) == pytest.approx(high - low, rel=0.25)


def test_one_row_of_a_class_and_one_repeat_are_no_error() -> None:
    y = own(X[:9]).copy()
    y[:] = 0
    y[4] = 1
    low, high = shuffled(X[:9], y, [[1]], repeats=1).interval()
    assert np.isfinite([low, high]).all()
