import numpy as np
import pytest
from scipy.stats import fisher_exact

from bartizan.core.streams import rng
from bartizan.detect.discovery import holm
from bartizan.detect.exact import fisher


@pytest.mark.parametrize(("hits", "others"), [(0, 5), (3, 3), (9, 1), (10, 0), (7, 4)])
def test_it_is_twice_the_smaller_tail(hits: int, others: int) -> None:
    table = [[hits, 20 - hits], [others, 30 - others]]
    tails = [fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    found = fisher(np.array([hits]), rows=20, other=np.array([others]), other_rows=np.array([30]))
    assert found[0] == pytest.approx(min(2 * min(tails), 1.0))


def test_equal_samples_are_no_surprise_however_large() -> None:
    large = fisher(
        np.array([10**6, 0, 5 * 10**6]),
        rows=5 * 10**6,
        other=np.array([10**6, 0, 5 * 10**6]),
        other_rows=np.full(3, 5 * 10**6),
    )
    assert (large > 0.99).all()


def test_a_false_alarm_among_all_columns_is_as_rare_as_it_says() -> None:
    draw, alarms, trials = rng(0, "columns"), 0, 400
    for _ in range(trials):
        here, other = draw.binomial(300, 0.1, 30), draw.binomial(500, 0.1, 30)
        values = fisher(here, rows=300, other=other, other_rows=np.full(30, 500))
        alarms += bool(holm(values, level=0.05).any())
    assert alarms <= 0.05 * trials + 3 * np.sqrt(0.05 * 0.95 * trials)


def test_holm_stops_at_the_first_that_is_too_large() -> None:
    # 0.01 <= 0.05/4, 0.02 > 0.05/3: the rest counts no more, though 0.024 <= 0.05/2.
    found = holm(np.array([0.024, 0.02, 0.01, 0.5]), level=0.05)
    assert found.tolist() == [False, False, True, False]


def test_no_columns_are_no_finding() -> None:
    assert holm(np.empty(0), level=0.05).shape == (0,)
