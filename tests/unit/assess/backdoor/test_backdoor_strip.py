"""The check of the filter at run time."""

from dataclasses import replace

import numpy as np
import pytest

from bartizan.adapt.training.stand_in import Network
from bartizan.assess.backdoor.strip import ENTRY, Params, run
from bartizan.assess.backdoor.strip_control import control
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Study, finished
from unit.assess.backdoor.digits import clean, pictures, table


def checked(data: Dataset) -> CheckResult:
    study = Study(model=clean(), data=data, recipe=Network())
    return finished(run(study, params=Params(), rng=np.random.default_rng(0)))


def test_on_digits_a_patch_in_the_corner_is_refused_and_clean_rows_are_not() -> None:
    result = checked(pictures()[1])
    accepted, refused = result.measures[:2]
    assert accepted.value is not None
    assert accepted.value <= ENTRY.threshold[2]
    assert refused.value is not None
    assert refused.value <= 0.06  # 1 % is asked; of a hundred rows one in 2,000 runs has seven


def test_the_control_sees_its_mark() -> None:
    for data in (pictures()[1], table()):
        told = control(constraint=None, data=data, recipe=None, rng=np.random.default_rng(0))
        assert told.passed, told.detail


def test_the_control_of_a_few_rows_fails() -> None:
    few = pictures()[1].take(np.arange(10))
    told = control(constraint=None, data=few, recipe=None, rng=np.random.default_rng(0))
    assert not told.passed


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (table(), "no images"),
        (pictures()[1].take(np.arange(50)), "too few"),
        (replace(pictures()[1], y=np.zeros(797, dtype=np.int64)), "one class"),
    ],
    ids=["table", "few", "one class"],
)
def test_where_no_twin_can_be_trained_there_is_a_reason(data: Dataset, why: str) -> None:
    measure = checked(data).measures[0]
    assert measure.value is None
    assert why in measure.why
