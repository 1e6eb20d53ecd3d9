from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from bartizan.core.errors import ShapeError
from bartizan.core.streams import rng
from bartizan.detect.source_test import source_test


def test_the_p_value_of_a_source_is_that_of_counting_all_outcomes() -> None:
    chance = np.array([0.1, 0.5, 0.3, 0.9])
    contrary = np.array([True, True, False, True])
    zeros = np.zeros(4, dtype=np.int64)
    expected = sum(
        float(np.prod(np.where(outcome, chance, 1 - chance)))
        for outcome in product((False, True), repeat=4)
        if sum(outcome) >= 3
    )
    found = source_test(contrary, chance, zeros, count=1)
    normal = found.p[0]
    assert normal >= expected - 1e-12
    alike = source_test(contrary[:2], np.full(2, 0.5), zeros[:2], count=1)
    assert alike.p[0] == pytest.approx(0.25)


def test_equal_chances_give_a_binomial_p_value() -> None:
    contrary = np.arange(50) < 12
    found = source_test(contrary, np.full(50, 0.1), np.zeros(50, dtype=np.int64), count=1)
    assert found.p[0] == pytest.approx(binom.sf(11, 50, 0.1))
    assert found.excess[0] == pytest.approx(12 / 50 - 0.1)


def test_honest_sources_keep_the_stated_rate() -> None:
    draws = rng(0)
    small = 0
    for _ in range(50):
        chance = draws.beta(0.3, 2, size=3000)
        contrary = draws.random(3000) < chance
        found = source_test(contrary, chance, draws.integers(20, size=3000), count=20)
        small += int((found.p <= 0.05).sum())
    assert small <= binom.ppf(0.999, 50 * 20, 0.05)


def test_sources_are_compared_with_each_other_where_the_model_is_too_sure_of_itself() -> None:
    draws = rng(4)
    small = 0
    for _ in range(100):
        chance = draws.beta(0.5, 3, size=3000)
        contrary = draws.random(3000) < chance
        found = source_test(contrary, 0.85 * chance, draws.integers(5, size=3000), count=5)
        small += int((found.p <= 0.05).sum())
    assert small <= binom.ppf(0.999, 100 * 5, 0.05)


def test_one_of_two_sources_is_told_by_the_other() -> None:
    draws = rng(5)
    sources = np.repeat([0, 1], 400)
    contrary = draws.random(800) < np.where(sources == 0, 0.1, 0.3)
    found = source_test(contrary, np.full(800, 0.1), sources, count=2)
    assert found.p[1] < 1e-6
    assert found.p[0] > 0.5


def test_what_honest_sources_differ_is_allowed_for_and_an_odd_one_stands_out() -> None:
    draws = rng(1)
    sources = np.repeat(np.arange(30), 200)
    rate = np.clip(0.1 + 0.04 * draws.normal(size=30), 0.01, 1)
    rate[7] = 0.45
    contrary = draws.random(6000) < rate[sources]
    found = source_test(contrary, np.full(6000, 0.1), sources, count=30)
    assert found.spread > 1.5
    assert found.p.argmin() == 7
    assert found.p[7] < 1e-6
    assert np.delete(found.p, 7).min() > 1e-4


def test_sources_without_rows_and_without_doubt_are_honest() -> None:
    found = source_test(
        np.zeros(3, dtype=np.bool_), np.zeros(3), np.array([0, 0, 2], dtype=np.int64), count=4
    )
    assert found.rows.tolist() == [2, 0, 1, 0]
    assert (found.p >= 0.5).all()


def test_a_large_source_is_judged_in_a_moment_as_small_ones_are() -> None:
    contrary = np.arange(10_000) < 1060
    found = source_test(contrary, np.full(10_000, 0.1), np.zeros(10_000, dtype=np.int64), count=1)
    assert found.p[0] == pytest.approx(binom.sf(1059, 10_000, 0.1), rel=0.1)


def test_a_large_source_of_rows_that_are_seldom_contrary_is_not_accused_by_a_normal_tail() -> None:
    for hits in (1, 3, 8, 12, 20):
        found = source_test(
            np.arange(3000) < hits, np.full(3000, 0.001), np.zeros(3000, np.int64), count=1
        )
        assert found.p[0] >= binom.sf(hits - 1, 3000, 0.001) * (1 - 1e-9)


def test_the_p_value_of_a_large_source_of_unlike_rows_is_never_below_the_exact_one() -> None:
    chance = rng(3).beta(0.3, 6, size=2400)
    zeros = np.zeros(2400, dtype=np.int64)
    exact = np.ones(1)
    for one in chance:
        exact = np.convolve(exact, [1 - one, one])
    for hits in range(0, 200, 7):
        found = source_test(np.arange(2400) < hits, chance, zeros, count=1)
        assert found.p[0] >= exact[hits:].sum() - 1e-12


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ShapeError, match="chances"):
        source_test(np.zeros(3, np.bool_), np.zeros(2), np.zeros(3, np.int64), count=1)
