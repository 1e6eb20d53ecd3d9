"""The check of the filter at run time."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.training.stand_in import Network
from bartizan.assess.backdoor import strip_trial
from bartizan.assess.backdoor.strip import ENTRY, run
from bartizan.assess.backdoor.strip_control import control
from bartizan.assess.backdoor.strip_trial import Params, ready, trial
from bartizan.attack.poisoning.picture_triggers import patch
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Study, finished
from bartizan.detect.strip import Strip
from bartizan.detect.strip_panel import fitted
from unit.assess.backdoor.digits import TARGET, clean, pictures, table


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


def by_class(data: Dataset) -> Dataset:
    return data.take(np.argsort(data.y, kind="stable"))


def test_pictures_sorted_by_class_are_filtered_like_the_same_pictures_shuffled() -> None:
    """Split by position, 5.1 % of the clean ones were refused for 1 %, as the last classes were."""
    data = pictures()[1]
    assert data.schema.image is not None
    mark = patch(data.schema.image, corner="bottom-right", rng=np.random.default_rng(0))
    share = {
        name: [
            trial(
                rows, model=clean(), trigger=mark, target=TARGET, params=Params(),
                rng=np.random.default_rng(seed),
            ).refused.mean()
            for seed in range(5)
        ]
        for name, rows in {"shuffled": data, "sorted": by_class(data)}.items()
    }  # fmt: skip
    assert np.mean(share["sorted"]) <= 0.025
    assert abs(np.mean(share["sorted"]) - np.mean(share["shuffled"])) < 0.015


def test_the_threshold_for_the_model_itself_is_set_on_rows_of_all_classes() -> None:
    data, few = pictures()[1], Params(rows=200)
    lines = {
        name: [
            ready(rows, model=clean(), params=few, rng=np.random.default_rng(seed))[0].threshold
            for seed in range(5)
        ]
        for name, rows in {"shuffled": data, "sorted": by_class(data)}.items()
    }
    assert np.mean(lines["sorted"]) == pytest.approx(np.mean(lines["shuffled"]), rel=0.1)


def test_the_remark_says_in_how_many_rows_the_mark_was_planted() -> None:
    assert "in 35% of its rows" in checked(pictures()[1]).remarks[0]


def test_the_control_sees_its_mark() -> None:
    for rows in (pictures()[1], by_class(pictures()[1])):
        told = control(constraint=None, data=rows, recipe=None, rng=np.random.default_rng(0))
        assert told.passed, told.detail


def test_the_control_fails_where_the_filter_that_runs_is_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Overlays that hide whatever lies under them leave nothing for a model to follow."""

    def white(strip: Strip, *rest: Any, **more: Any) -> Strip:
        told = fitted(strip, *rest, **more)
        return replace(told, overlays=np.full_like(told.overlays, strip.high))

    monkeypatch.setattr(strip_trial, "fitted", white)
    told = control(constraint=None, data=pictures()[1], recipe=None, rng=np.random.default_rng(0))
    assert not told.passed


def test_the_control_of_a_table_fails() -> None:
    told = control(constraint=None, data=table(), recipe=None, rng=np.random.default_rng(0))
    assert (told.passed, told.detail) == (False, "rows are no images")


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
