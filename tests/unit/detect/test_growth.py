import numpy as np
import pytest
from scipy.stats import binom, fisher_exact

from bartizan.core.errors import InputError
from bartizan.core.streams import rng
from bartizan.detect.growth import concentration, growth


def test_growth_is_the_ratio_of_shares() -> None:
    found = growth((10, 1000), (40, 2000))
    assert found.value == pytest.approx(2.0)
    assert found.low < 2 < found.high


def test_what_was_never_there_grew_without_bound() -> None:
    found = growth((0, 1000), (20, 1000))
    assert found.value == found.high == np.inf
    assert found.low > 3


def test_what_is_gone_has_shrunk() -> None:
    found = growth((50, 1000), (0, 1000))
    assert found.value == found.low == 0
    assert 0 < found.high < 0.2


def test_what_never_was_says_nothing() -> None:
    found = growth((0, 10), (0, 10))
    assert (found.low, found.high) == (0, np.inf)


@pytest.mark.parametrize("share", [0.002, 0.05, 0.3])
@pytest.mark.parametrize("times", [1.0, 2.5])
def test_the_interval_holds_the_true_ratio_at_least_as_often_as_it_says(
    share: float, times: float
) -> None:
    draws = rng(0)
    runs, n, m = 2000, 3000, 1500
    held = 0
    for _ in range(runs):
        before, now = int(draws.binomial(n, share)), int(draws.binomial(m, share * times))
        found = growth((before, n), (now, m))
        held += found.low <= times <= found.high
    assert held >= 0.94 * runs  # 0.95 less two standard errors


def test_a_higher_level_gives_a_wider_interval() -> None:
    wide, narrow = growth((9, 99), (9, 99), level=0.999), growth((9, 99), (9, 99))
    assert wide.low < narrow.low
    assert wide.high > narrow.high


@pytest.mark.parametrize("wrong", [(-1, 5), (6, 5), (0, 0)])
def test_what_is_no_share_is_refused(wrong: tuple[int, int]) -> None:
    with pytest.raises(InputError):
        growth(wrong, (1, 2))


def test_concentration_is_a_binomial_tail_that_is_never_below_fishers_exact_one() -> None:
    for hits, size, total, of in ((8, 10, 20, 100), (40, 60, 300, 1000), (5, 5, 500, 1000)):
        rest = [total - hits, of - size - total + hits]
        fisher = fisher_exact([[hits, size - hits], rest], alternative="greater").pvalue
        found = concentration(np.array([hits]), rows=np.array([size]), share=np.array([total / of]))
        assert found[0] == pytest.approx(binom.sf(hits - 1, size, total / of))
        assert found[0] >= fisher


def test_no_rows_of_a_class_are_no_concentration() -> None:
    found = concentration(np.array([0]), rows=np.array([9]), share=np.array([0.5]))
    assert found.tolist() == [1]
