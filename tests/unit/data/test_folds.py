import numpy as np
import pytest

from bartizan.core.streams import rng
from bartizan.data.folds import folds
from bartizan.data.labelled import Labelled
from unit.data.labelled_rows import labelled, made


def test_each_row_is_judged_once_by_rows_that_are_not_it() -> None:
    y = rng(0).integers(3, size=101)
    judged = []
    for inside, outside in folds(y, None, count=5, rng=rng(1)):
        assert not np.isin(outside, inside).any()
        assert len(inside) + len(outside) == 101
        judged.append(outside)
    assert np.array_equal(np.sort(np.concatenate(judged)), np.arange(101))


def test_parts_hold_classes_alike() -> None:
    y = np.arange(100) % 4
    for _, outside in folds(y, None, count=5, rng=rng(1)):
        assert np.bincount(y[outside]).tolist() == [5, 5, 5, 5]


def test_a_source_is_on_one_side_only() -> None:
    sources = rng(2).integers(12, size=500)
    for inside, outside in folds(np.zeros(500, np.int64), sources, count=5, rng=rng(1)):
        assert not np.isin(sources[outside], sources[inside]).any()


def test_out_of_fold_scores_are_of_models_that_did_not_see_the_row() -> None:
    draws = rng(3)
    rows = labelled(draws.normal(size=(300, 5)), draws.integers(2, size=300))
    own = rows.out_of_fold[np.arange(300), rows.data.y]
    assert own.mean() == pytest.approx(0.5, abs=0.08)


def test_a_source_that_holds_a_whole_class_leaves_the_others_with_one() -> None:
    rows, _ = made(200)
    place = np.where(rows.data.y == 1, 0, 1 + np.arange(200) % 6)
    scores = Labelled(data=rows.data, sources=place).out_of_fold
    assert (scores[rows.data.y == 1] == [1.0, 0.0]).all()
    assert np.isfinite(scores).all()


def test_more_than_twenty_classes_are_learnt_by_a_network() -> None:
    few, many = made(100, classes=20)[0], made(100, classes=21)[0]
    assert type(few.learner).__name__ == "Boosted"
    assert type(many.learner).__name__ == "Network"
