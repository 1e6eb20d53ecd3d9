from dataclasses import dataclass, replace

import numpy as np
import pytest

from bartizan.assess.importance import ENTRY, Params, evenly, features, run, severity
from bartizan.assess.importance_control import planted
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, ScoreKind, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Study, finished
from bartizan.core.finding import Importance
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng
from bartizan.core.trees import Trees
from models import Counting, Stumps, linear
from worlds import WORLDS

TABLES = {name: world for name, world in WORLDS.items() if world.schema.image is None}

WEIGHTS = np.array([0.0, 3.0, 1.0, 0.0])


def data(model: Classifier, n: int = 600, d: int = 4) -> Dataset:
    x = rng(0, "rows").normal(size=(n, d))
    schema = Schema(features=tuple(Feature(name=f"x{j}") for j in range(d)))
    y = decisions(model.scores(x))
    return Dataset(name="d", x=x, y=y, classes=(0, 1), ids=np.arange(n), schema=schema, digest="")


def explained(model: Classifier, data: Dataset, **settings: int) -> CheckResult:
    return finished(run(Study(model=model, data=data), params=Params(**settings), rng=rng(1)))


def test_features_are_told_in_the_order_in_which_they_matter() -> None:
    model = linear(WEIGHTS)
    found = explained(model, data(model)).importances
    assert [one.feature for one in found[:2]] == ["x1", "x2"]
    assert all(one.low <= 0 <= one.high for one in found[2:])
    assert found[0].contribution == pytest.approx(3 * np.sqrt(2 / np.pi), rel=0.1)
    assert found[2].contribution == pytest.approx(0, abs=1e-9)
    assert all(one.attacked is None for one in found)


def test_a_model_on_one_feature_is_a_short_cut() -> None:
    model = linear(np.array([0.0, 1.0, 0.0, 0.0]))
    result = explained(model, data(model))
    assert result.measures[0].value == pytest.approx(1)
    assert result.severity == "medium"


def test_an_even_model_is_none() -> None:
    model = linear(np.ones(4))
    share = explained(model, data(model)).measures[0]
    assert share.value is not None
    assert share.low is not None
    assert share.high is not None
    assert 0.2 < share.low < share.value < share.high < 0.4


def test_a_model_that_knows_nothing_has_no_share() -> None:
    rows = replace(data(linear(WEIGHTS)), y=rng(0, "coin").integers(0, 2, 600))
    share = explained(linear(np.array([1.0, 0, 0, 0])), rows).measures[0]
    assert share.value is None
    assert "no feature matters" in share.why


def test_a_rare_class_counts_as_much_as_the_other() -> None:
    model = linear(WEIGHTS, offset=-7.5)
    rows = data(model, n=4000)
    assert 10 < rows.y.sum() < 60
    assert explained(model, rows, rows=400).importances[0].value > 0.2


@dataclass(frozen=True)
class Ensemble:
    """Stumps that show their trees."""

    stumps: Stumps

    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        return self.stumps.scores(x)

    def structure(self) -> Trees:
        n = len(self.stumps.column)
        value = np.zeros((n, 3, 2))
        value[:, 2, 1] = self.stumps.step
        node = 3 * np.arange(n)
        fill = np.full((n, 2), -1)
        return Trees(
            feature=np.column_stack([self.stumps.column, fill]).ravel(),
            threshold=np.column_stack([self.stumps.cut, fill * np.nan]).ravel(),
            left=np.column_stack([node + 1, fill]).ravel(),
            right=np.column_stack([node + 2, fill]).ravel(),
            missing_left=np.zeros(3 * n, dtype=bool),
            members=np.full(3 * n, -1),
            value=value.reshape(-1, 2),
            roots=node,
            base=np.array([0.0, self.stumps.bias]),
            kind="logit",
        )


def test_trees_are_read_for_contributions() -> None:
    model = Ensemble(Stumps(np.array([0, 1]), np.zeros(2), np.array([4.0, 2.0]), -3.0))
    result = explained(model, data(model))
    added = {one.feature: one.contribution for one in result.importances}
    # A step of height h at the median adds h / 2 on either side.
    assert added == pytest.approx({"x0": 2.0, "x1": 1.0, "x2": 0.0, "x3": 0.0}, abs=0.15)
    assert "exact Shapley values of the trees" in result.remarks[1]


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (Stumps(np.array([0, 1]), np.zeros(2), np.ones(2), -1.5), "neither linear nor"),
        (replace(linear(WEIGHTS), score_kind="label"), "labels only"),
    ],
)
def test_without_an_exact_way_no_contribution_is_shown(model: Classifier, why: str) -> None:
    result = explained(model, data(model))
    assert all(one.contribution is None for one in result.importances)
    assert why in result.remarks[1]


def test_a_group_is_one_feature() -> None:
    world = WORLDS["mixed"]
    model = world.model()
    names = [one.feature for one in explained(model, world.data(model)).importances]
    assert "colour" in names
    assert "red" not in names
    assert len(names) == len(features(world.schema)) == len(set(names)) == 10


@pytest.mark.parametrize("y", [np.zeros(600, dtype=np.int64)])
def test_one_class_tells_nothing(y: Ints) -> None:
    share = explained(linear(WEIGHTS), replace(data(linear(WEIGHTS)), y=y)).measures[0]
    assert share.value is None


def test_one_feature_tells_nothing() -> None:
    model = linear(np.ones(1))
    assert explained(model, data(model, d=1)).measures[0].value is None


def test_no_more_rows_are_asked_about_than_told() -> None:
    seen = Counting(linear(WEIGHTS))
    explained(seen, data(linear(WEIGHTS), n=3000), rows=200, repeats=3)
    assert sum(len(part) for part in seen.seen) == 200 * (1 + 4 * 3) + 5 + 16


def test_rows_are_shared_out_evenly_over_the_classes() -> None:
    y = np.repeat([0, 1, 2], [500, 30, 5])
    picked = evenly(y, 100, rng(0))
    assert np.bincount(y[picked]).tolist() == [65, 30, 5]
    assert len(set(picked)) == 100
    assert len(evenly(y, 1000, rng(0))) == 535


def test_severity() -> None:
    assert (severity(0.92), severity(0.99)) == ("low", "medium")


@pytest.mark.parametrize("world", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("seed", range(5))
def test_the_control_passes_on_tables_of_every_kind(world: object, seed: int) -> None:
    rows = world.data(world.model())  # type: ignore[attr-defined]  # a World
    shown = ENTRY.control(constraint=None, data=rows, recipe=None, rng=rng(seed, "control"))
    assert shown.passed, shown.detail


def test_the_control_tells_a_ranking_that_is_upside_down() -> None:
    def upside_down(study: Study, *, params: Params, rng: np.random.Generator):  # type: ignore[no-untyped-def]  # noqa: ANN202 (a fake)
        result = yield from run(study, params=params, rng=rng)
        ranked: tuple[Importance, ...] = result.importances[::-1]
        return replace(result, importances=ranked)

    rows = data(linear(WEIGHTS))
    shown = planted(upside_down, Params())(constraint=None, data=rows, recipe=None, rng=rng(0))
    assert not shown.passed


def test_the_control_fails_where_nothing_varies() -> None:
    rows = data(linear(WEIGHTS))
    flat = replace(rows, x=np.ones_like(rows.x))
    assert not ENTRY.control(constraint=None, data=flat, recipe=None, rng=rng(0)).passed
