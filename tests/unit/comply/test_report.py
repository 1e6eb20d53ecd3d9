"""The whole report: what a description leaves out is no threat model of the project."""

import pytest
from msgspec.structs import replace

from bartizan.comply.crosswalk import BackingRow
from bartizan.comply.declared import DueDays
from bartizan.comply.open_findings import Tracking
from bartizan.comply.report import Catalogues, Facts, compliance_report
from bartizan.comply.states import Ground
from bartizan.core.compliance import ClauseState, ThreatState
from bartizan.core.evidence import Subject
from bartizan.core.known import Known
from bartizan.core.report import Tool
from bartizan.core.system import Element, System, SystemSpec
from unit.comply.worlds import DAY, backed, clause, framework

MODEL = Element(id="scorer", kind="model", zone="z", model="fraud")
THREAT = ThreatState(id="a@scorer", title="T", priority="high", standing="open")


def judged(*elements: Element, threats: tuple[ThreatState, ...] = (THREAT,)) -> ClauseState:
    facts = Facts(
        ground=Ground(known=Known(), items=(), claims=(), age_days=90),
        tracking=Tracking(
            controls=(), days=DueDays(), day=DAY, waiver_for=lambda _: None, threats={}
        ),
        streaks={},
        subjects=[
            Subject(kind="model", name="fraud", digest="sha256:1", digest_kind="oms-root"),
            Subject(kind="data", name="rows", digest="sha256:2", digest_kind="sha256"),
        ],
        system=System(system=SystemSpec(name="s"), elements=elements),
        threats=threats,
    )
    rows: list[BackingRow] = [backed("threat-model", "1")]
    catalogues = Catalogues(controls={}, chosen=[framework(clause("1"))], rows=(), backings=rows)
    tool = Tool(name="bartizan", version="0", catalog="sha256:0")
    report = compliance_report(facts, catalogues=catalogues, tool=tool, project="p")
    return report.frameworks[0].clauses[0]


def test_a_threat_model_is_about_each_model_of_the_project() -> None:
    assert judged(MODEL).status == "evidence present"
    other = replace(MODEL, model="")
    assert judged(other).status == "no evidence"
    assert "no element is the model fraud" in judged(other).reason


@pytest.mark.parametrize("threats", [(), (THREAT,)])
def test_a_system_that_only_has_a_name_is_no_threat_model(
    threats: tuple[ThreatState, ...],
) -> None:
    assert judged(threats=threats).status == "no evidence"
    assert judged(MODEL, threats=()).status == "no evidence"
