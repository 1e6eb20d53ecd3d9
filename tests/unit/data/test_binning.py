import polars as pl

from bartizan.data.binning import cell_counts, chosen, codes
from bartizan.data.profile import Bins


def test_categories_stand_by_frequency_and_then_by_name() -> None:
    bins = chosen(pl.Series(["b"] * 12 + ["a"] * 12 + ["c"] * 30 + ["d"] * 9 + [None] * 40))
    assert bins.categories == ("c", "a", "b")
    assert bins.counts == (0, 0, 0, 0)
    assert bins.scores == ()


def test_other_categories_and_missing_ones_have_cells_of_their_own() -> None:
    bins = Bins(categories=("x", "y"), counts=(0, 0, 0))
    assert codes(pl.Series(["y", None, "z", "x"]), bins=bins).tolist() == [1, 3, 2, 0]


def test_no_more_than_two_hundred_categories_are_named() -> None:
    bins = chosen(pl.Series([f"k{i:03}" for i in range(300) for _ in range(10)]))
    assert len(bins.categories) == 200
    assert bins.categories[0] == "k000"


def test_whole_numbers_and_missing_ones_find_their_bins() -> None:
    bins = chosen(pl.Series([0] * 50 + list(range(1, 51)) + [None] * 9))
    low, zero, one, none = codes(pl.Series([-1, 0, 1, None]), bins=bins).tolist()
    assert low < zero < one < none == len(bins.counts)


def test_a_column_without_values_has_one_cell_beside_the_missing_one() -> None:
    for kind in (pl.Float64, pl.String):
        bins = chosen(pl.Series([None] * 50, dtype=kind))
        assert bins.counts == (0,)
        assert codes(pl.Series([None, None], dtype=kind), bins=bins).tolist() == [1, 1]


def test_counts_stand_in_the_order_of_the_codes() -> None:
    bins = Bins(categories=("x",), counts=(5, 2), missing=3)
    assert cell_counts(bins).tolist() == [5, 2, 3]
    assert bins.rows == 10
