from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from bartizan.assess.extraction import ENTRY, Params, run, severity
from bartizan.assess.extraction_control import HashTwin
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Classifier, ScoreKind, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Study, finished
from bartizan.core.finding import Series
from bartizan.core.schema import Feature, Image, Label, Schema
from bartizan.core.streams import rng
from models import Counting, Stumps, linear
from worlds import WORLDS, World

CURVED = Stumps(
    np.array([0, 1, 2, 0]), np.array([0.1, -0.4, 0.3, 1.0]), np.array([2.0, 1.5, 1.0, -2.5]), -1.6
)
LINEAR = linear(np.array([2.0, -1.0, 0.5]), offset=-1.0)


@dataclass(frozen=True)
class Labels:
    """The same model, telling labels only."""

    model: Classifier
    score_kind: ScoreKind = "label"

    @property
    def classes(self) -> tuple[Label, ...]:
        return self.model.classes

    def scores(self, x: Array) -> Array:
        return np.eye(2)[decisions(self.model.scores(x))]


def data(n: int = 1200, d: int = 3, *, y: Ints | None = None) -> Dataset:
    x = rng(0, "rows").normal(size=(n, d))
    return Dataset(
        name="d", x=x, y=decisions(LINEAR.scores(x)) if y is None else y, classes=(0, 1),
        ids=np.arange(n), schema=Schema(features=tuple(Feature(name=f"x{j}") for j in range(d))),
        digest="",
    )  # fmt: skip


def stolen(study: Study, seed: int = 0, *, points: int = 5) -> CheckResult:
    return finished(run(study, params=Params(points=points), rng=rng(seed, "run")))


@cache
def priced() -> CheckResult:
    """One run that several tests look at."""
    return stolen(Study(model=CURVED, data=data(), queries=160, cost_per_1000=5.0), points=3)


def value(result: CheckResult, name: str) -> float:
    found = next(m.value for m in result.measures if m.name == name)
    assert found is not None
    return found


def last(result: CheckResult, name: str) -> float:
    return next(s.y[-1] for s in result.series if s.name == name)


def test_a_linear_model_that_tells_scores_is_stolen_whole() -> None:
    result = stolen(Study(model=LINEAR, data=data(), queries=100), points=1)
    assert value(result, "fidelity-above-floor") == 1.0
    assert "linear: 4 questions" in result.remarks[0]


@pytest.mark.slow
def test_labels_hide_the_weights_of_a_linear_model_but_not_what_it_does() -> None:
    result = stolen(Study(model=LINEAR, data=data(), queries=100, access="labels"))
    assert value(result, "fidelity-above-floor") < 1.0
    assert value(result, "fidelity") > 0.9
    assert not any("linear:" in text for text in result.remarks)


@pytest.mark.slow
def test_random_answers_cannot_be_stolen() -> None:
    result = stolen(Study(model=HashTwin(b"k"), data=data(), queries=200))
    assert abs(value(result, "fidelity-above-floor")) < 0.2
    assert severity(value(result, "fidelity-above-floor"), 0.0) == "low"


@pytest.mark.slow
@pytest.mark.parametrize("model", [CURVED, Labels(CURVED)], ids=["scores", "labels"])
def test_every_question_is_counted_and_no_thief_asks_too_many(model: Classifier) -> None:
    seen = Counting(model)
    result = stolen(Study(model=seen, data=data(), queries=150))
    asked = sum(len(part) for part in seen.seen) - 600  # those that measure
    assert value(result, "questions-asked") == asked
    ways = 4
    again = 2 if model.score_kind != "label" else 0  # the best way, told less
    most = ways * 150 + again * 150 + (4 + 16 if again else 0)
    assert ways * 150 <= asked <= most
    assert all(series.x[-1] == 150 for series in result.series)


@pytest.mark.slow
def test_no_row_is_both_the_thiefs_and_a_measure() -> None:
    seen = Counting(Labels(CURVED))
    stolen(Study(model=seen, data=data(), queries=700, access="labels"))
    measured = {row.tobytes() for row in seen.seen[0]}
    asked = {row.tobytes() for part in seen.seen[1:] for row in part}
    assert len(measured) == 600
    assert not measured & asked


def test_curves_are_named_and_share_their_questions() -> None:
    result = priced()
    charts: dict[str, list[Series]] = {}
    for series in result.series:
        charts.setdefault(series.chart, []).append(series)
        assert series.x_scale == "log"
    names = [{series.name for series in group} for group in charts.values()]
    told = {"scores", "scores to one decimal", "labels only"}
    assert names == [{"natural", "marginal", "uniform", "active", "constant answer"}, told, told]
    money = next(series for series in result.series if "price" in series.x_name)
    assert money.x == pytest.approx((0.2, 0.4, 0.8))
    asked = value(result, "questions-asked") + 600
    said = f"160 questions costs 0.8. This check asked {asked:.0f} questions, 600 of"
    assert said in result.remarks[-1]
    assert result.remarks[-1].endswith(f"to measure: {asked / 200:g}.")


def test_what_hiding_scores_changed_is_measured() -> None:
    result = priced()
    hiding = value(result, "lost-by-hiding-scores")
    assert hiding == pytest.approx(last(result, "scores") - last(result, "labels only"))
    assert any("Telling labels only instead of scores takes" in t for t in result.remarks)


@pytest.mark.slow
def test_own_rows_that_run_out_are_told() -> None:
    result = stolen(Study(model=CURVED, data=data(200), queries=400))
    natural = next(series for series in result.series if series.name == "natural")
    assert natural.x[-1] == 100
    assert any("natural 100" in text for text in result.remarks)


@pytest.mark.parametrize("n", [20, 99])
def test_too_few_rows_are_told(n: int) -> None:
    first = stolen(Study(model=CURVED, data=data(n), queries=50)).measures[0]
    assert first.value is None
    assert "at least 100 rows" in first.why


def test_a_constant_model_has_nothing_to_steal() -> None:
    first = stolen(Study(model=linear(np.zeros(3)), data=data(), queries=50)).measures[0]
    assert first.value is None
    assert "alike" in first.why


@pytest.mark.slow
def test_one_question_is_enough_to_run() -> None:
    assert stolen(Study(model=CURVED, data=data(), queries=1)).measures[0].value is not None


@pytest.mark.slow
def test_the_same_seed_gives_the_same_result_and_a_resumed_run_asks_nothing_again() -> None:
    pieces: dict[str, Mapping[str, AnyArray]] = {}

    def kept(name: str, make: Callable[[], Mapping[str, AnyArray]]) -> Mapping[str, AnyArray]:
        if name not in pieces:
            pieces[name] = make()
        return pieces[name]

    study = Study(model=CURVED, data=data(), queries=120)
    whole = stolen(study)
    part = run(replace(study, kept=kept), params=Params(), rng=rng(0, "run"))
    for _ in range(19):  # stopped in the middle of the active thief
        next(part)
    assert len(pieces) > 10
    resumed = stolen(replace(study, kept=kept))
    assert resumed.series == whole.series
    seen = Counting(CURVED)
    again = stolen(replace(study, model=seen, kept=kept))
    assert again.measures == whole.measures  # questions of the earlier run count as well
    assert sum(len(each) for each in seen.seen) == 600 + 4 + 16  # to measure and to solve


@pytest.mark.slow
def test_progress_never_goes_back() -> None:
    told = list(run(Study(model=CURVED, data=data(), queries=64), params=Params(), rng=rng(0)))
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.9 < told[-1] <= 1


@pytest.mark.slow
def test_images_are_copied_from_their_crops() -> None:
    draw = rng(0, "images")
    x = np.round(draw.uniform(0, 255, (240, 30)))
    image = Image(height=5, width=3, channels=2)
    weights = draw.normal(size=30)
    model = linear(weights, offset=-127.5 * weights.sum())
    study = Study(
        model=model, queries=120,
        data=Dataset(
            name="i", x=x, y=decisions(model.scores(x)), classes=(0, 1), ids=np.arange(240),
            schema=Schema(image=image), digest="",
        ),
    )  # fmt: skip
    result = stolen(study)
    assert value(result, "fidelity-above-floor") == 1.0  # it is linear
    assert {"natural", "crops", "noise", "active"} <= {series.name for series in result.series}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_tables_of_every_kind_are_stolen(name: str) -> None:
    world: World = WORLDS[name]
    model = world.model()
    few = world.data(model)
    many = np.tile(np.arange(80), 2)
    assert stolen(Study(model=model, data=few.take(many), queries=80)).measures[0].value == 1.0


def test_severity_grows_as_less_needs_to_be_told() -> None:
    assert severity(0.85, 0.5) == "low"
    assert severity(0.85, 0.85) == "medium"
    assert severity(0.99, 0.5) == "medium"
    assert severity(0.99, 0.99) == "high"


def test_the_control_passes_and_says_what_it_planted() -> None:
    shown = ENTRY.control(constraint=None, data=data(), recipe=None, rng=rng(0, "control"))
    assert shown.passed is True
    assert "stolen in 4 questions" in shown.detail


def test_the_control_fails_where_rows_repeat_too_often() -> None:
    few = data(60).take(np.tile(np.arange(60), 10))
    assert not ENTRY.control(constraint=None, data=few, recipe=None, rng=rng(0)).passed
