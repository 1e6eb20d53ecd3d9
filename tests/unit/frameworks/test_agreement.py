from datetime import date
from typing import Any

from bartizan.frameworks.agreement import faults
from bartizan.frameworks.framework import Clause, Framework, Start
from bartizan.frameworks.place import Place


def framework(*clauses: Clause) -> Framework:
    return Framework(
        schema="framework/1",
        id="a-list",
        title="A list",
        version="1",
        as_of=date(2026, 1, 2),
        source="https://example.invalid/list",
        licence="CC0-1.0",
        note="Made for tests.",
        clauses=clauses,
    )


def section(identity: str, *, parent: str = "") -> Clause:
    return Clause(id=identity, title=identity, kind="section", parent=parent)


def told(*clauses: Clause) -> list[tuple[Place, str]]:
    return list(faults(framework(*clauses)))


def test_nothing_is_said_of_a_catalogue_that_agrees() -> None:
    assert told(section("1"), section("1.1", parent="1"), section("1.1.1", parent="1.1")) == []


def test_a_circle_is_told_of_each_clause_in_it_and_of_no_other() -> None:
    found = told(section("1", parent="2"), section("2", parent="1"), section("3", parent="2"))
    assert [(place.clause, place.key) for place, _ in found] == [(0, "parent"), (1, "parent")]


def test_a_parent_may_come_after_its_children() -> None:
    assert told(section("1.1", parent="1"), section("1")) == []


def test_everything_that_is_wrong_is_told_and_not_only_the_first() -> None:
    found = told(section("1", parent="9"), section("1"), section("2", parent="8"))
    assert [(place.clause, place.key) for place, _ in found] == [
        (1, "id"),
        (0, "parent"),
        (2, "parent"),
    ]


def law(identity: str, **what: Any) -> Clause:
    return Clause(id=identity, title=identity, kind="article", **what)


EARLY, LATE = date(2027, 12, 2), date(2028, 8, 2)


def test_a_law_with_several_days_names_the_earliest_and_clauses_that_exist() -> None:
    days = (Start(to="A", since=LATE), Start(to="B", since=EARLY))
    annexes = (section("A"), section("B"))
    assert told(*annexes, law("9", applies_from=EARLY, applies=days)) == []
    for wrong in (LATE, None):
        found = told(*annexes, law("9", applies_from=wrong, applies=days))
        assert [(place.clause, place.key) for place, _ in found] == [(2, "applies_from")]
    found = told(section("A"), law("9", applies_from=EARLY, applies=days))
    assert [(place.clause, place.key) for place, _ in found] == [(1, "applies")]


def test_a_time_limit_says_from_when_it_runs_and_who_is_told() -> None:
    whole: dict[str, Any] = {"within": "PT72H", "counted_from": "awareness", "told": "authority"}
    assert told(law("33", **whole)) == []
    assert told(law("33", **whole | {"within": None})) == []
    for missing, keys in (
        ({"counted_from": None}, ["within", "told"]),
        ({"told": ""}, ["told"]),
        ({"counted_from": None, "told": ""}, ["within"]),
    ):
        assert [place.key for place, _ in told(law("33", **whole | missing))] == keys


def test_only_a_requirement_has_a_level() -> None:
    assert [place.key for place, _ in told(law("1", level=2))] == ["level"]
