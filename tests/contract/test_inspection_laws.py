"""Laws that every inspection of data keeps."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType

import msgspec
import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import FLAGGED, CheckResult
from bartizan.core.errors import UnknownEntryError
from bartizan.core.finding import Measure
from bartizan.core.schema import Image, Schema
from bartizan.core.streams import rng
from bartizan.data.entries import ENTRIES, INSPECTIONS, applies_of
from bartizan.data.inspection import Brief
from bartizan.data.inspections import image_files
from unit.data.batches import (
    NOW,
    SCHEMA,
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

COPIES = 24
"""Rows used again with a small change: near duplicates show from about 16 on."""
each = pytest.mark.parametrize("module", INSPECTIONS, ids=lambda module: module.ENTRY.id)
BARE = Brief(name="bare", schema=Schema(), now=datetime(2026, 1, 1, tzinfo=UTC))


MANY = ("data.drift", "data.joint-drift")
"""How values are spread shows in hundreds of rows: these are shown larger tables."""
PICTURES = Schema(image=Image(height=2, width=2, channels=1))


def rows_for(module: ModuleType, few: int) -> int:
    return 1000 if module.ENTRY.id in MANY else few


def of_pictures(module: ModuleType) -> bool:
    return module is image_files


def files(rows: int, *, bad: bool = False) -> pl.DataFrame:
    """What the reader of picture files says of them."""
    hostile = [bad and at in (3, 40) for at in range(rows)]
    telling = ["a place" if bad and at == 7 else "" for at in range(rows)]
    facts = {
        "file": [f"{at}.png" for at in range(rows)],
        "format": ["png"] * rows,
        "width": [2] * rows,
        "height": [2] * rows,
        "mode": ["L"] * rows,
        "bytes": [67] * rows,
        "problem": ["a zip archive in its tail" if one else "" for one in hostile],
        "hostile": hostile,
        "personal": telling,
        "decoded": [not one for one in hostile],
        TARGET: ["cat", "dog"] * (rows // 2) + ["cat"] * (rows % 2),
    }
    types = {"width": pl.Int64, "height": pl.Int64, "bytes": pl.Int64}
    texts = ("file", "format", "mode", "problem", "personal", TARGET)
    kinds = types | dict.fromkeys(texts, pl.String) | {"hostile": pl.Boolean, "decoded": pl.Boolean}
    return pl.DataFrame(facts, schema={name: kinds[name] for name in facts})


def good(module: ModuleType, rows: int = 300) -> pl.DataFrame:
    """A table that the inspection is not against."""
    return files(rows) if of_pictures(module) else clean(rows_for(module, rows))


def wrong(module: ModuleType) -> pl.DataFrame:
    """A table with something wrong for the inspection."""
    return files(60, bad=True) if of_pictures(module) else dirty(rows_for(module, 60))


def good_brief(module: ModuleType, rows: int | None = None) -> Brief:
    if of_pictures(module):
        return replace(told(), schema=PICTURES, profile=None)
    return told() if rows is None else told(clean(rows))


def wrong_brief(module: ModuleType) -> Brief:
    return good_brief(module) if of_pictures(module) else dirty_brief()


def parts(module: ModuleType, table: pl.DataFrame, size: int = 1000) -> list[Batch]:
    return cut(table, schema=PICTURES if of_pictures(module) else SCHEMA, size=size)


def dirty(rows: int = 60) -> pl.DataFrame:
    """Something wrong for every inspection, in the middle of good rows."""
    table = spelled(clean(rows))
    later = (NOW + timedelta(days=3)).isoformat()
    changes: dict[str, dict[int, str | None]] = {
        "amount": {2: "77", 5: "1000", 17: "lots", 23: "-3"},
        "failed": {7: "99", 30: ""},
        "colour": {9: "rde", 17: "Red ", 41: "violet", 44: "r\u0435d"},
        "age": {11: "400", 50: None},
        "id": {13: "12", 40: None},
        "when": {15: later, 16: "soon"},
        TARGET: {20: "frawd", 21: "fraud", 22: "fraud", 55: None},
    }
    for column, cells in changes.items():
        table = put(table, column, cells)
    if rows > 60:  # two columns keep their values but go together; one has a value too often
        table = put(table, "grade", dict.fromkeys(range(100, 500), "high"))
        table = table.with_columns(pl.col("amount", "total").sort_by(pl.col("total").cast(int)))
    again = put(put(table[[3, 4]], TARGET, {0: "fraud"}), "id", {0: "1003", 1: "1004"})
    moved = pl.col("amount").cast(float) + 0.001
    near = table[60 - COPIES : 60].with_columns(moved.cast(pl.String))
    near = near.with_columns((pl.col("id").cast(int) + 5000).cast(pl.String))
    whole = pl.concat([table, again, table[30:33], near])
    mails = [f"{name}@example.org" for name in ("ann", "bob")]
    return whole.with_columns(pl.Series("extra", [*mails, *["x"] * (whole.height - 2)]))


def dirty_brief() -> Brief:
    """The dirty table against another past, and beside a set that holds some of its rows."""
    brief = told(clean(60), before_rows=20, others={"test": cut(dirty()[10:14])})
    assert brief.profile is not None
    profile = msgspec.structs.replace(brief.profile, labels={"fraud": 900, "normal": 100})
    rules = msgspec.structs.replace(brief.rules, quota=0.2)
    return replace(brief, profile=profile, rules=rules)


def measured(module: ModuleType, table: pl.DataFrame, brief: Brief) -> float | None:
    return inspected(module, parts(module, table), brief=brief).measures[0].value


@each
def test_clean_data_passes(module: ModuleType) -> None:
    brief = good_brief(module)
    assert module.applies(brief) == ""
    result = inspected(module, parts(module, good(module)), brief=brief)
    assert outcome(module, result) == "pass", result.remarks
    assert rows_of(result) == []


@each
def test_data_with_something_wrong_fails_and_measures_more(module: ModuleType) -> None:
    before = measured(module, good(module, 60), good_brief(module, 60))
    result = inspected(module, parts(module, wrong(module)), brief=wrong_brief(module))
    assert before is not None
    assert result.measures[0].value is not None
    assert result.measures[0].value > before
    assert outcome(module, result) == "fail", result.remarks


@each
@pytest.mark.parametrize("size", [1, 7, 64])
def test_how_rows_are_cut_into_batches_changes_nothing(module: ModuleType, size: int) -> None:
    brief, table = wrong_brief(module), wrong(module)
    whole = inspected(module, parts(module, table), brief=brief)
    again = inspected(module, parts(module, table, size), brief=brief)
    assert plain(again) == plain(whole)


@each
def test_the_order_of_the_rows_changes_no_measure(module: ModuleType) -> None:
    brief, table = wrong_brief(module), wrong(module)
    mixed = table[rng(1, "order").permutation(table.height)]
    first = inspected(module, parts(module, table), brief=brief)
    second = inspected(module, parts(module, mixed), brief=brief)
    assert second.measures == first.measures
    assert len(rows_of(second)) == len(rows_of(first))


@each
def test_the_same_seed_gives_the_same_result(module: ModuleType) -> None:
    first, second = (
        inspected(module, parts(module, wrong(module)), brief=wrong_brief(module), seed=5)
        for _ in range(2)
    )
    assert plain(first) == plain(second)


@each
def test_rows_are_ids_of_the_source_and_few_are_named(module: ModuleType) -> None:
    table = wrong(module)
    result = inspected(module, parts(module, table), brief=wrong_brief(module))
    rows = rows_of(result)
    assert rows == sorted(set(rows))
    assert all(0 <= row < table.height for row in rows)
    assert len(result.flagged) <= FLAGGED
    named = {place.row for place in result.flagged if place.row is not None}
    assert named <= set(rows)


@each
def test_personal_values_and_what_names_a_row_are_never_shown(module: ModuleType) -> None:
    result = inspected(module, parts(module, wrong(module)), brief=wrong_brief(module))
    shown = [place for place in result.flagged if place.column in ("age", "id") and place.value]
    assert not shown
    text = " ".join((*result.remarks, *(place.why for place in result.flagged)))
    assert "400" not in text
    assert "1003" not in text


@each
def test_without_rows_nothing_passes(module: ModuleType) -> None:
    result = inspected(module, parts(module, good(module)[:0]), brief=good_brief(module))
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
    # Nothing that is missing is of a wrong type or category, or deceives, and rows that are equal
    # are no near duplicates; `missing` fails for all of them.
    assert passed <= {
        "data.types",
        "data.ranges",
        "data.categories",
        "data.growth",
        "data.leakage",
        "data.duplicates",
        "data.near-duplicates",
        "data.confusables",
    }
    assert "data.missing" not in passed


@each
def test_the_planted_case_is_found(module: ModuleType) -> None:
    table = good(module)
    for made in (table,) if of_pictures(module) else (table, spelled(table)):
        sample = parts(module, made)[0]
        found = module.control(brief=good_brief(module), sample=sample, rng=rng(0, "control"))
        assert found.passed, found.detail


@each
def test_the_planted_case_is_found_in_data_that_is_wrong_already(module: ModuleType) -> None:
    sample = parts(module, wrong(module), 2000)[0]
    found = module.control(brief=wrong_brief(module), sample=sample, rng=rng(0, "control"))
    assert found.passed, found.detail


@each
def test_the_planted_case_does_not_depend_on_where_the_sample_starts(module: ModuleType) -> None:
    sample = replace(parts(module, good(module))[0], start=1000)
    found = module.control(brief=good_brief(module), sample=sample, rng=rng(0, "control"))
    assert found.passed, found.detail


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
    sample = parts(module, good(module))[0]
    found = module.control(brief=good_brief(module), sample=sample, rng=rng(0, "control"))
    assert not found.passed, found.detail


@each
def test_without_a_row_no_case_can_be_planted(module: ModuleType) -> None:
    sample = parts(module, good(module)[:0])[0]
    found = module.control(brief=good_brief(module), sample=sample, rng=rng(0, "control"))
    assert not found.passed, found.detail


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
    assert dirty().height == 65 + COPIES
