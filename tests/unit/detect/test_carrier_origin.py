import numpy as np
import pytest

from bartizan.core.streams import rng
from bartizan.detect.carrier_origin import coarse_bins, foreign_share, has_kin, like_a_draw
from bartizan.detect.region import region_of

NONE = np.empty(0, dtype=np.int64)


def test_a_draw_is_taken_for_one_and_a_group_of_its_own_is_not() -> None:
    draw = rng(0, "rows")
    x = draw.normal(size=(4000, 10))
    x[:60] += 0.8
    others = np.arange(1000, 4000)
    drawn, group = draw.choice(others, 60, replace=False), np.arange(60)
    bins = coarse_bins(x, nominal=None)
    assert like_a_draw(bins, rows=drawn, others=others, marked=NONE)
    assert not like_a_draw(bins, rows=group, others=others, marked=NONE)
    for rows, natural in ((drawn, False), (group, True)):
        found, chance = foreign_share(bins, rows=rows, others=others, marked=NONE, rng=draw)
        assert (found > chance) == natural


def test_draws_of_any_size_differ_by_nothing_on_average() -> None:
    draw = rng(1, "rows")
    x, others = draw.normal(size=(3000, 8)), np.arange(3000)
    bins = coarse_bins(x, nominal=None)
    for size in (10, 100):
        found = [
            foreign_share(
                bins, rows=draw.choice(others, size), others=others, marked=NONE, rng=draw
            )
            for _ in range(20)
        ]
        assert abs(np.mean([one for one, _ in found])) < 0.02
        assert sum(one > chance for one, chance in found) <= 1


def test_columns_of_the_mark_and_one_more_may_differ() -> None:
    draw = rng(2, "rows")
    x, rows = draw.normal(size=(3000, 8)), np.arange(50)
    x[:50, :2] = 9.0
    others = np.arange(1000, 3000)
    bins = coarse_bins(x, nominal=None)
    assert like_a_draw(bins, rows=rows, others=others, marked=np.array([0]))
    assert not like_a_draw(bins, rows=rows, others=others, marked=NONE)


def test_where_all_columns_are_marked_nothing_speaks_against_it() -> None:
    bins = coarse_bins(rng(3, "rows").normal(size=(100, 2)), nominal=None)
    assert like_a_draw(bins, rows=np.arange(9), others=np.arange(50, 90), marked=np.arange(2))


@pytest.mark.parametrize(("columns", "kin"), [(6, True), (5, True), (4, False)])
def test_a_natural_group_has_kin_among_the_other_rows(columns: int, kin: bool) -> None:  # noqa: FBT001 (a parameter)
    draw = rng(4, "rows")
    x = draw.normal(size=(3000, 8))
    x[:300] = np.where(draw.random((300, 8)) < 0.7, 2.5, x[:300])  # a kind of row, more or less
    carriers = 2.5 + 0.01 * draw.normal(size=(15, 8))
    mark = region_of(carriers, columns=np.arange(columns), nominal=np.zeros(8, dtype=bool))
    assert has_kin(mark, others=x) == kin


def test_a_mark_in_columns_that_have_nothing_to_do_with_each_other_has_no_kin() -> None:
    draw = rng(5, "rows")
    x = draw.normal(size=(3000, 8))
    carriers = np.quantile(x, 0.97, axis=0) + 0.05 * draw.normal(size=(30, 8))
    for count in (5, 8):
        mark = region_of(carriers, columns=np.arange(count), nominal=np.zeros(8, dtype=bool))
        assert not has_kin(mark, others=x)
