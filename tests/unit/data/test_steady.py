import polars as pl
import pytest

from bartizan.adapt.batches.batch import Batch
from bartizan.data.inspections.steady import Steady


def handed_on(sizes: list[int], *, block: int) -> list[Batch]:
    got: list[Batch] = []
    steady = Steady(block, got.append)
    start = 0
    for size in sizes:
        rows = pl.DataFrame({"a": range(start, start + size)}, schema={"a": pl.Int64})
        steady.see(Batch(start=start, raw=rows, frame=rows))
        start += size
    steady.finish()
    return got


@pytest.mark.parametrize("sizes", [[10], [1] * 10, [3, 0, 7], [4, 4, 2], [9, 1], [0, 10]])
@pytest.mark.parametrize("block", [1, 3, 4, 100])
def test_blocks_are_the_same_however_rows_come(sizes: list[int], block: int) -> None:
    got = handed_on(sizes, block=block)
    assert [one.start for one in got] == list(range(0, 10, block))
    assert [row for one in got for row in one.raw["a"]] == list(range(10))
    assert all(one.rows == block for one in got[:-1])


def test_nothing_is_handed_on_where_there_is_nothing() -> None:
    assert handed_on([], block=3) == handed_on([0, 0], block=3) == []


def test_columns_that_come_later_are_kept() -> None:
    got: list[Batch] = []
    steady = Steady(4, got.append)
    for start, names in ((0, ["a"]), (2, ["a", "b"])):
        rows = pl.DataFrame({name: ["x", "y"] for name in names})
        steady.see(Batch(start=start, raw=rows, frame=rows.select("a")))
    assert got[0].raw["b"].to_list() == [None, None, "x", "y"]
