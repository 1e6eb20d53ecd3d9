import itertools

from hypothesis import given
from hypothesis import strategies as st

from bartizan.report.labels import spread


@given(st.lists(st.floats(0, 1), max_size=8).map(sorted))
def test_labels_never_overlap_and_never_leave_the_top(heights: list[float]) -> None:
    apart = spread(heights, gap=0.085)
    assert all(b - a >= 0.085 - 1e-9 for a, b in itertools.pairwise(apart))
    assert all(height <= 1 for height in apart)
