"""Laws that every inspection of data keeps."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType

import msgspec
import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batch import Batch
from bartizan.core.entry import FLAGGED, CheckResult
from bartizan.core.errors import UnknownEntryError
from bartizan.core.finding import Measure
from bartizan.core.schema import Schema
from bartizan.core.streams import rng
from bartizan.data.entries import ENTRIES, INSPECTIONS, applies_of
from bartizan.data.inspection import Brief
from unit.data.batches import (
    NOW,
    TARGET,
    clean,
    cut,
    inspected,
    outcome,
    plain,
    put,
    rows_of,
    spelled,
    told,
)

each = pytest.mark.parametrize("module", INSPECTIONS, ids=lambda module: module.ENTRY.id)
BARE = Brief(name="bare", schema=Schema(), now=datetime(2026, 1, 1, tzinfo=UTC))


def dirty(rows: int = 60) -> pl.DataFrame:
    """Something wrong for every inspection, in the middle of good rows."""
    table = spelled(clean(rows))
    later = (NOW + timedelta(days=3)).isoformat()
    changes: dict[str, dict[int, str | None]] = {
        "amount": {5: "1000", 17: "lots", 23: "-3"},
        "failed": {7: "99", 30: ""},
        "colour": {9: "rde", 17: "Red ", 41: "violet"},
        "age": {11: "400", 50: None},
        "id": {13: "12", 40: None},
        "when": {15: later, 16: "soon"},
        TARGET: {20: "frawd", 21: "fraud", 22: "fraud", 55: None},
    }
    for column, cells in changes.items():
        table = put(table, column, cells)
    again = put(put(table[[3, 4]], TARGET, {0: "fraud"}), "id", {0: "1003", 1: "1004"})
    return pl.concat([table, again, table[30:33]]).with_columns(pl.lit("x").alias("extra"))


def dirty_brief() -> Brief:
    """The dirty table against another past, and beside a set that holds some of its rows."""
    brief = told(clean(60), before_rows=20, others={"test": cut(dirty()[10:14])})
    assert brief.profile is not None
    profile = msgspec.structs.replace(brief.profile, labels={"fraud": 900, "normal": 100})
    return replace(brief, profile=profile)


def measured(module: ModuleType, table: pl.DataFrame, brief: Brief) -> float | None:
    return inspected(module, cut(table), brief=brief).measures[0].value


@each
def test_clean_data_passes(module: ModuleType) -> None:
    brief = told()
    assert module.applies(brief) == ""
    result = inspected(module, cut(clean()), brief=brief)
    assert outcome(module, result) == "pass", result.remarks
    assert rows_of(result) == []


@each
def test_data_with_something_wrong_fails_and_measures_more(module: ModuleType) -> None:
    before = measured(module, clean(60), told(clean(60)))
    result = inspected(module, cut(dirty()), brief=dirty_brief())
    assert before is not None
    assert result.measures[0].value is not None
    assert result.measures[0].value > before
    assert outcome(module, result) == "fail", result.remarks


@each
@pytest.mark.parametrize("size", [1, 7, 64])
def test_how_rows_are_cut_into_batches_changes_nothing(module: ModuleType, size: int) -> None:
    brief = dirty_brief()
    whole = inspected(module, cut(dirty()), brief=brief)
    assert plain(inspected(module, cut(dirty(), size=size), brief=brief)) == plain(whole)


@each
def test_the_order_of_the_rows_changes_no_measure(module: ModuleType) -> None:
    brief, table = dirty_brief(), dirty()
    mixed = table[rng(1, "order").permutation(table.height)]
    first = inspected(module, cut(table), brief=brief)
    second = inspected(module, cut(mixed), brief=brief)
    assert second.measures == first.measures
    assert len(rows_of(second)) == len(rows_of(first))


@each
def test_the_same_seed_gives_the_same_result(module: ModuleType) -> None:
    first, second = (inspected(module, cut(dirty()), brief=dirty_brief(), seed=5) for _ in range(2))
    assert plain(first) == plain(second)


@each
def test_rows_are_ids_of_the_source_and_few_are_named(module: ModuleType) -> None:
    table = dirty()
    result = inspected(module, cut(table), brief=dirty_brief())
    rows = rows_of(result)
    assert rows == sorted(set(rows))
    assert all(0 <= row < table.height for row in rows)
    assert len(result.flagged) <= FLAGGED
    named = {place.row for place in result.flagged if place.row is not None}
    assert named <= set(rows)


@each
def test_personal_values_and_what_names_a_row_are_never_shown(module: ModuleType) -> None:
    result = inspected(module, cut(dirty()), brief=dirty_brief())
    shown = [place for place in result.flagged if place.column in ("age", "id") and place.value]
    assert not shown
    text = " ".join((*result.remarks, *(place.why for place in result.flagged)))
    assert "400" not in text
    assert "1003" not in text


@each
def test_without_rows_nothing_passes(module: ModuleType) -> None:
    result = inspected(module, cut(clean()[:0]), brief=told())
    assert result.measures[0].value is None
    assert outcome(module, result) == "inconclusive"


def one_row() -> pl.DataFrame:
    return clean()[:1]


def constant() -> pl.DataFrame:
    return pl.concat([clean()[:1]] * 50)


def empty() -> pl.DataFrame:
    table = spelled(clean(50))
    return table.select(pl.lit(None, dtype=pl.String).alias(name) for name in table.columns)


def lacking() -> pl.DataFrame:
    return clean(50).select("amount")


@each
@pytest.mark.parametrize("made", [one_row, constant, empty, lacking])
def test_odd_tables_give_finite_measures(
    module: ModuleType, made: Callable[[], pl.DataFrame]
) -> None:
    result = inspected(module, cut(made()), brief=told())
    for measure in result.measures:  # a measure that is not finite cannot be made
        assert measure.value is None or 0 <= measure.value <= (measure.unit == "share" or 1e9)


def test_an_empty_table_passes_nothing_but_its_size() -> None:
    passed = {
        module.ENTRY.id
        for module in INSPECTIONS
        if outcome(module, inspected(module, cut(empty()), brief=told())) == "pass"
    }
    # Nothing that is missing is of a wrong type or category; `missing` fails for all of them.
    assert passed <= {
        "data.types",
        "data.ranges",
        "data.categories",
        "data.growth",
        "data.leakage",
        "data.duplicates",
    }
    assert "data.missing" not in passed


@each
def test_the_planted_case_is_found(module: ModuleType) -> None:
    for table in (clean(), spelled(clean())):
        found = module.control(brief=told(), sample=cut(table)[0], rng=rng(0, "control"))
        assert found.passed, found.detail


@each
def test_the_planted_case_is_found_in_data_that_is_wrong_already(module: ModuleType) -> None:
    found = module.control(brief=dirty_brief(), sample=cut(dirty())[0], rng=rng(0, "control"))
    assert found.passed, found.detail


@each
def test_the_planted_case_does_not_depend_on_where_the_sample_starts(module: ModuleType) -> None:
    sample = replace(cut(clean())[0], start=1000)
    assert module.control(brief=told(), sample=sample, rng=rng(0, "control")).passed


class Blind:
    """Sees nothing, and is content."""

    def __init__(self, name: str) -> None:
        self._name = name

    def see(self, batch: Batch) -> None:
        pass

    def result(self) -> CheckResult:
        return CheckResult(measures=(Measure(name=self._name, value=0.0),), severity="low")


@each
def test_a_blind_inspection_does_not_find_the_planted_case(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(*_: object, **__: object) -> Blind:
        return Blind(module.ENTRY.threshold[0])

    monkeypatch.setattr(module, "run", blind)
    assert not module.control(brief=told(), sample=cut(clean())[0], rng=rng(0, "control")).passed


@each
def test_without_a_row_no_case_can_be_planted(module: ModuleType) -> None:
    sample = cut(clean()[:0])[0]
    assert not module.control(brief=told(), sample=sample, rng=rng(0, "control")).passed


@each
def test_a_bare_brief_is_refused_with_a_sentence(module: ModuleType) -> None:
    why = module.applies(BARE)
    assert why.endswith(".")
    assert why[0].isupper()


@each
def test_an_entry_says_what_it_is(module: ModuleType) -> None:
    entry = module.ENTRY
    assert entry.kind == "inspection"
    assert entry.id.startswith("data.")
    assert entry.run is module.run
    assert entry.control is module.control
    assert entry.params == module.Params()
    assert entry.needs == ()
    _, op, line = entry.threshold
    assert op == "<="
    assert 0 <= line <= 1
    assert entry.references
    assert entry.fix
    assert applies_of(entry) is module.applies


def test_ids_are_unique_and_every_module_is_listed() -> None:
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES) == len(INSPECTIONS)


def test_a_stranger_has_no_applies() -> None:
    with pytest.raises(UnknownEntryError, match=r"data\.nothing"):
        applies_of(replace(ENTRIES[0], id="data.nothing"))


def test_the_dirty_table_is_dirty_where_it_says() -> None:
    assert np.isin(["extra"], dirty().columns).all()
    assert dirty().height == 65
