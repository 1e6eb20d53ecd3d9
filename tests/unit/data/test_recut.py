import polars as pl
import pytest

from bartizan.data.recut import Recut


@pytest.mark.parametrize("cut", [1, 3, 256, 300, 1000])
def test_blocks_are_the_same_however_rows_come(cut: int) -> None:
    frame = pl.DataFrame({"id": range(1000)})
    recut = Recut(columns=10**9)
    blocks = [block for at in range(0, 1000, cut) for block in recut.see(frame.slice(at, cut))]
    blocks += recut.rest()
    assert [block.height for block in blocks] == [256, 256, 256, 232]
    assert pl.concat(blocks).equals(frame)


def test_no_rows_are_no_blocks() -> None:
    assert Recut(columns=1).rest() == []
