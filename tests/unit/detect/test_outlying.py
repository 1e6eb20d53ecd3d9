from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom

from bartizan.core.arrays import Array, Mask
from bartizan.core.errors import InputError, ShapeError
from bartizan.core.streams import rng
from bartizan.detect.discovery import adjusted
from bartizan.detect.outlying import FEWEST, tail_p

Draw = Callable[[np.random.Generator, int], Array]
LIGHT: dict[str, Draw] = {
    "normal": lambda draws, n: draws.normal(size=n),
    "half normal": lambda draws, n: np.abs(draws.normal(size=n)),
    "exponential": lambda draws, n: draws.exponential(size=n),
    "gamma": lambda draws, n: draws.gamma(4, size=n),
    "chi-square": lambda draws, n: draws.chisquare(1, size=n),
    "uniform": lambda draws, n: draws.random(n),
    "beta": lambda draws, n: draws.beta(0.3, 2, size=n),
}
HEAVY: dict[str, Draw] = {
    "lognormal": lambda draws, n: draws.lognormal(0, 1, size=n),
    "t with 5 degrees": lambda draws, n: draws.standard_t(5, size=n),
    "t with 3 degrees": lambda draws, n: draws.standard_t(3, size=n),
}
TURNS = 40


def believed(p: Array) -> Mask:
    return adjusted(p, dependent=False) <= 0.05


@pytest.mark.parametrize("form", LIGHT)
@pytest.mark.parametrize("n", [200, 2000])
def test_honest_scores_of_light_tails_give_no_more_false_alarms_than_stated(
    form: str, n: int
) -> None:
    alarms = [bool(believed(tail_p(LIGHT[form](rng(k, form), n))).any()) for k in range(TURNS)]
    assert sum(alarms) <= binom.ppf(0.999, TURNS, 0.05)


@pytest.mark.parametrize("form", HEAVY)
def test_of_honest_scores_of_heavy_tails_few_are_believed_to_be_odd(form: str) -> None:
    shares = [believed(tail_p(HEAVY[form](rng(k, form), 2000))).mean() for k in range(TURNS)]
    assert np.mean(shares) <= 0.002
    assert max(shares) <= 0.01


@pytest.mark.parametrize("form", ["normal", "exponential", "gamma"])
def test_p_values_err_to_the_large_side(form: str) -> None:
    p = np.concatenate([tail_p(LIGHT[form](rng(k, form), 5000)) for k in range(10)])
    for level in (0.1, 0.01, 0.001):
        assert (p <= level).sum() <= binom.ppf(0.999, len(p), level)


@pytest.mark.parametrize(("share", "away"), [(0.01, 10), (0.05, 10), (0.1, 8), (0.3, 6), (0.45, 6)])
def test_odd_rows_are_found_however_many_they_are(share: float, away: float) -> None:
    n, odd = 2000, round(share * 2000)
    scores = rng(3).normal(size=n)
    scores[:odd] += away
    found = believed(tail_p(scores))
    assert found[:odd].mean() >= 0.95
    assert found[odd:].mean() <= 0.02


def test_a_group_of_which_nearly_half_is_odd_is_found_among_others() -> None:
    groups = np.repeat(np.arange(5), 400)
    scores = rng(4).normal(size=2000) * (1 + groups) + 100 * groups
    odd = np.arange(2000) < 160
    scores[odd] += 12
    found = believed(tail_p(scores, groups=groups))
    assert found[odd].mean() >= 0.95
    assert found[~odd].mean() <= 0.01


def test_units_and_origin_do_not_matter() -> None:
    scores = rng(5).gamma(2, size=500)
    assert tail_p(scores * 1e-3 - 7) == pytest.approx(tail_p(scores), rel=1e-3)


def test_larger_scores_have_smaller_p_values_and_order_does_not_matter() -> None:
    scores = np.concatenate([rng(6).normal(size=300), [8.0, 20.0]])
    p = tail_p(scores)
    assert (np.diff(p[np.argsort(scores)]) <= 0).all()
    order = rng(7).permutation(len(scores))
    assert np.array_equal(tail_p(scores[order]), p[order])


@pytest.mark.parametrize(
    "scores",
    [np.zeros(1000), np.arange(FEWEST - 1.0), np.zeros(0), np.repeat([0.0, 1.0], [999, 1])],
    ids=["all equal", "too few", "none", "one other"],
)
def test_nothing_is_said_where_no_tail_is_known(scores: Array) -> None:
    assert (tail_p(scores) == 1).all()


def test_groups_without_spread_and_groups_of_one_are_taken() -> None:
    scores = np.concatenate([np.full(100, 3.0), rng(8).normal(size=200), [50.0]])
    groups = np.repeat([0, 1, 2], [100, 200, 1])
    p = tail_p(scores, groups=groups)
    assert ((p >= 0) & (p <= 1)).all()
    assert not believed(p)[:300].any()


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        tail_p(np.array([1.0, np.nan]))
    with pytest.raises(ShapeError, match="one group"):
        tail_p(np.zeros(3), groups=np.zeros(2, dtype=np.int64))
