"""The groups of a bias audit in every format: all of them, their intervals, and no markup."""

import json
import re
import xml.etree.ElementTree as ET

import msgspec
import pytest

from bartizan.core.finding import Finding, GroupRates, Measure
from bartizan.core.report import Report
from bartizan.report import FORMATS, group_chart, render
from bartizan.report.group_tables import group_tables
from unit.report.samples import sample_report

HOSTILE = '<script>alert(1)</script>|`x`"'


def rates(value: float, *, n: int) -> tuple[Measure, ...]:
    """Five rates; with fewer than 50 rows none of them is told."""
    names = (
        "selection-rate",
        "true-positive-rate",
        "false-positive-rate",
        "precision",
        "accuracy",
    )
    if n < 50:
        return tuple(
            Measure(name=one, value=None, why=f"{n} rows, too few to say", n=n) for one in names
        )
    return tuple(
        Measure(name=one, value=value, low=value - 0.05, high=value + 0.05, n=n) for one in names
    )


def group(name: str, value: float = 0.4, *, n: int = 900, column: str = "race") -> GroupRates:
    return GroupRates(column=column, group=name, asked="'fraud'", n=n, rates=rates(value, n=n))


def audit(*groups: GroupRates) -> Finding:
    return Finding(
        id="fairness.groups@m",
        entry="fairness.groups",
        title="Bias audit",
        subject="m",
        outcome="fail",
        severity="medium",
        reason="a gap",
        measures=(Measure(name="error-rate-gap", value=0.2, low=0.15, high=0.25, n=900),),
        groups=groups,
    )


def report(*groups: GroupRates) -> Report:
    return msgspec.structs.replace(sample_report(), findings=(audit(*groups),), evidence=())


def test_tables_part_columns_and_questions_and_keep_the_order() -> None:
    found = group_tables(
        audit(group("b"), group("a"), group("x", column="sex"), group("y", column="sex")), most=9
    )
    assert [one.title for one in found] == ["race: said to be 'fraud'", "sex: said to be 'fraud'"]
    assert [one.group for one in found[0].groups] == ["b", "a"]
    assert found[0].cells(group("b"))[0] == ("40.0\xa0%", "35.0\xa0to\xa045.0\xa0%")
    assert found[0].cells(group("b", n=7))[0] == ("too few (7)", "")


def test_of_many_groups_the_largest_are_shown_and_the_others_counted() -> None:
    many = [group(str(size), n=100 + size) for size in range(30)]
    (found,) = group_tables(audit(*many), most=10)
    assert [one.group for one in found.groups] == [str(size) for size in range(20, 30)]
    assert found.more == 20


@pytest.mark.parametrize("fmt", list(FORMATS))
def test_every_format_tells_every_group_and_lets_no_markup_in(fmt: str) -> None:
    text = render(report(group("north"), group("south", n=7), group(HOSTILE)), fmt=fmt).decode()
    assert "north" in text
    assert "south" in text
    if fmt in ("html", "markdown", "junit"):
        assert "too few" in text
        assert "<script>alert" not in text
    if fmt in ("json", "sarif"):
        json.loads(text)
    if fmt == "junit":
        ET.fromstring(text)  # noqa: S314 - written by us


def test_the_chart_says_in_words_what_it_shows_and_is_the_same_each_time() -> None:
    groups = (group("north", 0.4), group("south", n=7), group(HOSTILE, 0.9))
    drawn = group_chart.draw(groups, prefix="p", title="Rates")
    assert drawn == group_chart.draw(groups, prefix="p", title="Rates")
    assert "<script" not in drawn
    assert "north: Selection rate 40.0" in drawn
    assert "south: Selection rate 7 rows, too few to say" in drawn
    assert not re.search(r'id="(?!p-)', drawn)


def test_a_group_that_nothing_is_told_of_still_has_its_place() -> None:
    drawn = group_chart.draw((group("south", n=7),), prefix="p", title="Rates")
    assert "south" in drawn


def test_a_rate_is_asked_for_by_name() -> None:
    one = group("north", 0.25)
    found = one.rate("precision")
    assert found is not None
    assert found.value == 0.25
    assert one.rate("nothing") is None
