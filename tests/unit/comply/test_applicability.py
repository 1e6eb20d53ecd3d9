"""Nobody's silence takes a clause away; what the description says does, with the reason."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from bartizan.comply.applicability import (
    SHIPPED,
    contradictions,
    open_questions,
    without,
)
from bartizan.comply.applicability import described_exclusions as excluded
from bartizan.comply.clauses import Ties, framework_state
from bartizan.comply.declared import DeclaredExclusion
from bartizan.core.system import Asset, Element, System, SystemSpec
from bartizan.frameworks.reading import framework_of
from unit.comply.worlds import DAY, clause, framework

CHOSEN = [framework_of(one) for one in SHIPPED]


def described_exclusions(
    of: System | None, *, personal: Sequence[str] = ()
) -> tuple[DeclaredExclusion, ...]:
    return excluded(of, frameworks=CHOSEN, personal=personal)


def system(*assets: Asset, **said: Any) -> System:
    return System(system=SystemSpec(name="shop", **said), assets=assets)


def statuses(identity: str, of: System) -> dict[str, str]:
    ties = Ties(rows=[], states={}, out=described_exclusions(of))
    state = framework_state(framework_of(identity), ties=ties, day=DAY)
    return {one.id: one.status for one in state.clauses}


def test_what_is_not_described_applies_and_is_asked_for() -> None:
    assert described_exclusions(None) == ()
    assert described_exclusions(system()) == ()
    assert len(open_questions(None, frameworks=SHIPPED)) == 1
    assert len(open_questions(system(), frameworks=SHIPPED)) == 4
    assert len(open_questions(system(), frameworks=["gdpr"])) == 1
    assert (
        open_questions(
            system(
                health_data=True, high_risk=False, creditworthiness=False, decides_about_people=True
            ),
            frameworks=SHIPPED,
        )
        == ()
    )


def test_a_system_without_health_data_is_not_asked_about_hipaa() -> None:
    chosen = [framework_of(one) for one in SHIPPED]
    stay, left = without(chosen, described_exclusions(system(health_data=False)))
    assert [one.id for one, _ in left] == ["hipaa"]
    assert "health_data = false" in left[0][1].why
    assert len(stay) == len(SHIPPED) - 1
    assert without(chosen, described_exclusions(system(health_data=True)))[1] == []


def test_personal_data_has_to_be_denied_of_every_asset() -> None:
    none = Asset(id="a", personal=False)
    some, unsaid = Asset(id="b", personal=True), Asset(id="c")
    assert [one.framework for one in described_exclusions(system(none))] == ["gdpr"]
    assert described_exclusions(system(none, some)) == ()
    assert described_exclusions(system(none, unsaid)) == ()


def test_detecting_fraud_is_carved_out_of_credit_scoring_and_of_nothing_else() -> None:
    said, unsaid = (
        {one for one, told in statuses("eu-ai-act", of).items() if told == "not applicable"}
        for of in (system(creditworthiness=False), system(creditworthiness=True))
    )
    assert said - unsaid == {"Annex III 5(b)"}
    assert unsaid == {"Article 99", "Article 111", "Article 113"}  # they ask nothing of anybody
    (out,) = described_exclusions(system(creditworthiness=False))
    assert "financial fraud" in out.why


def test_what_cannot_be_takes_no_clause_away_and_is_told() -> None:
    credit = system(high_risk=False, creditworthiness=True)
    assert described_exclusions(credit) == ()
    assert "creditworthiness" in contradictions(credit)[0]
    judged = system(Asset(id="a", personal=False), decides_about_people=True)
    assert described_exclusions(judged) == ()
    assert "GDPR" in contradictions(judged)[0]
    assert contradictions(system(high_risk=False, creditworthiness=False)) == ()
    special = system(Asset(id="a", personal=False, special=True))
    assert described_exclusions(special) == ()
    assert "a is special" in contradictions(special)[0]
    column = system(Asset(id="a", personal=False))
    assert described_exclusions(column, personal=["rows.age"]) == ()
    assert "column rows.age is personal" in contradictions(column, personal=["rows.age"])[0]
    assert contradictions(None) == ()


def test_decisions_that_affect_people_are_decisions_about_people() -> None:
    model = Element(id="m", kind="model", zone="z", affects_people=True)
    spec = SystemSpec(name="s", decides_about_people=False)
    said = System(system=spec, elements=(model,))
    assert described_exclusions(said) == ()
    assert "m says affects_people = true; Article 22" in contradictions(said)[0]
    calm = System(system=spec, elements=(replace(model, affects_people=False),))
    assert [one.clause for one in described_exclusions(calm)] == ["Article 22"]


def test_duties_for_high_risk_systems_go_with_their_parts_and_the_others_stay() -> None:
    found = statuses("eu-ai-act", system(high_risk=False))
    for gone in ("Article 9", "Article 15(5)", "Annex IV(2)", "Article 26", "Article 72"):
        assert found[gone] == "not applicable"
    for stays in ("Article 4", "Article 5", "Article 6(2)", "Article 50", "Annex III"):
        assert found[stays] == "no evidence"


def test_a_clause_says_itself_that_it_is_for_high_risk_systems_only() -> None:
    law = framework(replace(clause("1"), high_risk=True), clause("2"))
    out = excluded(system(high_risk=False), frameworks=[law])
    assert [(one.framework, one.clause) for one in out] == [("law", "1")]
    assert excluded(system(), frameworks=[law]) == ()
