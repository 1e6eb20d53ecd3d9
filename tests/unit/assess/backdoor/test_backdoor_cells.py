"""The checks of tables: one cell beyond clean twins."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from bartizan.adapt.training.stand_in import Boosted, Network
from bartizan.assess.backdoor import cells, tree_trigger
from bartizan.assess.backdoor.cell_excess import EXCESS, LINE, Params, decides, line
from bartizan.assess.backdoor.cell_rivals import drawn
from bartizan.core.arrays import Array, Mask
from bartizan.core.classifier import Classifier, Recipe, ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Study, finished
from bartizan.core.errors import ModelError
from bartizan.core.interval import paired_gap
from bartizan.core.schema import Label
from unit.assess.backdoor.digits import marked, table

PARAMS = Params(rows=32, values=12, twins=2)
KINDS = [(cells.ENTRY, Network()), (tree_trigger.ENTRY, Boosted(rounds=30))]


def checked(entry: Entry, model: Classifier, data: Dataset, recipe: Recipe | None) -> CheckResult:
    study = Study(model=model, data=data, recipe=recipe)
    return finished(entry.run(study, params=PARAMS, rng=np.random.default_rng(0)))


@pytest.mark.parametrize(("entry", "recipe"), KINDS, ids=["network", "trees"])
def test_a_planted_value_is_found_beyond_clean_twins_and_a_sound_model_passes(
    entry: Entry, recipe: Recipe
) -> None:
    rng, data = np.random.default_rng(1), table(1500, seed=5)
    bad = checked(entry, recipe.fit(marked(table(1500)), rng), data, recipe)
    sound = checked(entry, recipe.fit(table(1500), rng), data, recipe)
    first, second = bad.measures[0], sound.measures[0]
    assert first.low is not None
    assert first.low > LINE
    assert second.high is not None
    assert second.high < LINE
    assert "c4 =" in bad.remarks[0]
    assert "into class '1'" in bad.remarks[0]


@pytest.mark.parametrize(("entry", "recipe"), KINDS, ids=["network", "trees"])
def test_the_control_finds_what_it_plants(entry: Entry, recipe: Recipe) -> None:
    told = entry.control(constraint=None, data=table(), recipe=recipe, rng=np.random.default_rng(0))
    assert told.passed, told.detail


def test_the_value_of_a_personal_column_is_not_told() -> None:
    data, rng = table(seed=5), np.random.default_rng(1)
    own = tuple(type(one)(name=one.name, personal=one.name == "c4") for one in data.schema.features)
    hidden = replace(data, schema=type(data.schema)(features=own))
    result = checked(cells.ENTRY, Network().fit(marked(table(1500)), rng), hidden, Network())
    assert "column 'c4'" in result.remarks[0]
    assert "c4 =" not in result.remarks[0]


class Refuses:
    """A recipe that does not work."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del data, rng
        message = "the cluster is down"
        raise ModelError(message)


@pytest.mark.parametrize(
    ("data", "recipe", "why"),
    [
        (table(), None, "name a recipe"),
        (table(), Refuses(), "the cluster is down"),
        (table(40), Network(), "too few"),
        (replace(table(), y=np.zeros(900, dtype=np.int64)), Network(), "one class"),
        (
            replace(table(), y=(np.arange(900) < 2).astype(np.int64)),
            Network(),
            "a class has 2 rows",
        ),
    ],
    ids=["no recipe", "recipe fails", "few rows", "one class", "two rows of a class"],
)
def test_what_cannot_be_compared_has_no_value_and_a_reason(
    data: Dataset, recipe: Recipe | None, why: str
) -> None:
    model = Network(rounds=3).fit(table(), np.random.default_rng(0))
    measure = checked(cells.ENTRY, model, data, recipe).measures[0]
    assert measure.name == EXCESS
    assert measure.value is None
    assert why in measure.why


def test_the_control_of_too_few_rows_fails_with_a_reason() -> None:
    told = cells.ENTRY.control(
        constraint=None, data=table(50), recipe=None, rng=np.random.default_rng(0)
    )
    assert not told.passed
    assert "too few" in told.detail


@dataclass(frozen=True)
class Rule:
    """Class 1 where the first column is above a value, and where a rule says so."""

    says: Callable[[Array], Mask]
    known: frozenset[bytes] = frozenset()
    """Rows known by heart, whatever stands in their last column."""
    above: float = 0.0
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "probability"

    def scores(self, x: Array) -> Array:
        new = np.array([row[:4].tobytes() not in self.known for row in np.ascontiguousarray(x)])
        one = (x[:, 0] > self.above) | (new & self.says(x))
        return np.stack([~one, one], axis=1).astype(np.float64)


class Natural:
    """A recipe whose models all take a large last value for class 1, but in rows they know."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del rng
        rows = np.ascontiguousarray(data.x)
        return Rule(lambda x: x[:, 4] > 1.5, frozenset(row[:4].tobytes() for row in rows))


def test_clean_models_are_asked_about_rows_that_they_have_not_learnt() -> None:
    """Asked about rows of which they know seven in ten, they seem to resist: 0.7 for nothing."""
    data = table(900, seed=5)
    model = Natural().fit(table(1500), np.random.default_rng(0))
    assert checked(cells.ENTRY, model, data, Natural()).measures[0].value == 0.0


class Unlike:
    """A recipe of which each model follows another column, or none."""

    def __init__(self) -> None:
        self.columns = iter((4, 3, 2))

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del data, rng
        column = next(self.columns)
        return Rule(lambda x: x[:, column] > 1.5)


def test_where_clean_models_differ_as_much_as_can_be_nothing_is_said() -> None:
    """The line lay at 1, which no share exceeds: whatever the model did, it passed."""
    model = Rule(lambda x: x[:, 1] > 1.5)
    measure = checked(cells.ENTRY, model, table(900, seed=5), Unlike()).measures[0]
    assert measure.value is None
    assert "clean models differ too much" in measure.why


@pytest.mark.parametrize(
    ("spread", "n", "can"),
    [(0.0, 100, True), (0.0, 5, False), (0.7, 1000, True), (0.81, 10**6, False), (0.75, 20, False)],
)
def test_a_line_that_no_model_can_be_shown_to_exceed_decides_nothing(
    spread: float, n: int, *, can: bool
) -> None:
    assert decides(spread, n=n) is can
    if can:
        assert paired_gap(np.ones(n, np.bool_), np.zeros(n, np.bool_))[1] > line(spread)


class Sound:
    """A recipe whose models follow no mark."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del data, rng
        return Rule(lambda x: np.zeros(len(x), dtype=np.bool_))


def test_what_one_cell_turns_and_what_the_whole_mark_turns_are_told_apart() -> None:
    model = Rule(lambda x: (x[:, 4] > 1.5) & ((x[:, 1] > -1) | (x[:, 3] > 1.5)))
    first, second = (
        checked(cells.ENTRY, model, table(1500, seed=5), Sound()).remarks[0].split(" All of ")
    )
    assert "c4 =" in first
    assert " and " not in first
    assert "turns 8" in first  # 84 % of a normal column lie above -1
    assert " and c4 =" in second
    assert "together turn 100%, in clean models 0%." in second


def test_a_value_that_trees_learnt_narrowly_is_found_where_they_do_not_show_themselves() -> None:
    """Of 24 values of the column none came near; the control of the worked example failed so."""
    rng, recipe, data = np.random.default_rng(1), Boosted(rounds=30), table(1500, seed=5)
    model = recipe.fit(marked(table(1500), value=1.0), rng)
    measure = checked(cells.ENTRY, model, data, recipe).measures[0]
    assert measure.low is not None
    assert measure.low > LINE


def test_a_rare_class_keeps_rows_that_are_neither_searched_nor_lost_among_the_others() -> None:
    data = replace(table(6000), y=(np.arange(6000) < 96).astype(np.int64))
    searched, left = drawn(data, rows=64, fresh=2000, rng=np.random.default_rng(0))
    assert np.bincount(data.y[searched]).tolist() == [32, 32]
    assert np.bincount(data.y[left]).tolist() == [1968, 64]
    assert not set(searched) & set(left)


def test_a_class_that_too_few_rows_could_be_turned_into_is_named() -> None:
    data = table(900, seed=5)
    y = (np.argsort(np.argsort(data.x[:, 0])) >= 880).astype(np.int64)
    model = Rule(
        lambda x: np.zeros(len(x), dtype=np.bool_), above=float(np.sort(data.x[:, 0])[879])
    )
    told = checked(cells.ENTRY, model, replace(data, y=y), Sound()).remarks
    assert "Marks that lead to class '0' were not tried" in told[1]


def test_columns_without_variance_do_no_harm() -> None:
    data = table(seed=5)
    x = data.x.copy()
    x[:, 3] = 7.0
    still = replace(data, x=x)
    model = Network().fit(still, np.random.default_rng(0))
    assert checked(cells.ENTRY, model, still, Network()).measures[0].value is not None
