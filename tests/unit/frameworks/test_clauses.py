import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from bartizan.frameworks.framework import Clause, Framework, Kind
from bartizan.frameworks.reading import frameworks, read

FILES = (
    "aisvs",
    "eu_ai_act",
    "eu_incident_clocks",
    "gdpr",
    "hipaa",
    "iso_42001",
    "nist_ai_rmf",
)
PROVENANCE = Path(__file__).parents[2] / "vectors" / "frameworks" / "PROVENANCE.md"
SENTENCE = re.compile(r"[A-Z][^.!?]*(\d\.\d[^.!?]*)*\.")
"""One sentence: a capital first, one full stop, at the end."""

ANNEX_III = date(2027, 12, 2)
ANNEX_I = date(2028, 8, 2)
GENERAL = date(2026, 8, 2)


def framework(name: str) -> Framework:
    text = (files("bartizan.frameworks") / f"{name}.toml").read_text(encoding="utf-8")
    return read(text, file=f"{name}.toml")


def clauses(name: str) -> dict[str, Clause]:
    return {clause.id: clause for clause in framework(name).clauses}


def of_kind(name: str, kind: Kind) -> list[str]:
    return [clause.id for clause in framework(name).of_kind(kind)]


def every_clause() -> Iterator[tuple[str, Clause]]:
    for name in FILES:
        for clause in framework(name).clauses:
            yield f"{name}: {clause.id}", clause


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_and_says_as_of_when_it_was_true(name: str) -> None:
    assert date(2026, 1, 1) <= framework(name).as_of <= date(2026, 11, 22)


def test_they_are_shipped_under_these_ids() -> None:
    assert [framework(name).id for name in FILES] == [
        "owasp-aisvs",
        "eu-ai-act",
        "eu-incident-clocks",
        "gdpr",
        "hipaa",
        "iso-42001",
        "nist-ai-rmf",
    ]
    assert {framework(name).id for name in FILES} <= {one.id for one in frameworks()}


@pytest.mark.parametrize("name", FILES)
def test_no_sentence_stands_twice_in_a_file(name: str) -> None:
    said = Counter(clause.about for clause in framework(name).clauses)
    assert [about for about, times in said.items() if times > 1] == []


@pytest.mark.parametrize("name", FILES)
def test_a_clause_stands_under_one_that_is_written_before_it(name: str) -> None:
    seen = {""}
    for clause in framework(name).clauses:
        assert clause.parent in seen, clause.id
        seen.add(clause.id)


def test_every_clause_says_in_one_sentence_under_200_characters_what_it_asks() -> None:
    wrong = {
        where: clause.about
        for where, clause in every_clause()
        if not SENTENCE.fullmatch(clause.about) or len(clause.about) >= 200
    }
    assert not wrong


def test_nothing_is_called_compliant_and_nothing_is_unverified() -> None:
    for name in FILES:
        text = (files("bartizan.frameworks") / f"{name}.toml").read_text(encoding="utf-8")
        assert "compliant" not in text.lower()
        assert "unverified" not in text


@pytest.mark.parametrize("name", FILES)
def test_where_each_id_was_verified_is_written_down(name: str) -> None:
    section = (
        PROVENANCE.read_text(encoding="utf-8").split(f"## `{name}.toml`\n")[1].split("\n## ")[0]
    )
    cells = [row.split("|")[1:3] for row in section.splitlines() if row.startswith("| `")]
    verified = {identity: where for ids, where in cells for identity in re.findall(r"`(.+?)`", ids)}
    assert set(verified) == set(clauses(name))
    sources = set(re.findall(r"^\* \*\*(\w\d)\*\*", section, re.MULTILINE)) | {"E1"}
    for identity, where in verified.items():
        assert set(re.findall(r"\b[A-Z]\d\b", where)) & sources, identity


# NIST AI RMF: the number of subcategories in each category, as NIST AI 100-1 has them
RMF = {
    "GOVERN": (7, 3, 2, 3, 2, 2),
    "MAP": (6, 3, 5, 2, 2),
    "MEASURE": (3, 13, 3, 3),
    "MANAGE": (4, 4, 2, 3),
}


def test_the_ai_rmf_has_4_functions_19_categories_and_72_subcategories() -> None:
    assert of_kind("nist_ai_rmf", "function") == list(RMF)
    assert of_kind("nist_ai_rmf", "category") == [
        f"{function} {at}" for function, sizes in RMF.items() for at in range(1, len(sizes) + 1)
    ]
    assert of_kind("nist_ai_rmf", "subcategory") == [
        f"{function} {at}.{below}"
        for function, sizes in RMF.items()
        for at, size in enumerate(sizes, start=1)
        for below in range(1, size + 1)
    ]
    assert {function: sum(sizes) for function, sizes in RMF.items()} == {
        "GOVERN": 19,
        "MAP": 18,
        "MEASURE": 22,
        "MANAGE": 13,
    }
    assert len(of_kind("nist_ai_rmf", "category")) == 19
    assert len(of_kind("nist_ai_rmf", "subcategory")) == 72


def starts(number: int) -> date:
    """From which day an article of the AI Act applies, by Article 113 as amended in 2026."""
    if number <= 5:  # chapters I and II
        return date(2025, 2, 2)
    if number <= 27:  # chapter III, sections 1 to 3: the earlier of two days
        return ANNEX_III
    return date(2025, 8, 2) if 99 <= number <= 100 else GENERAL  # chapter XII; all others


def test_every_article_of_the_ai_act_applies_from_the_day_that_article_113_gives_it() -> None:
    special = {
        "Article 4a": date(2026, 7, 27),  # inserted when the amendment entered into force
        "Article 6(1)": ANNEX_I,  # this paragraph is about Annex I alone
        "Article 113": date(2024, 8, 1),  # entry into force
    }
    for identity, clause in clauses("eu_ai_act").items():
        number = re.match(r"Article (\d+)", identity)
        assert clause.kind == ("article" if number else "annex")
        if number:
            day = special.get(identity) or starts(int(number.group(1)))
            assert clause.applies_from == day, identity


def test_where_the_annex_decides_both_days_are_data_and_words() -> None:
    both = {"Annex III": ANNEX_III, "Annex I": ANNEX_I}
    one_annex = {"Article 6(1)", "Article 6(2)", "Article 6(3)"}
    for identity, clause in clauses("eu_ai_act").items():
        number = re.match(r"Article (\d+)", identity)
        moved = number and 6 <= int(number.group(1)) <= 27 and identity not in one_annex
        depends = bool(moved) or identity.startswith("Annex IV")
        days = {"Annex III": ANNEX_III} if identity == "Article 27" else both  # by 27(1)
        assert {start.to: start.since for start in clause.applies} == (days if depends else {})
        if depends and identity != "Article 27":
            assert "2 December 2027 where Annex III" in clause.applies_note, identity
            assert "2 August 2028 where Annex I" in clause.applies_note, identity


def test_an_annex_that_decides_applies_from_its_own_day() -> None:
    found = clauses("eu_ai_act")
    for start in found["Article 15"].applies:
        assert found[start.to].applies_from == start.since


def test_the_ai_act_covers_what_a_predictive_model_meets() -> None:
    numbers = (4, 5, 6, *range(9, 21), 25, 26, 27, 43, 47, 48, 49, 50, 72, 73, 86, 99, 111, 113)
    assert {f"Article {number}" for number in numbers} <= set(clauses("eu_ai_act"))
    assert {f"Article 15({at})" for at in (1, 3, 4, 5)} <= set(clauses("eu_ai_act"))
    assert {f"Annex IV({at})" for at in range(1, 10)} <= set(clauses("eu_ai_act"))


def test_detecting_financial_fraud_is_told_apart_from_rating_credit() -> None:
    clause = clauses("eu_ai_act")["Annex III 5(b)"]
    assert clause.parent == "Annex III"
    assert "financial fraud is expressly excepted" in clause.about
    assert "lost when the same score feeds a decision on credit" in clause.applies_note


def test_the_gdpr_applies_from_25_may_2018_with_six_principles_and_accountability() -> None:
    found = clauses("gdpr")
    assert {clause.applies_from for clause in found.values()} == {date(2018, 5, 25)}
    assert [one for one, clause in found.items() if clause.parent == "Article 5(1)"] == [
        f"Article 5(1)({point})" for point in "abcdef"
    ]
    assert {f"Article {at}" for at in (5, 22, 25, 30, 32, 33, 34, 35)} | {"Article 5(2)"} <= set(
        found
    )


def specifications(section: str, start: str) -> int:
    """Implementation specifications of a section that are required, or addressable."""
    return sum(
        clause.applies_note.startswith(start)
        for identity, clause in clauses("hipaa").items()
        if identity.startswith(section) and clause.kind == "requirement"
    )


def test_hipaa_has_as_many_required_and_addressable_specifications_as_its_matrix() -> None:
    # Appendix A to Subpart C of 45 CFR Part 164, administrative and technical safeguards
    assert specifications("164.308", "Required") == 10
    assert specifications("164.308", "Addressable") == 11
    assert specifications("164.312", "Required") == 2
    assert specifications("164.312", "Addressable") == 5
    standards = Counter(identity[:7] for identity in of_kind("hipaa", "standard"))
    assert standards == {"164.308": 9, "164.312": 5}


def test_breach_notification_in_hipaa_ends_after_60_days() -> None:
    breach = {one: what for one, what in clauses("hipaa").items() if what.counted_from}
    assert {one: (what.within, what.counted_from) for one, what in breach.items()} == {
        "164.404(b)": ("P60D", "discovery"),
        "164.406(b)": ("P60D", "discovery"),
        "164.408(b)": ("P60D", "discovery"),
        "164.408(c)": ("P60D", "end of the year"),
        "164.410(b)": ("P60D", "discovery"),
    }
    assert all("within 60 days" in clause.about for clause in breach.values())


def test_iso_42001_has_the_38_numbers_of_annex_a() -> None:
    sizes = {"2": 3, "3": 2, "4": 5, "5": 4, "6.1": 2, "6.2": 7, "7": 5, "8": 4, "9": 3, "10": 3}
    expected = [f"A.{group}.{at}" for group, size in sizes.items() for at in range(2, size + 2)]
    assert of_kind("iso_42001", "control") == expected
    assert len(expected) == 38


def test_aisvs_accounts_for_all_98_requirements_of_its_seven_chapters() -> None:
    levels = {  # of each requirement of each section of a chapter, as version 1.0 is locked
        1: ("12223", "122", "22223"),
        3: ("122", "123", "222", "12", "2333"),
        4: ("1133", "23333", "12333"),
        5: ("33", "2222233", "23"),
        6: ("1122", "122"),
        11: ("11123", "11223", "1233", "223"),
        12: ("1222", "122223", "1223", "222", "1122"),
    }
    published = {
        f"C{chapter}.{section}.{at}": int(level)
        for chapter, sections in levels.items()
        for section, each in enumerate(sections, start=1)
        for at, level in enumerate(each, start=1)
    }
    kept = set(of_kind("aisvs", "requirement"))
    left_out = set(re.findall(r"C\d+\.\d+\.\d+", framework("aisvs").note))
    assert not kept & left_out
    assert kept | left_out == set(published)
    assert (len(kept), len(published)) == (80, 98)
    for clause in framework("aisvs").of_kind("requirement"):
        assert clause.level == published[clause.id], clause.id


CLOCKS = {
    "GDPR 33(1)": ("PT72H", "awareness"),
    "GDPR 33(2)": (None, "awareness"),
    "GDPR 34(1)": (None, "awareness"),
    "AI Act 73(2)": ("P15D", "awareness"),
    "AI Act 73(3)": ("P2D", "awareness"),
    "AI Act 73(4)": ("P10D", "awareness"),
    "AI Act 73(10)": ("P15D", "awareness"),
    "MDR 87(3)": ("P15D", "awareness"),
    "MDR 87(4)": ("P2D", "awareness"),
    "MDR 87(5)": ("P10D", "awareness"),
    "CRA 14(2)(a)": ("PT24H", "awareness"),
    "CRA 14(2)(b)": ("PT72H", "awareness"),
    "CRA 14(2)(c)": ("P14D", "corrective measure"),
    "CRA 14(4)(a)": ("PT24H", "awareness"),
    "CRA 14(4)(b)": ("PT72H", "awareness"),
    "CRA 14(4)(c)": ("P1M", "incident notification"),
    "NIS2 23(4)(a)": ("PT24H", "awareness"),
    "NIS2 23(4)(b)": ("PT72H", "awareness"),
    "NIS2 23(4)(d)": ("P1M", "incident notification"),
    "DORA 19(4)(a) classified": ("PT4H", "classification"),
    "DORA 19(4)(a) aware": ("PT24H", "awareness"),
    "DORA 19(4)(b)": ("PT72H", "initial notification"),
    "DORA 19(4)(c)": ("P1M", "intermediate report"),
}
"""Each time limit and what it is counted from, as the law has it."""


def test_the_clocks_run_as_the_laws_say() -> None:
    found = clauses("eu_incident_clocks")
    timed = {one: (what.within, what.counted_from) for one, what in found.items() if what.told}
    assert timed == CLOCKS
    assert set(found) - set(timed) == {what.parent for what in found.values()} - {""}


@pytest.mark.parametrize(
    ("identity", "time"), [(one, within) for one, (within, _) in CLOCKS.items()]
)
def test_a_clock_says_its_time_in_words_too(identity: str, time: str | None) -> None:
    said = clauses("eu_incident_clocks")[identity].about
    if time is None:
        assert "no number of hours" in said
    else:
        parts = re.fullmatch(r"PT?(\d+)([HDM])", time)
        assert parts
        amount, unit = parts.groups()
        words = {
            "H": f"within {amount} hours",
            "D": f"within {amount} days",
            "M": "within one month",
        }
        assert words[unit] in said
