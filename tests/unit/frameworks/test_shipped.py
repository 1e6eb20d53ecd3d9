"""What the shipped catalogues must hold, whatever their release."""

import re
from collections import Counter

import pytest

from bartizan.frameworks.framework import Clause, Framework
from bartizan.frameworks.reading import framework_of

ATLAS = framework_of("mitre-atlas")
OWASP = framework_of("owasp-ml-top-10")
NIST = framework_of("nist-ai-100-2")
OURS = (ATLAS, OWASP, NIST)
IDS = {
    "tactic": r"AML\.TA\d{4}",
    "technique": r"AML\.T\d{4}(\.\d{3})?",
    "mitigation": r"AML\.M\d{4}",
}


def test_atlas_has_as_many_clauses_as_its_release() -> None:
    below = sum(bool(one.parent) for one in ATLAS.of_kind("technique"))
    found = Counter(one.kind for one in ATLAS.clauses)
    assert ATLAS.version == "2026.06"
    assert (found["tactic"], found["technique"] - below, below, found["mitigation"]) == (
        16,
        103,
        70,
        35,
    )


def test_atlas_grades_each_technique_and_nothing_else() -> None:
    found = Counter(one.maturity for one in ATLAS.of_kind("technique"))
    assert found == {"feasible": 19, "demonstrated": 90, "realized": 64}
    assert not [one.id for one in ATLAS.clauses if one.maturity and one.kind != "technique"]


def test_ids_of_atlas_have_the_form_of_their_kind() -> None:
    assert not [one.id for one in ATLAS.clauses if not re.fullmatch(IDS[one.kind], one.id)]


def test_a_sub_technique_stands_under_the_technique_that_its_id_begins_with() -> None:
    for one in ATLAS.clauses:
        assert one.parent == (one.id[:9] if one.id.count(".") == 2 else "")


def test_every_technique_serves_a_goal_and_every_goal_is_served() -> None:
    techniques = ATLAS.of_kind("technique")
    assert all(one.tactics for one in techniques)
    assert {goal for one in techniques for goal in one.tactics} == {
        one.id for one in ATLAS.of_kind("tactic")
    }


def test_every_mitigation_is_against_something() -> None:
    assert all(one.mitigates for one in ATLAS.of_kind("mitigation"))


def test_what_stands_under_a_generative_technique_is_generative() -> None:
    flags = {one.id: one.generative for one in ATLAS.clauses}
    assert not [
        one.id for one in ATLAS.clauses if one.parent and flags[one.parent] > one.generative
    ]


@pytest.mark.parametrize("word", ["LLM", "RAG", "Prompt", "Agentic"])
def test_what_is_named_after_generative_systems_is_marked(word: str) -> None:
    said = [one for one in ATLAS.clauses if re.search(rf"\b{word}\b", one.title)]
    assert {one.id for one in said if not one.generative} <= {
        "AML.T0052.000"
    }  # phishing by a model
    assert said


@pytest.mark.parametrize(
    ("identity", "title", "maturity"),
    [
        ("AML.T0010.003", "Model", "realized"),
        ("AML.T0015", "Evade AI Model", "realized"),
        ("AML.T0018", "Manipulate AI Model", "realized"),
        ("AML.T0020", "Poison Training Data", "realized"),
        ("AML.T0024.000", "Infer Training Data Membership", "feasible"),
        ("AML.T0024.002", "Extract AI Model", "feasible"),
        ("AML.T0043.004", "Insert Backdoor Trigger", "demonstrated"),
    ],
)
def test_facts_of_atlas_are_those_that_were_read(identity: str, title: str, maturity: str) -> None:
    one = ATLAS.clause(identity)
    assert (one.title, one.maturity, one.generative) == (title, maturity, False)


def test_owasp_has_ten_risks_in_order() -> None:
    assert [one.id for one in OWASP.clauses] == [f"ML{n:02}:2023" for n in range(1, 11)]


def test_nist_has_the_four_classes_of_attacks_on_privacy_and_no_abuse() -> None:
    below = {one.id for one in NIST.clauses if one.parent == "Privacy"}
    assert below == {
        "Data reconstruction",
        "Membership inference",
        "Property inference",
        "Model extraction",
    }
    assert not [one.id for one in NIST.clauses if re.search("abuse|misuse|prompt", one.id.lower())]


def test_numbers_of_nist_say_which_goal_an_attack_has() -> None:
    for one in NIST.clauses:
        assert all(re.fullmatch(r"NISTAML\.0[1235]\d", code) for code in one.codes)
        if one.parent == "Privacy":
            assert [code[:10] for code in one.codes] == ["NISTAML.03"]


@pytest.mark.parametrize("one", OURS, ids=lambda one: str(one.id))
def test_what_can_concern_a_predictive_system_has_a_sentence_of_ours(one: Framework) -> None:
    without = [clause.id for clause in one.clauses if bool(clause.about) == clause.generative]
    assert not without


@pytest.mark.parametrize("one", OURS, ids=lambda one: str(one.id))
def test_a_sentence_is_short_and_said_once(one: Framework) -> None:
    said = Counter(clause.about for clause in one.clauses if clause.about)
    assert max(said.values()) == 1
    assert max(map(len, said)) <= 130


def test_a_title_is_not_repeated_as_its_own_sentence() -> None:
    def same(one: Clause) -> bool:
        return one.about.rstrip(".").lower() == one.title.lower()

    assert not [one.id for framework in OURS for one in framework.clauses if same(one)]
