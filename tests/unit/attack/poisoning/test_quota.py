import numpy as np
import pytest

from bartizan.attack.poisoning.quota import drawn, quota
from bartizan.core.errors import InputError, UsageError
from bartizan.core.streams import rng


def test_a_rate_is_met_to_the_nearest_row() -> None:
    assert [quota(n, rate=0.01) for n in (0, 49, 50, 149, 150, 1797)] == [0, 0, 1, 1, 2, 18]
    assert [quota(7, rate=rate) for rate in (0.0, 1.0)] == [0, 7]


@pytest.mark.parametrize("rate", [-0.01, 1.01, float("nan")])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        quota(10, rate=rate)


def test_a_pool_that_is_too_small_is_an_error_that_says_what_would_do() -> None:
    with pytest.raises(InputError, match=r"needs 50 rows of class 2, there are 30; .* 3.000%"):
        drawn(np.arange(30), n=1000, rate=0.05, what="rows of class 2", rng=rng(0))


def test_every_row_of_the_pool_is_as_likely() -> None:
    pool = np.arange(100, 110)
    hits = np.zeros(10)
    for seed in range(2000):
        hits[drawn(pool, n=20, rate=0.15, what="rows", rng=rng(seed)) - 100] += 1
    # binomial, p = 0.3, 2000 draws: 600 with a deviation of 20.5; 4.5 of them = 1 in 15,000 for ten
    assert np.abs(hits - 600).max() < 4.5 * 20.5
