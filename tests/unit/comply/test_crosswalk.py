"""The crosswalk that ships: what it names exists, and each control answers something."""

from collections import Counter

import pytest
from msgspec.structs import replace

from bartizan.comply.applicability import SHIPPED
from bartizan.comply.crosswalk import BackingRow, Row, agreed, agreed_backings, backings, crosswalk
from bartizan.core.errors import ConfigError
from bartizan.frameworks.controls import controls
from bartizan.frameworks.reading import frameworks

KNOWN = {one.id: one for one in frameworks()}
ALL: tuple[Row | BackingRow, ...] = (*crosswalk(), *backings())
FIRST, BACKED = crosswalk()[0], backings()[0]


def test_all_that_the_crosswalk_names_exists_and_stands_once() -> None:
    rows = agreed(crosswalk(), controls=controls(), frameworks=KNOWN)
    assert len(rows) == len(crosswalk())
    assert len(agreed_backings(backings(), frameworks=KNOWN)) == len(backings())


def test_each_control_answers_a_clause() -> None:
    assert set(controls()) == {one.control for one in crosswalk()}


def test_each_framework_that_is_reported_on_has_links() -> None:
    assert set(SHIPPED) == {one.framework for one in crosswalk()}
    assert {one.framework for one in backings()} <= set(SHIPPED)


def test_nothing_that_concerns_generative_systems_alone_is_answered() -> None:
    for row in ALL:
        assert not KNOWN[row.framework].clause(row.clause).generative


def test_every_mitigation_for_predictive_systems_is_linked_to_some_control() -> None:
    waived = {"AML.M0034"}  # finds pictures that a generator made: no predictive system needs it
    linked = {one.clause for one in crosswalk() if one.framework == "mitre-atlas"}
    asked = {one.id for one in KNOWN["mitre-atlas"].of_kind("mitigation") if not one.generative}
    assert linked == asked - waived


def test_to_be_equal_is_rare() -> None:
    count = Counter(one.relationship for one in crosswalk())
    assert count["equal"] / len(crosswalk()) < 0.05
    assert count["superset"] / len(crosswalk()) < 0.02


def test_each_reason_is_one_sentence_of_its_own() -> None:
    for row in ALL:
        assert row.why.endswith(".")
        assert len(row.why.split()) >= 3
        assert "\n" not in row.why
    per_clause = Counter((one.framework, one.clause, one.why) for one in ALL)
    assert max(per_clause.values()) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"control": "bom-keept"}, "no such control; did you mean 'bom-kept'"),
        ({"framework": "gdppr"}, "no such framework; did you mean 'gdpr'"),
        ({"clause": "GOVERN 1.66"}, "no such clause; did you mean 'GOVERN 1.6'"),
    ],
)
def test_a_link_to_nothing_is_refused_with_what_is_near(change: dict[str, str], said: str) -> None:
    wrong = replace(FIRST, **change)
    with pytest.raises(ConfigError, match=said):
        agreed([FIRST, wrong], controls=controls(), frameworks=KNOWN)


def test_a_pair_that_stands_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="stands twice"):
        agreed([FIRST, FIRST], controls=controls(), frameworks=KNOWN)
    with pytest.raises(ConfigError, match="stands twice"):
        agreed_backings([BACKED, BACKED], frameworks=KNOWN)


def test_a_kind_of_text_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'ai-policy'"):
        agreed_backings([replace(BACKED, kind="ai-polcy")], frameworks=KNOWN)
    with pytest.raises(ConfigError, match="no such kind"):
        agreed_backings([replace(BACKED, by="threat-model")], frameworks=KNOWN)
