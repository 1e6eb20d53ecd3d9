from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.membership import ENTRY, Params, run, severity
from bartizan.assess.membership_control import planted
from bartizan.attack.memory import ByHeart, LearnsByHeart, LearnsNothing
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.classifier import Classifier, Recipe, ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Steps, Study, finished
from bartizan.core.errors import ConfigError, Error, MissingExtraError, ModelError
from bartizan.core.finding import Measure, Threshold
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng
from bartizan.core.verdict import judged

HEART = LearnsByHeart(reach=0.5)
FEW = Params(shadows=8, rows=400)


def rows(n: int, *, seed: int = 0, k: int = 3, d: int = 4) -> Dataset:
    stream = rng(seed, "rows")
    return Dataset(
        name="rows", x=stream.normal(size=(n, d)), y=stream.integers(0, k, n),
        classes=tuple(range(k)), ids=np.arange(n), digest="",
        schema=Schema(features=tuple(Feature(name=f"x{j}") for j in range(d))),
    )  # fmt: skip


def study(twin: Recipe, *, n: int = 400, m: int = 400, **more: Any) -> Study:
    train, data = rows(n, seed=1), rows(m, seed=2)
    model = twin.fit(train, rng(0, "target"))
    return Study(**{"model": model, "data": data, "train": train, "recipe": twin, **more})


def checked(subject: Study, params: Params = FEW, *, seed: int = 5) -> CheckResult:
    return finished(run(subject, params=params, rng=rng(seed, "check")))


def measure(result: CheckResult, name: str) -> Measure:
    return next(one for one in result.measures if one.name == name)


def outcome(result: CheckResult) -> str:
    line = Threshold(
        measure=ENTRY.threshold[0], op="<=", value=ENTRY.threshold[2], source="default"
    )
    return judged(result.measures[0], line, unsure=ENTRY.unsure)[0]


def test_a_model_that_knows_its_rows_by_heart_fails_critically() -> None:
    result = checked(study(HEART))
    assert outcome(result) == "fail"
    assert result.severity == "critical"
    assert (measure(result, "membership-auc").value or 0) > 0.95
    assert (measure(result, "membership-advantage").value or 0) > 0.9
    assert (measure(result, "accuracy-gap").low or 0) > 0.5


def test_a_model_that_knows_nothing_of_its_rows_passes() -> None:
    result = checked(study(LearnsNothing(), n=1000, m=1000), Params(shadows=8, rows=1000))
    assert outcome(result) == "pass"
    area, share = measure(result, "membership-auc"), result.measures[0]
    assert area.value == pytest.approx(0.5, abs=0.05)
    assert share.low is not None
    assert share.low < 0.01 < (share.high or 0)


def test_the_deciding_measure_comes_first_with_interval_and_rows() -> None:
    first = checked(study(HEART)).measures[0]
    assert first.name == ENTRY.threshold[0] == "membership-tpr-at-1-percent-fpr"
    assert first.value is not None
    assert (first.low or 0) < first.value <= (first.high or 0)
    assert first.n == 400


@dataclass
class Sized:
    """Notes how many rows it is given to train on, and which."""

    given: list[Dataset] = field(default_factory=list)

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        self.given.append(data)
        return LearnsNothing().fit(data, rng)


def test_each_shadow_model_sees_half_of_the_rows_and_is_as_large_as_the_model() -> None:
    recipe = Sized()
    checked(replace(study(recipe, n=600, m=350), recipe=recipe), Params(shadows=6, rows=300))
    assert [len(data.y) for data in recipe.given[1:]] == [600] * 6


def test_progress_is_told_for_every_shadow_model() -> None:
    steps = run(study(HEART), params=FEW, rng=rng(0))
    assert list(steps) == [0.0, *(np.arange(1, 9) / 8)]


class StoppedError(Exception):
    """The user had enough."""


@dataclass
class Memory:
    """Keeps pieces; gives up after some."""

    limit: int
    pieces: dict[str, Mapping[str, AnyArray]] = field(default_factory=dict)
    made: int = 0

    def __call__(
        self, name: str, make: Callable[[], Mapping[str, AnyArray]]
    ) -> Mapping[str, AnyArray]:
        if name not in self.pieces:
            if self.made == self.limit:
                raise StoppedError
            self.pieces[name] = make()
            self.made += 1
        return self.pieces[name]


def test_a_stopped_run_goes_on_where_it_was_and_says_the_same() -> None:
    memory = Memory(limit=3)
    subject = study(LearnsNothing(), kept=memory)
    with pytest.raises(StoppedError):
        checked(subject)
    memory.limit = 100
    assert checked(subject) == checked(replace(subject, kept=study(HEART).kept))
    assert memory.made == 8
    assert {array.nbytes for piece in memory.pieces.values() for array in piece.values()} == {
        800 * 4,
        800 // 8,
    }


def test_equal_seeds_say_the_same_and_others_not() -> None:
    subject = study(LearnsNothing())
    assert checked(subject) == checked(subject)
    assert checked(subject, seed=6) != checked(subject)


def test_without_a_recipe_the_question_stays_open_but_the_loss_speaks() -> None:
    result = checked(study(HEART, recipe=None))
    assert outcome(result) == "inconclusive"
    assert "nothing says how the model is trained anew" in result.measures[0].why
    assert (measure(result, "loss-threshold-auc").value or 0) > 0.9
    assert {one.name for one in result.series} == {"loss-threshold", "label-only", "guessing"}


@dataclass(frozen=True)
class Fails:
    """Cannot be trained anew."""

    kind: type[Error]

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del data, rng
        message = "a booster does not hold how it was trained"
        raise self.kind(message)


@pytest.mark.parametrize("kind", [ModelError, MissingExtraError])
def test_a_model_that_cannot_be_trained_anew_leaves_it_open_with_the_reason(
    kind: type[Error],
) -> None:
    result = checked(study(HEART, recipe=Fails(kind)))
    assert outcome(result) == "inconclusive"
    assert "a booster does not hold how it was trained" in result.measures[0].why
    assert measure(result, "loss-threshold-auc").value is not None


@pytest.mark.parametrize(("each", "needed"), [(150, 200), (250, 300), (0, 200)])
def test_too_few_rows_say_how_many_are_needed(each: int, needed: int) -> None:
    result = checked(study(HEART, n=400, m=each))
    assert outcome(result) == "inconclusive"
    assert f"{needed} rows of the training data" in result.measures[0].why
    assert f"there are {each}" in result.measures[0].why
    assert (measure(result, "membership-auc").value is None) == (each < 200)
    assert (measure(result, "loss-threshold-auc").value is None) == (each == 0)


def test_rows_on_both_sides_are_named_where_they_leave_too_few() -> None:
    subject = study(HEART)
    assert subject.train is not None
    why = checked(replace(subject, data=subject.train)).measures[0].why
    assert "there are 0, because 800 rows stand in the training data and in the data alike" in why


def test_rows_on_both_sides_are_left_out_and_counted() -> None:
    subject = study(HEART, m=800)
    assert subject.train is not None
    x = subject.data.x.copy()
    x[:50] = subject.train.x[:50]
    result = checked(replace(subject, data=replace(subject.data, x=x)))
    assert any("100 rows stand in the training data and in the data" in r for r in result.remarks)
    assert any(r.startswith("350 rows of the training data") for r in result.remarks)


def test_the_remarks_tell_where_shadow_models_are_smaller() -> None:
    subject = study(HEART)
    assert subject.train is not None
    twice = subject.train.take(np.repeat(np.arange(400), 2))  # no second one may train a model
    result = checked(replace(subject, train=twice))
    assert any("trained anew on 400 rows" in remark for remark in result.remarks)
    assert any(r.startswith("The model itself was trained on 800 rows") for r in result.remarks)
    assert not any("The model itself" in remark for remark in checked(subject).remarks)


def test_whoever_sees_labels_only_decides_by_labels() -> None:
    scores, labels = checked(study(HEART)), checked(study(HEART, access="labels"))
    assert measure(labels, "membership-auc") == replace_name(
        measure(labels, "label-only-auc"), "membership-auc"
    )
    assert (labels.measures[0].value or 0) < (scores.measures[0].value or 0)
    assert any("decisions alone" in remark for remark in labels.remarks)
    more = f"Somebody who sees scores finds {scores.measures[0].value:.1%} of them"
    assert any(remark.startswith(more) for remark in labels.remarks)
    assert not any("Somebody who sees scores" in remark for remark in scores.remarks)


def replace_name(one: Measure, name: str) -> Measure:
    return Measure(name=name, value=one.value, low=one.low, high=one.high, n=one.n)


@dataclass(frozen=True)
class Mute:
    """A model that only answers labels."""

    model: ByHeart
    classes: tuple[Label, ...] = (0, 1, 2)
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        return np.eye(3)[self.model.scores(x).argmax(axis=1)]


class LearnsMutely:
    """Its recipe."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        return Mute(HEART.fit(data, rng))


def test_a_model_that_only_answers_labels_is_judged_by_them() -> None:
    result = checked(study(LearnsMutely()))
    assert (measure(result, "membership-auc").value or 0) > 0.7
    assert measure(result, "loss-threshold-auc").value is None
    assert {one.name for one in result.series} == {"label-only", "guessing"}


def test_a_recipe_that_answers_in_another_way_is_refused() -> None:
    result = checked(study(HEART, recipe=LearnsMutely()))
    assert "answers a logit and one trained anew a label" in result.measures[0].why


def test_curves_fit_log_axes_and_share_one() -> None:
    result = checked(study(HEART))
    names = {one.name for one in result.series}
    assert names == {"likelihood-ratio", "loss-threshold", "label-only", "guessing"}
    for one in result.series:
        assert (one.x_scale, one.y_scale) == ("log", "log")
        assert min(*one.x, *one.y) > 0
        assert one.chart.startswith("Membership: ")
        assert 0.01 in one.x
    ratio = next(one for one in result.series if one.name == "likelihood-ratio")
    share = dict(zip(ratio.x, ratio.y, strict=True))[0.01]
    assert share == pytest.approx(result.measures[0].value, abs=1 / 400)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.06, "medium"), (0.2, "medium"), (0.21, "high"), (0.51, "critical")]
)
def test_the_damage_scale(share: float, expected: str) -> None:
    assert severity(share) == expected


@pytest.mark.parametrize("shadows", [0, 2, 5])
def test_designs_that_leave_a_row_always_in_or_out_are_refused(shadows: int) -> None:
    with pytest.raises(ConfigError, match="an even number of at least 4"):
        Params(shadows=shadows)


def control(data: Dataset, check: Callable[..., Steps] = run) -> Any:
    made = planted(check, Params(shadows=8, rows=200, fewest=20))
    return made(constraint=None, data=data, recipe=None, rng=rng(0))


def strange(n: int) -> Dataset:
    """Missing values, constant, huge and empty columns."""
    base = rows(n, d=6)
    x = base.x.copy()
    x[:, 0], x[:, 1], x[::3, 2], x[:, 3] = 5.0, np.nan, np.nan, x[:, 3] * 1e300
    return replace(base, x=x)


@pytest.mark.parametrize("data", [rows(600), rows(90), rows(400, d=200), strange(300)])
def test_the_control_tells_the_twins_apart(data: Dataset) -> None:
    shown = control(data)
    assert shown.passed
    assert "of your rows by heart is found out with an area of" in shown.detail


@pytest.mark.slow
def test_the_control_passes_for_every_seed() -> None:
    data = rows(500)
    made = ENTRY.control
    runs = [made(constraint=None, data=data, recipe=None, rng=rng(seed)) for seed in range(40)]
    assert all(one.passed for one in runs)


def test_the_control_fails_where_nothing_can_be_planted() -> None:
    shown = control(rows(20))
    assert not shown.passed
    assert "nothing could be planted: 20 rows of the training data" in shown.detail


def credulous(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """A broken check: it finds members whatever the model says."""
    assert study.train is not None
    model = HEART.fit(study.train, rng)
    return run(replace(study, model=model, recipe=HEART), params=params, rng=rng)


def reversed_sides(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """A broken check: it takes members for others."""
    assert study.train is not None
    return run(replace(study, train=study.data, data=study.train), params=params, rng=rng)


def deaf(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """A broken check: it does not hear what the model says."""
    model = LearnsNothing().fit(study.data, rng)
    return run(replace(study, model=model), params=params, rng=rng)


@pytest.mark.parametrize("check", [credulous, reversed_sides, deaf])
def test_the_control_fails_a_broken_check(check: Callable[..., Steps]) -> None:
    shown = control(rows(600), check)
    assert not shown.passed
    assert "found out with an area of" in shown.detail
