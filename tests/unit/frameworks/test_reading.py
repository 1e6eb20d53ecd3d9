import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

import pytest

from bartizan.core.errors import InputError, UsageError
from bartizan.frameworks.framework import Framework
from bartizan.frameworks.reading import collected, framework_of, frameworks, read

HEAD = """\
schema = "framework/1"
id = "a-list"
title = "A list"
version = "1"
as_of = 2026-01-02
source = "https://example.invalid/list"
licence = "CC0-1.0"
note = "Made for tests."
"""
TACTIC = """
[[clause]]
id = "G1"
title = "A goal"
kind = "tactic"
"""
TECHNIQUE = """
[[clause]]
id = "T1"
title = "A technique"
kind = "technique"
maturity = "feasible"
tactics = ["G1"]
"""
BELOW = TECHNIQUE.replace('"T1"', '"T1.1"') + 'parent = "T1"\n'
MITIGATION = """
[[clause]]  # the last
id = "M1"
title = "A mitigation"
kind = "mitigation"
mitigates = ["T1"]
"""
WHOLE = HEAD + TACTIC + TECHNIQUE + BELOW + MITIGATION


def whole() -> Framework:
    return read(WHOLE, file="list.toml")


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text, file="list.toml")
    return str(caught.value)


def test_a_catalogue_is_read_as_it_is_written() -> None:
    one = whole()
    assert (one.id, one.version, one.as_of) == ("a-list", "1", date(2026, 1, 2))
    assert [clause.id for clause in one.clauses] == ["G1", "T1", "T1.1", "M1"]
    assert one.clause("T1.1").parent == "T1"
    assert one.clause("T1").maturity == "feasible"
    assert one.clause("M1").mitigates == ("T1",)


def test_clauses_of_one_kind_come_in_their_order() -> None:
    assert [one.id for one in whole().of_kind("technique")] == ["T1", "T1.1"]
    assert whole().of_kind("article") == ()


def test_mitigations_are_those_that_name_the_technique() -> None:
    assert [one.id for one in whole().mitigations_of("T1")] == ["M1"]
    assert whole().mitigations_of("T1.1") == ()


def test_a_clause_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="A list 1 has no clause 'T9'"):
        whole().clause("T9")
    with pytest.raises(UsageError, match="'T9'"):
        whole().mitigations_of("T9")


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        (
            'title = "A list"',
            'titel = "A list"',
            3,
            "titel: unknown key 'titel'; did you mean 'title'?",
        ),
        (
            'kind = "tactic"',
            'kind = "tactic"\nbody = "x"',
            14,
            "clause 'G1': body: unknown key 'body'; known: id, ",
        ),
        ('"framework/1"', '"framework/2"', 1, "schema: invalid enum value 'framework/2'"),
        ('id = "a-list"', 'id = "A list"', 2, "id: expected text matching regex"),
        (
            "as_of = 2026-01-02",
            'as_of = "2026-01-02"',
            5,
            "as_of: expected a day without quotes, such as 2026-11-22, got text",
        ),
        ("as_of = 2026-01-02", "as_of = 2026-02-30", 5, "not valid TOML: invalid date"),
        (
            "as_of = 2026-01-02",
            "as_of = 2026-01-02T00:00:00",
            5,
            "as_of: expected a day without quotes",
        ),
        ('"https://example.invalid/list"', '"list.pdf"', 6, "source: expected text matching"),
        ('licence = "CC0-1.0"\n', "", 1, "missing key `licence`"),
        ('id = "M1"\n', "", 30, "clause 4: missing key `id`"),
        (
            'kind = "mitigation"',
            'kind = "cure"',
            33,
            "clause 'M1': kind: invalid enum value 'cure'",
        ),
        (
            'mitigates = ["T1"]',
            'mitigates = "T1"',
            34,
            "clause 'M1': mitigates: expected a list, got text",
        ),
        (
            'mitigates = ["T1"]',
            "mitigates = [1]",
            34,
            "clause 'M1': mitigates: expected text, got a whole number",
        ),
        (
            'mitigates = ["T1"]',
            'mitigates = ["T12"]',
            34,
            "clause 'M1': mitigates: no clause has the id 'T12'; did you mean 'T1'?",
        ),
        (
            'mitigates = ["T1"]',
            'mitigates = ["G1"]',
            34,
            "clause 'M1': mitigates: expected the id of a technique, and G1 is a tactic",
        ),
        (
            'mitigates = ["T1"]',
            'mitigates = ["T1", "T1"]',
            34,
            "clause 'M1': mitigates: the same id stands here twice",
        ),
        ('id = "M1"', 'id = "T1"', 31, "clause 'T1': id: clause 2 has this id too"),
        ('parent = "T1"', 'parent = "T2"', 28, "clause 'T1.1': parent: no clause has the id 'T2'"),
        (
            'parent = "T1"',
            'parent = "T1.1"',
            28,
            "clause 'T1.1': parent: a clause cannot stand under itself",
        ),
        (
            'kind = "tactic"',
            'kind = "tactic"\ntactics = ["G1"]',
            14,
            "clause 'G1': tactics: only a technique has this key, and this is a tactic",
        ),
        (
            'kind = "tactic"',
            'kind = "tactic"\nabout = " A blank."',
            14,
            "clause 'G1': about: expected whole sentences",
        ),
        (
            'kind = "tactic"',
            'kind = "tactic"\nabout = "No stop"',
            14,
            "clause 'G1': about: expected whole sentences",
        ),
        ('kind = "tactic"', 'kind = "tactic"\napplies_from = 2026-13-01', 14, "not valid TOML"),
        (
            'title = "A goal"',
            'title = " A goal"',
            12,
            "clause 'G1': title: expected text matching regex",
        ),
        ("[[clause]]  # the last", "[clause.last]", 22, "clause 'T1.1': last: unknown key 'last'"),
    ],
)
def test_a_fault_is_told_with_its_file_line_and_clause(
    old: str, new: str, line: int, told: str
) -> None:
    assert old in WHOLE
    assert refusal(WHOLE.replace(old, new, 1)).startswith(f"list.toml:{line}: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD, "list.toml:1: missing key `clause`"),
        (HEAD + "clause = []\n", "list.toml:9: clause: a framework has at least one clause"),
        (HEAD + "clause = 3\n", "list.toml:9: clause: expected a list, got a whole number"),
        (HEAD + "clause = [3]\n", "list.toml:1: clause 1: expected a table, got a whole number"),
        ("", "list.toml:1: missing key `schema`"),
        ("a = ", "list.toml: not valid TOML: invalid value"),
    ],
)
def test_what_is_no_list_of_clauses_is_refused(text: str, told: str) -> None:
    assert refusal(text).startswith(told)


def test_catalogues_are_sorted_by_id() -> None:
    texts = [(f"{name}.toml", WHOLE.replace("a-list", name)) for name in ("b", "c", "a")]
    assert [one.id for one in collected(texts)] == ["a", "b", "c"]


def test_two_files_cannot_hold_one_framework() -> None:
    with pytest.raises(InputError, match=r"^2\.toml: another file has the framework 'a-list' too"):
        collected([("1.toml", WHOLE), ("2.toml", WHOLE)])


def shipped() -> Iterator[str]:
    """Ids of the files of the room that hold clauses; others are read elsewhere."""
    for one in files("bartizan.frameworks").iterdir():
        if one.name.endswith(".toml"):
            document = tomllib.loads(one.read_text(encoding="utf-8"))
            if "clause" in document:
                yield document["id"]


def test_every_catalogue_that_is_shipped_is_read_once() -> None:
    assert [one.id for one in frameworks()] == sorted(shipped())
    assert frameworks() is frameworks()


def test_a_framework_is_found_by_its_id() -> None:
    assert framework_of("mitre-atlas").title == "MITRE ATLAS"
    with pytest.raises(UsageError, match=r"unknown framework 'atlas'; did you mean 'mitre-atlas'"):
        framework_of("atlas")
