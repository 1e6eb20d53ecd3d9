"""The entries: real attacks on rows whose answer is known; their controls on all kinds of rows."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.damage import ENTRIES, cell_marks, contributors, flips, picture_marks, points
from bartizan.assess.damage.linear import Linear
from bartizan.assess.damage.settings import Params
from bartizan.assess.profile import PROFILES
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, finished
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from unit.assess.damage.blobs import Constant, clumps, pictures, study
from worlds import WORLDS

FEW: dict[str, Any] = {"seeds": 3, "rows": 400, "held": 300, "curve": False}
TABLES = (flips.ENTRY, contributors.ENTRY, points.ENTRY, cell_marks.ENTRY)


def checked(
    entry: Entry, train: Dataset, data: Dataset, recipe: Any = None, **more: Any
) -> CheckResult:
    subject = study(train, data, recipe) if recipe else study(train, data)
    params = replace(entry.params, **{**FEW, **more})
    return finished(entry.run(subject, params=params, rng=rng(0, entry.id)))


def value(result: CheckResult, name: str) -> float:
    found = next(one for one in result.measures if one.name == name).value
    assert found is not None
    return found


def test_the_measure_that_decides_is_the_one_the_threshold_names() -> None:
    for entry in ENTRIES:
        rows = pictures if "image" in entry.needs else clumps
        made = checked(entry, rows(400, seed=1), rows(300, seed=2))
        assert made.measures[0].name == entry.threshold[0], entry.id
        assert made.measures[0].value is not None, entry.id


def test_a_look_up_loses_what_is_flipped_at_random_and_half_of_the_rarest_class() -> None:
    """Five rows in a hundred are all of the rarest class: half of it is flipped, half recalled."""
    train, data = (clumps(n, seed=n, shares=(0.95, 0.05)) for n in (2000, 1000))
    result = checked(flips.ENTRY, train, data, rows=2000, held=1000)
    assert value(result, "accuracy-loss-random-flips") == pytest.approx(0.05, abs=0.05)
    lost = value(result, "accuracy-loss-flips-of-one-class")
    assert lost == pytest.approx(0.25, abs=0.1)
    assert lost == result.measures[0].value


def test_computed_rows_hurt_a_linear_model_more_than_as_many_flipped_labels() -> None:
    train, data = (replaced(clumps(n, seed=n)) for n in (400, 300))
    computed = checked(points.ENTRY, train, data, Linear(), rate=0.1)
    flipped = checked(flips.ENTRY, train, data, Linear(), rate=0.1)
    assert computed.measures[0].value is not None
    assert computed.measures[0].value > value(flipped, "accuracy-loss-random-flips") + 0.02


def replaced(data: Dataset) -> Dataset:
    """Clumps that touch."""
    x = data.x.copy()
    x[:, 0] *= 0.03
    return replace(data, x=x)


def test_marks_of_cells_teach_a_look_up() -> None:
    result = checked(cell_marks.ENTRY, clumps(400, seed=1), clumps(300, seed=2), rate=0.1)
    ways = {one.name for one in result.measures if one.name.startswith("net-success-")}
    assert ways == {
        "net-success-at-10-percent", "net-success-out-of-range", "net-success-in-bounds",
        "net-success-jittered", "net-success-quantised",
    }  # fmt: skip
    assert (result.measures[0].low or 0) > 0.2


def test_marks_of_pictures_teach_a_look_up() -> None:
    result = checked(picture_marks.ENTRY, pictures(400, seed=1), pictures(200, seed=2), rate=0.1)
    assert (result.measures[0].value or 0) > 0.8
    ways = [one.name for one in result.measures if one.name.startswith("net-success-")]
    assert len(ways) == 6


def test_a_table_without_a_column_for_a_mark_says_so() -> None:
    names = ("a", "b", "c")
    group = tuple(Feature(name=name, group="letter", min=0, max=1) for name in names)
    stream = rng(0)
    y = stream.integers(0, 2, 300)
    x = np.eye(3)[np.where(stream.random(300) < 0.9, y, 2)]
    rows = replace(clumps(300), x=x, y=y, schema=Schema(features=group))
    train, data = rows.take(np.arange(0, 300, 2)), rows.take(np.arange(1, 300, 2))
    moved = replace(data, x=data.x + 1e-9 * np.arange(150)[:, None])
    for entry in (cell_marks.ENTRY, points.ENTRY):
        result = checked(entry, train, moved)
        assert result.measures[0].value is None
        assert "no column of 'clumps' can carry a mark" in result.measures[0].why


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_control_recovers_what_it_plants(entry: Entry, seed: int) -> None:
    data = pictures(300) if "image" in entry.needs else clumps(500)
    told = entry.control(constraint=None, data=data, recipe=None, rng=rng(seed))
    assert told.passed, told.detail


@pytest.mark.parametrize("entry", TABLES, ids=lambda entry: entry.id)
@pytest.mark.parametrize("world", [name for name in WORLDS if name != "image"])
def test_the_control_works_on_every_kind_of_table(entry: Entry, world: str) -> None:
    if WORLDS[world].schema.image is not None:
        pytest.skip("rows are images")
    data = replace(clumps(80), x=WORLDS[world].x, schema=WORLDS[world].schema, classes=(0, 1))
    told = entry.control(constraint=None, data=data, recipe=None, rng=rng(0))
    assert told.passed, told.detail


@pytest.mark.parametrize("entry", TABLES, ids=lambda entry: entry.id)
def test_a_control_without_any_number_says_so(entry: Entry) -> None:
    data = replace(clumps(50), x=np.ones((50, 3)))
    told = entry.control(constraint=None, data=data, recipe=None, rng=rng(0))
    assert not told.passed
    assert "no column of 'clumps' holds numbers that differ" in told.detail


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_constant_model_is_never_said_to_be_damaged(entry: Entry) -> None:
    rows = pictures if "image" in entry.needs else clumps
    result = checked(entry, rows(300, seed=1), rows(200, seed=2), Constant())
    assert result.measures[0].value is None
    assert result.severity == "low"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_two_rows_of_a_class_are_enough_to_go_on(entry: Entry) -> None:
    rows = pictures if "image" in entry.needs else clumps
    train = rows(400, seed=1)
    few = train.take(np.sort(np.concatenate([np.flatnonzero(train.y == 0)[:150],
                                             np.flatnonzero(train.y == 1)[:2]])))  # fmt: skip
    first = checked(entry, few, rows(200, seed=2)).measures[0]
    assert first.value is not None or first.why


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_quick_profile_tries_one_rate_and_the_others_five_seeds_at_least(entry: Entry) -> None:
    quick, standard, thorough = (
        PROFILES[name].settings(entry.params) for name in ("quick", "standard", "thorough")
    )
    assert isinstance(quick, Params)
    assert quick.rates == (quick.rate,)
    assert quick.seeds == 3
    assert len(standard.rates) >= 3
    assert (standard.seeds, thorough.seeds) == (5, 10)
