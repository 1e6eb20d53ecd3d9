import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.adapt.batches.batch import Batch
from bartizan.core.streams import rng
from bartizan.data.strata import Strata, stratified

CODES = st.lists(st.integers(-1, 4), min_size=1, max_size=200)


@settings(max_examples=200, deadline=None)
@given(codes=CODES, most=st.integers(2, 80), seed=st.integers(0, 9))
def test_every_class_keeps_its_share(codes: list[int], most: int, seed: int) -> None:
    y = np.array(codes, dtype=np.int64)
    rows = stratified(y, most=most, rng=rng(seed, "a", "b"))
    usable = int((y >= 0).sum())
    assert (np.diff(rows) > 0).all()
    assert (y[rows] >= 0).all()
    counts = np.bincount(y[y >= 0], minlength=5)
    drawn = np.bincount(y[rows], minlength=5)
    assert (drawn >= np.minimum(counts, 2)).all()
    kinds = int((counts > 0).sum())
    assert min(most, usable) - kinds <= len(rows) <= max(most, 2 * kinds)
    shares = counts * most / max(usable, 1)
    if most < usable and (shares[counts > 0] >= 2).all():  # no class got more than its share
        assert (np.abs(drawn - shares) < 1).all()


def test_which_rows_are_drawn_is_chance_and_the_seeds() -> None:
    y = np.zeros(100, dtype=np.int64)
    first = stratified(y, most=10, rng=rng(0, "a", "b"))
    again = stratified(y, most=10, rng=rng(0, "a", "b"))
    other = stratified(y, most=10, rng=rng(1, "a", "b"))
    assert first.tolist() == again.tolist() != other.tolist()


def test_without_a_number_all_rows_with_a_class_are_looked_at() -> None:
    y = np.array([0, -1, 1, 1])
    assert stratified(y, most=None, rng=rng(0, "a", "b")).tolist() == [0, 2, 3]


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_classes_are_the_same_however_the_rows_are_cut(cut: int) -> None:
    labels = ["no", "yes", None, "no", "yes", "maybe"]
    strata = Strata("y")
    for start in range(0, 6, cut):
        frame = pl.DataFrame({"y": labels[start : start + cut]}, schema={"y": pl.String})
        strata.see(Batch(start=start, raw=frame, frame=frame))
    codes = strata.codes()
    assert codes[2] == -1
    assert codes[0] == codes[3] != codes[1] == codes[4]
    assert len(set(codes.tolist())) == 4
    assert strata.first == "no"


def test_pictures_that_could_not_be_opened_are_not_drawn() -> None:
    frame = pl.DataFrame({"y": ["a", "b", "a"]})
    raw = pl.DataFrame({"decoded": [True, True, False]})
    strata = Strata("y")
    strata.see(Batch(start=0, raw=raw, frame=frame))
    assert (strata.codes() >= 0).tolist() == [True, True, False]
