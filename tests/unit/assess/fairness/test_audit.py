"""The checks themselves: their verdicts, their gaps, what they say, and their controls."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.assess.fairness.audit import ENTRIES, LINE, severity
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Study, finished
from bartizan.core.finding import Outcome, Threshold
from bartizan.core.schema import Label
from bartizan.core.verdict import judged
from unit.assess.fairness.worlds import erring, grouping, world

GROUPS, CROSSED = ENTRIES
_N = 12_000
_R = np.random.default_rng(2)
_G, _H = _R.integers(0, 3, _N), _R.integers(0, 2, _N)
_Y = (_R.random(_N) < 0.4).astype(np.int64)
_DATA = world(_Y, grouping(_G), grouping(_H, column="h"))


@dataclass(frozen=True)
class Says:
    """Answers read off a list."""

    answers: Ints
    classes: tuple[Label, ...] = ("no", "yes")
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        assert len(x) == len(self.answers)
        return np.eye(len(self.classes))[self.answers]


def checked(entry: Entry, answers: Ints, *, data: Dataset = _DATA) -> CheckResult:
    study = Study(model=Says(answers, data.classes), data=data)
    return finished(entry.run(study, params=entry.params, rng=np.random.default_rng(0)))


def outcome(entry: Entry, result: CheckResult) -> Outcome:
    name, op, value = entry.threshold
    line = Threshold(measure=name, op=op, value=value, source="default")
    return judged(result.measures[0], line, unsure=entry.unsure)[0]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_model_that_errs_alike_passes(entry: Entry) -> None:
    result = checked(entry, erring(_Y, 0.2, rng=_R))
    assert outcome(entry, result) == "pass"
    assert len(result.groups) == (6 if entry is CROSSED else 5)


def test_a_model_that_wrongs_one_group_fails_as_badly_as_it_does() -> None:
    result = checked(GROUPS, erring(_Y, np.where(_G == 1, 0.35, 0.1), rng=_R))
    assert outcome(GROUPS, result) == "fail"
    low, high = result.measures[0].low, result.measures[0].high
    assert low is not None
    assert high is not None
    assert low <= 0.25 <= high
    assert result.severity == severity(low)
    assert any("of g: " in one for one in result.remarks)


def test_what_only_shows_where_columns_cross_is_found_there_alone() -> None:
    """Group 0 of g is wronged with h = 0, the others with h = 1: no column alone shows it."""
    wronged = (_G == 0) == (_H == 0)
    result = checked(CROSSED, erring(_Y, np.where(wronged, 0.3, 0.1), rng=_R))
    assert outcome(CROSSED, result) == "fail"
    by_h = checked(GROUPS, erring(_Y, np.where(wronged, 0.3, 0.1), rng=_R)).measures[0].value
    assert by_h is not None
    assert by_h < (result.measures[0].value or 0)


def test_few_rows_settle_nothing() -> None:
    data = _DATA.take(np.arange(700))
    assert outcome(GROUPS, checked(GROUPS, erring(data.y, 0.2, rng=_R), data=data)) == (
        "inconclusive"
    )


def test_severity_grows_with_what_is_sure() -> None:
    assert [severity(low) for low in (LINE, 0.2, 0.21)] == ["medium", "medium", "high"]


def test_of_many_classes_each_is_asked_for() -> None:
    y = _R.integers(0, 3, _N)
    data = dataclasses.replace(world(y, grouping(_G)), classes=("a", "b", "c"))
    answers = np.where((_G == 2) & (y == 1), 2, y)  # b of group 2 is called c
    result = checked(GROUPS, answers, data=data)
    assert {one.asked for one in result.groups} == {"'a'", "'b'", "'c'"}
    assert result.measures[0].value == 1.0
    assert any("true-positive rate ('b')" in one for one in result.remarks)


def lacking(entry: Entry, data: Dataset) -> str:
    assert entry.lacks is not None
    return entry.lacks(Study(model=Says(data.y), data=data))


def test_without_groups_it_says_how_to_name_them() -> None:
    assert "--audit" in lacking(GROUPS, world(_Y))
    assert "only one is" in lacking(CROSSED, world(_Y, grouping(_G)))
    assert "enough rows" in lacking(GROUPS, _DATA.take(np.arange(60)))
    assert not lacking(GROUPS, _DATA)
    assert not lacking(CROSSED, _DATA)


def test_a_group_too_small_is_a_gap_in_the_coverage() -> None:
    data = world(_Y, grouping(np.where(np.arange(_N) < 70, 3, _G)))
    assert GROUPS.leaves is not None
    assert not GROUPS.leaves(Study(model=Says(_Y), data=_DATA))
    why = GROUPS.leaves(Study(model=Says(_Y), data=data))
    yes = int(_Y[:70].sum())
    assert f"g = 3 ({yes} and {70 - yes})" in why
    assert any(why in one for one in checked(GROUPS, _Y, data=data).remarks)


def test_different_base_rates_are_told_and_a_low_ratio_too() -> None:
    y = (_R.random(_N) < np.where(_G == 0, 0.2, 0.5)).astype(np.int64)
    said = " ".join(checked(GROUPS, y, data=world(y, grouping(_G))).remarks)
    assert "Chouldechova" in said
    assert "1607.4" in said
    assert "No cause is named" in said
    alike = " ".join(checked(GROUPS, _Y).remarks)
    assert "Chouldechova" not in alike
    assert "1607.4" not in alike


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
@pytest.mark.parametrize("rows", [900, _N])
def test_the_control_finds_the_unfair_twin_and_spares_the_fair_one(entry: Entry, rows: int) -> None:
    data = _DATA.take(np.arange(rows))
    result = entry.control(constraint=None, data=data, recipe=None, rng=np.random.default_rng(0))
    assert result.passed, result.detail
    assert "wrongs every second row" in result.detail


def test_the_control_fails_where_nothing_can_be_planted() -> None:
    result = GROUPS.control(
        constraint=None, data=_DATA.take(np.arange(40)), recipe=None, rng=np.random.default_rng(0)
    )
    assert not result.passed
    assert "no case could be planted" in result.detail


def test_the_same_seed_gives_the_same_finding() -> None:
    answers = erring(_Y, 0.2, rng=np.random.default_rng(9))
    assert checked(CROSSED, answers) == checked(CROSSED, answers)
