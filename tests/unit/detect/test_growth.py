import numpy as np
import pytest
from scipy.stats import fisher_exact

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


def test_concentration_is_fishers_exact_test() -> None:
    expected = fisher_exact([[8, 2], [12, 78]], alternative="greater").pvalue
    assert concentration(8, rows=10, total=20, of=100) == pytest.approx(expected)
