import numpy as np
import pytest

from bartizan.adapt.training.stand_in import Boosted
from bartizan.core.errors import ModelError
from bartizan.core.streams import rng
from unit.data.labelled_rows import labelled, made


def test_trees_tell_classes_apart_that_lie_apart() -> None:
    rows, _ = made(400, classes=3)
    model = Boosted().fit(rows.data, rng(0))
    scores = model.scores(rows.data.x)
    assert scores.sum(axis=1) == pytest.approx(np.ones(400))
    assert (scores.argmax(axis=1) == rows.data.y).mean() > 0.95


@pytest.mark.parametrize(("classes", "rounds"), [(2, 60), (3, 60), (10, 24), (20, 12)])
def test_more_classes_get_fewer_rounds(classes: int, rounds: int) -> None:
    rows, _ = made(200, classes=classes)
    assert Boosted().fit(rows.data, rng(0)).model.n_iter_ == rounds


def test_rounds_that_are_asked_for_are_not_exceeded() -> None:
    assert Boosted(rounds=3).fit(made(100)[0].data, rng(0)).model.n_iter_ == 3


def test_rows_of_one_class_are_refused() -> None:
    rows = labelled(np.ones((60, 5)), np.zeros(60, dtype=int))
    with pytest.raises(ModelError, match="one class"):
        Boosted().fit(rows.data, rng(0))
