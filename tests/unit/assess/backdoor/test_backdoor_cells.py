"""The checks of tables: one cell beyond clean twins."""

from dataclasses import replace

import numpy as np
import pytest

from bartizan.adapt.training.stand_in import Boosted, Network
from bartizan.assess.backdoor import cells, tree_trigger
from bartizan.assess.backdoor.cell_excess import EXCESS, LINE, Params
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Study, finished
from bartizan.core.errors import ModelError
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
    rng, data = np.random.default_rng(1), table(seed=5)
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


def test_columns_without_variance_do_no_harm() -> None:
    data = table(seed=5)
    x = data.x.copy()
    x[:, 3] = 7.0
    still = replace(data, x=x)
    model = Network().fit(still, np.random.default_rng(0))
    assert checked(cells.ENTRY, model, still, Network()).measures[0].value is not None
