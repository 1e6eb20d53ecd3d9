import numpy as np
import pytest

from bartizan.attack.poisoning.campaign import concentrated, drip, fewest, rising
from bartizan.core.errors import InputError, ShapeError
from bartizan.core.streams import rng

SOURCES = np.repeat(np.array(["a", "b", "c", "d"]), [10, 40, 30, 120])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_poison_comes_from_as_many_sources_as_told(count: int) -> None:
    rows = concentrated(SOURCES, rate=0.1, count=count, rng=rng(count))
    assert len(rows) == 20
    assert 1 <= len(np.unique(SOURCES[rows])) <= count
    assert np.array_equal(rows, np.unique(rows))


def test_every_source_that_holds_enough_rows_is_drawn_and_no_other() -> None:
    drawn = {str(SOURCES[concentrated(SOURCES, rate=0.1, rng=rng(s))[0]]) for s in range(40)}
    assert drawn == {"b", "c", "d"}


def test_sources_that_are_small_by_themselves_are_drawn_where_they_suffice_together() -> None:
    for seed in range(20):
        rows = concentrated(SOURCES, rate=0.75, count=2, rng=rng(seed))  # 150: b and d, or c and d
        assert "d" in SOURCES[rows]
        assert len(rows) == 150


def test_sources_poison_only_rows_that_qualify() -> None:
    eligible = np.arange(0, 200, 2)
    rows = concentrated(SOURCES, rate=0.1, eligible=eligible, rng=rng(0))
    assert np.isin(rows, eligible).all()
    with pytest.raises(InputError, match="needs 61 rows of 1 sources together, there are 60"):
        concentrated(SOURCES, rate=0.305, eligible=eligible, rng=rng(0))


def test_more_sources_than_there_are_is_an_error() -> None:
    with pytest.raises(InputError, match="wanted 5 sources, there are 4"):
        concentrated(SOURCES, rate=0.01, count=5, rng=rng(0))


@pytest.mark.parametrize(("total", "periods"), [(0, 2), (1, 10), (45, 10), (7, 3), (1000, 7)])
def test_parts_rise_from_nothing_and_add_up(total: int, periods: int) -> None:
    parts = rising(total, periods)
    exact = total * np.arange(periods) / (periods * (periods - 1) / 2)
    assert parts.sum() == total
    assert parts[0] == 0
    assert np.abs(parts - exact).max() <= 1.0


def test_drips_follow_the_order_of_time_and_not_of_rows() -> None:
    times = np.random.default_rng(0).permutation(np.linspace(0.0, 999.0, 1000))
    rows = drip(times, rate=0.09, rng=rng(0))
    counts = np.bincount((times[rows] // 100).astype(int), minlength=10)
    assert counts.tolist() == (np.arange(10) * 2).tolist()


def test_a_period_without_enough_rows_that_qualify_is_an_error() -> None:
    eligible = np.arange(0, 900)
    with pytest.raises(InputError, match="period 10 of 10 needs 18 rows to poison and holds 0"):
        drip(np.linspace(0.0, 1.0, 1000), rate=0.09, eligible=eligible, rng=rng(0))


def test_fewer_rows_than_periods_is_an_error() -> None:
    with pytest.raises(ShapeError, match="needs 2 to 3 of them, got 10"):
        drip(np.linspace(0.0, 1.0, 3), rate=0.5, rng=rng(0))


def test_the_fewest_sources_are_the_largest_that_hold_the_rows_and_one_less_does_not() -> None:
    everything = np.arange(200)
    for rate in (0.01, 0.5, 0.6, 0.61, 0.8, 0.9, 0.95, 0.96, 1.0):
        count = fewest(SOURCES, rate=rate, eligible=everything)
        assert len(concentrated(SOURCES, rate=rate, count=count, rng=rng(0))) == round(200 * rate)
        if count > 1:
            with pytest.raises(InputError):
                concentrated(SOURCES, rate=rate, count=count - 1, rng=rng(0))
    assert fewest(SOURCES, rate=0.6, eligible=everything) == 1
    assert fewest(SOURCES, rate=0.61, eligible=everything) == 2
    assert fewest(SOURCES, rate=0.05, eligible=np.flatnonzero(SOURCES == "a")) == 1
    with pytest.raises(InputError, match="rows of known sources, there are 10"):
        fewest(SOURCES, rate=0.1, eligible=np.flatnonzero(SOURCES == "a"))
