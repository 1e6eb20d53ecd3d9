import numpy as np
import polars as pl
import pytest
from scipy.stats import chisquare

from bartizan.core.streams import rng
from bartizan.data.row_sample import PRIORITY, RowSample, priorities, rows_for


def kept(total: int, *, rows: int, cut: int, seed: int = 0) -> list[int]:
    sample = RowSample(seed=seed, rows=rows)
    frame = pl.DataFrame({"id": np.arange(total)})
    for start in range(0, total, cut):
        sample.see(frame.slice(start, cut), start=start)
    found = sample.rows()
    assert found is not None
    assert (found[PRIORITY].diff().drop_nulls() > 0).all()
    return list(found["id"].to_list())


def test_priorities_are_all_different_and_those_of_the_row_alone() -> None:
    whole = priorities(5, start=0, rows=100_000)
    assert len(np.unique(whole)) == 100_000
    assert (priorities(5, start=70_000, rows=30_000) == whole[70_000:]).all()
    assert (priorities(6, start=0, rows=100_000) != whole).all()


@pytest.mark.parametrize("cut", [1, 7, 999, 5000])
def test_the_sample_does_not_depend_on_how_rows_are_cut(cut: int) -> None:
    assert kept(5000, rows=100, cut=cut) == kept(5000, rows=100, cut=5000)


def test_the_rows_of_the_smallest_priorities_are_kept() -> None:
    expected = np.argsort(priorities(0, start=0, rows=3000))[:50]
    assert kept(3000, rows=50, cut=64) == expected.tolist()


def test_fewer_rows_than_the_sample_are_all_kept() -> None:
    assert sorted(kept(30, rows=100, cut=8)) == list(range(30))


def test_every_row_is_as_likely_as_any_other() -> None:
    counts = np.zeros(40)
    for seed in rng(0).integers(1 << 62, size=1500):
        counts[kept(40, rows=10, cut=40, seed=int(seed))] += 1
    assert chisquare(counts).pvalue > 1e-4


def test_no_rows_are_no_sample() -> None:
    assert RowSample(seed=0, rows=5).rows() is None


def test_wide_tables_have_smaller_samples() -> None:
    assert rows_for(42) == 50_000
    assert rows_for(2000) == 8388
    assert rows_for(10**9) == 1
    assert rows_for(0) == 50_000
