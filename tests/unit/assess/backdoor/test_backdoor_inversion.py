"""The check of models of pictures: planted marks are found, sound models pass, the rest is open."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.gradients.stand_in import SlopedNetwork
from bartizan.adapt.training.recipe import Untrainable
from bartizan.assess.backdoor import inversion
from bartizan.assess.backdoor.inversion import ENTRY, Params
from bartizan.assess.backdoor.inversion_control import planted
from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier, Loss, Recipe, ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Steps, Study, finished
from bartizan.core.schema import Image, Label, Schema
from unit.assess.backdoor.digits import TARGET, blended, clean, pictures

REST = pictures()[1]
QUICK = Params(rows=400, draws=2)


def checked(
    model: Classifier, data: Dataset = REST, *, recipe: Recipe | None = None, params: Params = QUICK
) -> CheckResult:
    study = Study(model=model, data=data, recipe=recipe)
    return finished(inversion.run(study, params=params, rng=np.random.default_rng(0)))


def value(result: CheckResult, name: str) -> float:
    found = next(measure for measure in result.measures if measure.name == name)
    assert found.value is not None
    return found.value


@dataclass(frozen=True)
class Flat:
    """Decides by the brightest of the first k pixels, and shows a gradient of zeros."""

    k: int
    score_kind: ScoreKind = "logit"

    @property
    def classes(self) -> tuple[Label, ...]:
        return tuple(range(self.k))

    def scores(self, x: Array) -> Array:
        return x[:, : self.k] if x.shape[1] >= self.k else np.repeat(x, self.k, axis=1)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        return loss(self.scores(x))[0], np.zeros_like(x)


def small(n: int, shape: tuple[int, int], k: int) -> Dataset:
    height, width = shape
    return Dataset(
        name="p",
        x=np.random.default_rng(0).uniform(size=(n, height * width)),
        y=np.arange(n) % k,
        classes=tuple(range(k)),
        ids=np.arange(n),
        schema=Schema(image=Image(height=height, width=width, channels=1, max=1.0, whole=False)),
        digest="sha256:0",
    )


def test_a_network_with_a_blended_picture_planted_lies_below_the_line() -> None:
    result = checked(blended())
    measure = result.measures[0]
    assert measure.high is not None
    assert measure.high < ENTRY.threshold[2]
    assert f"leads to class {str(TARGET)!r}" in result.remarks[0]
    assert value(result, "trigger-success") > 0.8
    assert value(result, "backdoor-chance") > 0.9


def test_a_sound_network_lies_above_the_line() -> None:
    result = checked(clean())
    measure = result.measures[0]
    assert measure.low is not None
    assert measure.low > ENTRY.threshold[2]
    assert value(result, "backdoor-chance") < 0.5


def test_clean_models_trained_by_the_recipe_are_what_sizes_are_compared_with() -> None:
    params = replace(QUICK, twins=2)
    told = [checked(model, recipe=SlopedNetwork(), params=params) for model in (clean(), blended())]
    assert all("2 clean models" in one.remarks[1] for one in told)
    sound, bad = (value(one, "smallest-trigger-size") for one in told)
    assert bad < ENTRY.threshold[2] < sound


def test_the_control_finds_what_it_plants_in_the_user_s_own_rows() -> None:
    told = ENTRY.control(constraint=None, data=REST, recipe=None, rng=np.random.default_rng(0))
    assert told.passed, told.detail


@pytest.mark.parametrize("recipe", [None, SlopedNetwork()], ids=["none", "recipe"])
def test_the_control_has_clean_models_where_the_check_has_them(recipe: Recipe | None) -> None:
    seen = []

    def noting(study: Study, **rest: Any) -> Steps:
        seen.append(study.recipe)
        return (yield from inversion.run(study, **rest))

    control = planted(noting, replace(QUICK, twins=2))
    told = control(constraint=None, data=REST, recipe=recipe, rng=np.random.default_rng(0))
    assert told.passed, told.detail
    assert seen == [recipe, recipe]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (small(30, (4, 4), 3), "too few"),
        (small(80, (4, 4), 1), "one class"),
        (small(80, (1, 1), 2), "the same class"),
    ],
    ids=["few rows", "one class", "one pixel"],
)
def test_the_control_fails_with_a_reason_where_nothing_can_be_planted(
    data: Dataset, why: str
) -> None:
    told = ENTRY.control(constraint=None, data=data, recipe=None, rng=np.random.default_rng(0))
    assert not told.passed
    assert told.detail
    del why


@pytest.mark.parametrize(
    ("model", "data", "why"),
    [
        (Flat(6), small(100, (4, 4), 6), "gradients were zero"),
        (Flat(5), small(100, (1, 1), 5), "the same class"),
        (Flat(3), small(100, (4, 4), 3), "too few to say what is usual"),
        (Flat(6), small(20, (4, 4), 6), "too few"),
        (Flat(60), small(100, (900, 900), 60), "would take hours"),
    ],
    ids=["vanished", "constant", "three classes", "few rows", "many large"],
)
def test_what_cannot_be_searched_has_no_value_and_a_reason(
    model: Flat, data: Dataset, why: str
) -> None:
    measure = checked(model, data).measures[0]
    assert measure.value is None
    assert why in measure.why


def test_equal_seeds_give_equal_results() -> None:
    assert checked(clean()) == checked(clean())


@pytest.mark.parametrize(
    ("data", "k", "recipe", "why"),
    [
        (small(199, (4, 4), 6), 6, None, "200 are needed"),
        (small(200, (4, 4), 1), 6, None, "one class only"),
        (small(200, (4, 4), 3), 3, Untrainable(why="it is a file"), "3 classes are too few"),
        (small(200, (900, 900), 60), 60, None, "would take hours"),
        (small(200, (4, 4), 3), 3, SlopedNetwork(), ""),
        (small(200, (4, 4), 6), 6, None, ""),
    ],
    ids=["few rows", "one class", "three classes", "many large", "with a recipe", "enough"],
)
def test_why_it_says_nothing_is_known_before_anything_is_searched(
    data: Dataset, k: int, recipe: Recipe | None, why: str
) -> None:
    assert ENTRY.lacks is not None
    told = ENTRY.lacks(Study(model=Flat(k), data=data, recipe=recipe))
    assert why in told
    assert bool(told) == bool(why)


def test_as_few_rows_as_are_let_through_are_enough_for_the_control() -> None:
    few = REST.take(np.arange(200))
    assert ENTRY.lacks is not None
    assert not ENTRY.lacks(Study(model=clean(), data=few))
    told = ENTRY.control(constraint=None, data=few, recipe=None, rng=np.random.default_rng(0))
    assert told.passed, told.detail


@dataclass(frozen=True)
class Almost(Flat):
    """Gives the brightest row another class than all others."""

    def scores(self, x: Array) -> Array:
        scores = np.repeat(np.eye(self.k)[:1], len(x), axis=0)
        scores[x.sum(axis=1) >= small(100, (4, 4), 6).x.sum(axis=1).max(), 1] = 2.0
        return scores


def test_a_model_that_gives_almost_all_rows_one_class_is_told_and_not_searched() -> None:
    measure = checked(Almost(6), small(100, (4, 4), 6)).measures[0]
    assert measure.value is None
    assert "the same class" in measure.why
