from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.assess.utility import ENTRY, control, measured
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult
from bartizan.core.finding import Outcome, Threshold
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng
from bartizan.core.verdict import judged


@dataclass(frozen=True)
class Says:
    """Answers read off a list."""

    answers: Ints
    classes: tuple[Label, ...] = (0, 1, 2)
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        assert len(x) == len(self.answers)
        return np.eye(3)[self.answers]


def checked(y: Ints, answers: Ints) -> CheckResult:
    return measured(Says(answers), np.zeros((len(y), 1)), y)


def outcome(y: Ints, answers: Ints) -> Outcome:
    result = checked(y, answers)
    assert result.line is not None
    line = Threshold(
        measure=ENTRY.threshold[0], op=ENTRY.threshold[1], value=result.line, source="default"
    )
    return judged(result.measures[0], line, unsure=ENTRY.unsure)[0]


RARE = np.array([0] * 990 + [1] * 10)
HALF = np.arange(400) % 2


@pytest.mark.parametrize("y", [RARE, HALF, np.arange(300) % 3])
def test_a_perfect_model_passes(y: Ints) -> None:
    assert outcome(y, y) == "pass"


@pytest.mark.parametrize("y", [RARE, HALF, np.arange(300) % 3])
@pytest.mark.parametrize("answer", [0, 1])
def test_a_constant_model_fails_however_rare_the_other_class_is(y: Ints, answer: int) -> None:
    assert outcome(y, np.full(len(y), answer)) == "fail"


@pytest.mark.parametrize("seed", range(5))
def test_random_answers_fail(seed: int) -> None:
    y = rng(seed, "y").integers(0, 2, 500)
    assert outcome(y, rng(seed, "answers").integers(0, 2, 500)) == "fail"


def test_a_model_that_is_always_wrong_fails() -> None:
    assert outcome(HALF, 1 - HALF) == "fail"


def test_what_too_few_rows_cannot_settle_does_not_pass() -> None:
    assert outcome(np.array([0, 1]), np.array([0, 1])) == "fail"


def test_balanced_accuracy_is_the_mean_of_the_recalls() -> None:
    answers = RARE.copy()
    answers[:99], answers[995:] = 1, 0
    balanced, accuracy = checked(RARE, answers).measures
    assert balanced.value == pytest.approx((0.9 + 0.5) / 2)
    assert accuracy.value == pytest.approx((1000 - 104) / 1000)
    assert balanced.low is not None
    assert balanced.high is not None
    assert balanced.low < 0.7 < balanced.high


def test_chance_depends_on_how_many_classes_occur() -> None:
    assert checked(HALF, HALF).line == 0.5
    assert checked(np.arange(9) % 3, np.arange(9) % 3).line == pytest.approx(1 / 3)


def test_one_class_alone_cannot_be_judged() -> None:
    y = np.zeros(50, dtype=np.int64)
    assert outcome(y, y) == "inconclusive"
    assert checked(y, y).measures[0].why


def data(y: Ints) -> Dataset:
    schema = Schema(features=(Feature(name="a"),))
    x = np.zeros((len(y), 1))
    return Dataset(
        name="d", x=x, y=y, classes=(0, 1, 2), ids=np.arange(len(y)), schema=schema, digest=""
    )


def test_the_control_tells_the_constant_model_from_the_perfect_one() -> None:
    shown = control(constraint=None, data=data(HALF), recipe=None, rng=rng(0))
    assert shown.passed
    assert "a constant model reaches 0.4" in shown.detail


@pytest.mark.parametrize("y", [np.zeros(50, dtype=np.int64), np.array([0, 1])])
def test_the_control_fails_where_the_data_cannot_tell_them_apart(y: Ints) -> None:
    assert not control(constraint=None, data=data(y), recipe=None, rng=rng(0)).passed


def test_a_model_worse_than_chance_is_told_to_have_its_classes_mixed_up() -> None:
    (remark,) = checked(HALF, 1 - HALF).remarks
    assert "worse than chance" in remark
    assert "'0', '1', '2', in this order" in remark


@pytest.mark.parametrize("answers", [HALF, np.zeros_like(HALF), np.arange(400) // 2 % 2])
def test_good_and_blind_models_are_told_nothing_of_mixed_up_classes(answers: Ints) -> None:
    assert checked(HALF, answers).remarks == ()
