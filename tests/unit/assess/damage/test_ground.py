from dataclasses import replace

import numpy as np
import pytest

from bartizan.assess.damage.ground import Ground, ground, unfit
from bartizan.assess.damage.settings import Params
from bartizan.core.dataset import Dataset
from bartizan.core.streams import rng
from unit.assess.damage.blobs import clumps, study

PARAMS = Params(rate=0.01, others=(), rows=100, held=50)


def made(train: Dataset, data: Dataset, params: Params = PARAMS) -> Ground:
    return ground(study(train, data), params=params, rng=rng(0))


def test_rows_of_the_data_that_stand_in_the_training_data_measure_nothing() -> None:
    train, data = clumps(80, seed=1), clumps(60, seed=2)
    both = replace(
        data, x=np.concatenate([data.x, train.x[:30]]), y=np.concatenate([data.y, train.y[:30]]),
        ids=np.arange(90),
    )  # fmt: skip
    place = made(train, both, Params(rate=0.01, others=(), held=90))
    assert place.doubles == 30
    assert len(place.held.y) == 60
    assert not {row.tobytes() for row in place.held.x} & {row.tobytes() for row in train.x}


def test_rows_are_limited_and_the_report_can_tell() -> None:
    place = made(clumps(300, seed=1), clumps(200, seed=2))
    assert (len(place.train.y), place.size, len(place.held.y)) == (100, 300, 50)


def test_a_thousand_classes_are_tried_on_fewer_rows() -> None:
    place = made(
        clumps(6000, seed=1, k=1000),
        clumps(2000, seed=2, k=1000),
        Params(rate=0.01, others=(), held=2000),
    )
    assert len(place.train.y) == 4194


def test_marks_lead_to_the_most_frequent_class_if_the_others_hold_enough_rows() -> None:
    place = made(clumps(100, shares=(0.8, 0.2)), clumps(50, seed=2))
    assert place.target(0.01) == 0
    assert place.target(0.4) == 1


def test_the_rarest_class_that_occurs_loses_labels() -> None:
    place = made(clumps(100, k=4, shares=(0.1, 0.6, 0.0, 0.3)), clumps(50, seed=2, k=4))
    assert place.losing == (0, 1)


@pytest.mark.parametrize(
    ("train", "data", "said"),
    [
        (clumps(100, shares=(1.0, 0.0)), clumps(50, seed=2), "hold one class only"),
        (clumps(40, seed=1), clumps(50, seed=2), "1.0% of 40 training rows is less than one row"),
        (clumps(100, seed=1), clumps(50, seed=2, shares=(1.0, 0.0)), "fewer than two classes"),
        (clumps(100, seed=1), clumps(100, seed=1), "0 rows of the data stand in no training row"),
    ],
    ids=["one class", "too few", "one class held out", "the same rows"],
)
def test_rows_that_do_not_do_are_named(train: Dataset, data: Dataset, said: str) -> None:
    assert said in unfit(made(train, data), rate=0.01)


def test_training_rows_left_out_for_want_of_their_class_in_the_data_are_told() -> None:
    """As the command line leaves them: 151 of 300 rows, of the one class that the data has."""
    train, data = (clumps(100, seed=seed, k=1) for seed in (1, 2))
    told = unfit(made(train, data), rate=0.01)
    assert told.startswith("the data holds one class only, and of the training rows the 100")


def test_two_rows_of_a_class_do() -> None:
    train = clumps(100, shares=(1.0, 0.0))
    y = train.y.copy()
    y[:2] = 1
    assert unfit(made(replace(train, y=y), clumps(50, seed=2)), rate=0.01) == ""
