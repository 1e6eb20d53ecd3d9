import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.errors import ShapeError
from bartizan.core.streams import rng
from bartizan.detect import discrete_discovery as module
from bartizan.detect.discovery import adjusted
from bartizan.detect.discrete_discovery import discrete_step_up

LEVEL = 0.05


def p_values(chances: Array, y: Ints) -> Array:
    own = chances[np.arange(len(y)), y]
    return np.minimum(np.where(chances <= own[:, None], chances, 0.0).sum(axis=1), 1.0)


def world(seed: int, *, n: int = 3000, k: int = 3, rate: float = 0.1) -> tuple[Array, Ints, Mask]:
    """Chances, labels drawn from them, and some drawn without regard to them."""
    draws = rng(seed, "discrete")
    odds = np.exp(5 * draws.normal(size=(n, k)))
    chances = odds / odds.sum(axis=1, keepdims=True)
    y = (draws.random(n)[:, None] > chances.cumsum(axis=1)).sum(axis=1).clip(max=k - 1)
    wrong = draws.random(n) < rate
    return chances, np.where(wrong, draws.integers(k, size=n), y), wrong


def by_hand(p: Array, chances: Array, level: float) -> Mask:
    """The definition, bound by bound and row by row."""
    stricter, best = level / (1 + level), -1.0
    for bound in sorted(p[p <= stricter]):
        expected = 0.0
        for row in chances:
            values = [row[row <= one].sum() for one in row]
            reached = [value for value in values if value <= bound + 1e-12]
            expected += max(reached, default=0.0)
        if expected <= stricter * (p <= bound).sum():
            best = bound
    return np.asarray(p <= best)


@pytest.mark.parametrize("k", [2, 4])
def test_it_is_what_its_definition_says(k: int) -> None:
    chances, y, _ = world(1, n=150, k=k, rate=0.2)
    p = p_values(chances, y)
    found = discrete_step_up(p, chances=chances, level=0.2)
    assert found.tolist() == by_hand(p, chances, 0.2).tolist()
    assert 5 < found.sum() < 100


def test_the_share_of_false_discoveries_holds() -> None:
    """A label drawn without regard to its row is false; the mean over 60 worlds, and its error."""
    shares, found, plain = [], 0, 0
    for seed in range(60):
        chances, y, wrong = world(seed)
        p = p_values(chances, y)
        named = discrete_step_up(p, chances=chances, level=LEVEL)
        shares.append(float((named & ~wrong).sum() / max(named.sum(), 1)))
        found += int((named & wrong).sum())
        plain += int((wrong & (adjusted(p, dependent=False) <= LEVEL)).sum())
    error = float(np.std(shares, ddof=1)) / len(shares) ** 0.5
    assert 0.5 * LEVEL < np.mean(shares) < LEVEL + 3 * error
    assert found > 1.3 * plain


def test_where_nothing_is_wrong_something_is_named_no_more_often_than_the_level() -> None:
    named = 0
    for seed in range(100):
        chances, y, _ = world(seed, n=400, rate=0.0)
        named += int(discrete_step_up(p_values(chances, y), chances=chances, level=LEVEL).any())
    assert named <= 11  # 100 trials at 5 %: more has a chance below 1 %


def test_a_p_value_that_is_not_to_count_is_not_believed() -> None:
    chances, y, _ = world(2)
    p = p_values(chances, y)
    before = discrete_step_up(p, chances=chances, level=LEVEL)
    out = np.flatnonzero(before)[::3]
    p[out] = 1.0
    after = discrete_step_up(p, chances=chances, level=LEVEL)
    assert not after[out].any()
    assert not (after & ~before).any()


def test_blocks_and_order_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    chances, y, _ = world(3, n=700)
    p = p_values(chances, y)
    before = discrete_step_up(p, chances=chances, level=LEVEL)
    order = rng(4).permutation(700)
    monkeypatch.setattr(module, "_BLOCK", 100)
    after = discrete_step_up(p[order], chances=chances[order], level=LEVEL)
    assert after.tolist() == before[order].tolist()


def test_labels_that_all_fit_are_left_alone() -> None:
    assert not discrete_step_up(np.ones(5), chances=np.full((5, 2), 0.5), level=LEVEL).any()


def test_p_values_that_do_not_belong_to_the_chances_are_refused() -> None:
    with pytest.raises(ShapeError, match="one p-value for each row"):
        discrete_step_up(np.ones(3), chances=np.ones((2, 2)), level=LEVEL)
