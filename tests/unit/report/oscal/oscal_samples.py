"""A day of the card-fraud example, with something of each kind put into it by hand."""

from datetime import UTC, datetime
from functools import cache

import msgspec

from bartizan.config import read_config
from bartizan.core.compliance import ComplianceReport, OpenFinding
from bartizan.core.finding import Waived
from bartizan.core.known import Proof
from bartizan.core.threat import ThreatModel
from bartizan.examples.described import described_system
from bartizan.frameworks.controls import controls
from bartizan.report.oscal import OscalSheet
from bartizan.workspace import Workspace

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOSTILE = "evasion.pgd@<b>fraud</b>\n| *x* \u202e#a"
"""A name with markup, a line break and a mark that turns the line around."""


@cache
def described() -> tuple[ComplianceReport, ThreatModel]:
    """What the example gives without any evidence."""
    place = described_system("card-fraud")
    config = read_config(place)
    with Workspace(clock=lambda: NOON) as ws:
        report = ws.comply.report(config, folder=place.parent).report
        return report, ws.threat.model(config, folder=place.parent).model


def proof(finding: str, outcome: str) -> Proof:
    return Proof(
        finding=finding,
        outcome=outcome,  # type: ignore[arg-type]  # a word of the test's own
        evidence="sha256:" + "ab" * 32,
        when="2026-11-20T10:00:00Z",
    )


def opened(finding: str = HOSTILE, *, waived: bool = False) -> OpenFinding:
    return OpenFinding(
        id=finding,
        outcome="fail",
        severity="high",
        since="2026-11-01T00:00:00Z",
        age_days=21,
        due="2026-12-01",
        overdue=False,
        command="bartizan assess --entry evasion.pgd",
        waived=Waived(owner="ann", reason="a test", expires="2027-01-01") if waived else None,
        controls=("data-validated",),
        threats=("evasion.decision@scoring-model",),
    )


def planned(model: ThreatModel) -> ThreatModel:
    """The same model; the first control against the first threat is planned, by some day."""
    first, *others = model.threats
    measure, *more = first.countermeasures
    due = msgspec.structs.replace(measure, status="planned", due="2026-12-24")
    changed = msgspec.structs.replace(first, countermeasures=(due, *more))
    return msgspec.structs.replace(model, threats=(changed, *others))


def sheet(*, findings: tuple[OpenFinding, ...] = (), described_too: bool = True) -> OscalSheet:
    """One control shown, one with a finding against it, the others without evidence."""
    report, model = described()
    states = list(report.controls)
    able = [at for at, one in enumerate(states) if one.by_evidence]
    states[able[0]] = msgspec.structs.replace(
        states[able[0]], status="verified", proofs=(proof("data.types@month", "pass"),)
    )
    states[able[1]] = msgspec.structs.replace(states[able[1]], proofs=(proof(HOSTILE, "fail"),))
    return OscalSheet(
        report=msgspec.structs.replace(report, controls=tuple(states), findings=findings),
        controls=tuple(controls().values()),
        model=planned(model) if described_too else None,
    )
