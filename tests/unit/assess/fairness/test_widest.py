"""The widest gap: right where it can be computed by hand, and honest about chance."""

import numpy as np
import pytest
from scipy.stats import binom

from bartizan.assess.fairness.audit import LINE, Params, judge
from bartizan.assess.fairness.widest import Family, widest
from bartizan.core.arrays import Array
from unit.assess.fairness.worlds import erring, grouping, world

_RUNS = 300
_SURE = 0.999
"""A right program fails one of a thousand such tests."""


def family(hits: list[int], rows: list[int], *, draws: int = 4000) -> Family:
    """Independent shares, with samples drawn from them."""
    counts, n = np.array(hits), np.array(rows)
    stream = np.random.default_rng(0)
    return Family(
        hits=counts,
        rows=n,
        drawn_hits=stream.binomial(n, counts / n, size=(draws, len(n))),
        drawn_rows=np.broadcast_to(n, (draws, len(n))),
        groups=np.arange(len(n)),
    )


def test_of_two_groups_it_is_the_difference_with_the_interval_of_two_shares() -> None:
    found = widest([family([600, 450], [1000, 1000])])
    assert found is not None
    assert found.groups == (0, 1)
    assert found.pairs == 1
    assert found.value == pytest.approx(0.15)
    spread = np.sqrt(0.6 * 0.4 / 1000 + 0.45 * 0.55 / 1000)
    assert found.low == pytest.approx(0.15 - 2.24 * spread, abs=0.004)
    assert found.high == pytest.approx(0.15 + 1.96 * spread, abs=0.0005)


def test_the_widest_of_several_families_is_named_and_more_pairs_lower_its_lower_end() -> None:
    alone = widest([family([300, 450], [1000, 1000])])
    with_others = widest([family([500] * 8, [1000] * 8), family([300, 450], [1000, 1000])])
    assert alone is not None
    assert with_others is not None
    assert (with_others.family, with_others.groups) == (1, (1, 0))
    assert with_others.pairs == 29
    assert with_others.value == alone.value
    assert with_others.low < alone.low
    assert with_others.high == alone.high


def test_groups_without_an_error_are_not_known_exactly() -> None:
    found = widest([family([50, 50], [50, 50])])
    assert found is not None
    assert (found.value, found.low) == (0.0, 0.0)
    assert 0.05 < found.high < 0.10


def test_one_group_is_no_comparison() -> None:
    assert widest([family([5], [60])]) is None


def ends(errors: Array, *, rows: int) -> Array:
    """Both ends in many worlds, shape (2, runs); one share of wrong decisions for each group."""
    stream = np.random.default_rng(11)
    found = np.empty((2, _RUNS))
    for run in range(_RUNS):
        codes = stream.integers(0, len(errors), rows)
        y = (stream.random(rows) < 0.4).astype(np.int64)
        decided = erring(y, errors[codes], rng=stream)
        data = world(y, grouping(codes))
        params = Params(draws=400)
        gap = judge(data, decided, protected=(), params=params, rng=stream).measures[0]
        found[:, run] = gap.low, gap.high
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "rows"), [(2, 600), (12, 2400), (20, 5000)])
def test_a_fair_model_is_accused_of_any_gap_in_one_audit_of_forty_at_most(
    groups: int, rows: int
) -> None:
    low, _ = ends(np.full(groups, 0.2), rows=rows)
    assert (low > 0).sum() <= binom.ppf(_SURE, _RUNS, 0.025)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [4000, 40_000])
def test_a_model_on_the_line_hardly_ever_fails_nor_passes(rows: int) -> None:
    low, high = ends(np.array([0.2] * 6 + [0.2 + LINE] * 6), rows=rows)
    assert (low > LINE).sum() <= binom.ppf(_SURE, _RUNS, 0.025)
    assert (high < LINE).sum() <= binom.ppf(_SURE, _RUNS, 0.025)


@pytest.mark.slow
def test_of_two_groups_one_pair_alone_may_pass_on_the_line_in_one_audit_of_forty() -> None:
    _, high = ends(np.array([0.2, 0.2 + LINE]), rows=3000)
    assert (high < LINE).sum() <= binom.ppf(_SURE, _RUNS, 0.025)


@pytest.mark.slow
def test_a_fair_model_with_many_groups_passes_where_rows_suffice() -> None:
    """Twelve groups of 2,000 rows, 800 of them of the class asked for."""
    _, high = ends(np.full(12, 0.2), rows=24_000)
    assert (high <= LINE).mean() >= 0.8


@pytest.mark.slow
def test_a_planted_gap_is_found() -> None:
    """A gap of 0.30 among twelve groups of 330 rows: 0.20 beyond the line."""
    errors = np.array([0.1] * 11 + [0.4])
    low, _ = ends(errors, rows=4000)
    assert (low > LINE).mean() >= 0.9
