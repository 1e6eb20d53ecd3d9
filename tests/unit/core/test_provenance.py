import numpy as np
import pytest

from bartizan.core.errors import ShapeError
from bartizan.core.provenance import Provenance


def test_rows_that_are_taken_keep_who_sent_them_and_when() -> None:
    whole = Provenance(sources=np.array([2, 0, -1]), times=np.array([5.0, np.nan, 3.0]))
    part = whole.take(np.array([2, 0]))
    assert part.sources.tolist() == [-1, 2]
    assert part.times is not None
    assert part.times.tolist() == [3.0, 5.0]
    assert Provenance(sources=np.array([1, 0])).take(np.array([1])).times is None


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Provenance(sources=np.array([0, 1])).sources[0] = 1


def test_times_of_other_rows_are_refused() -> None:
    with pytest.raises(ShapeError, match="do not go with"):
        Provenance(sources=np.array([0, 1]), times=np.array([0.0]))
