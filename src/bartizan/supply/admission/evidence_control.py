"""Planted cases: what the question about evidence must tell apart, before it is believed."""

from datetime import UTC, datetime

import msgspec

from bartizan.core.attacker import Attacker
from bartizan.core.entry import ControlResult
from bartizan.core.evidence import CHOSEN, Evidence
from bartizan.core.fact import Found
from bartizan.core.finding import Outcome, Severity
from bartizan.supply.admission import evidence
from bartizan.supply.admission.declared import Declared
from bartizan.supply.admission.evidence import Known
from bartizan.supply.admission.terms import Terms

_NOW = datetime(2026, 1, 31, tzinfo=UTC)
_THIEF = Attacker(name="thief", norm="Linf", eps=0.1)
_TOOTHLESS = Attacker(name="thief", norm="Linf", eps=1e-9, queries=1)
_DATA = {"data_set": "sha256:planted"}
_DECLARED = Declared(attackers=(_THIEF,), basis=_DATA, profile="standard")


def control() -> ControlResult:
    """Whether only a fresh pass that was earned as declared passes, and a failure always fails."""
    cases: tuple[tuple[str, tuple[Known, ...], Outcome], ...] = (
        ("a fresh pass", (_planted(),), "pass"),
        ("no finding", (), "inconclusive"),
        ("a pass of three weeks ago", (_planted(day=10),), "inconclusive"),
        ("an open finding", (_planted("inconclusive"),), "inconclusive"),
        ("a failure", (_planted("fail", severity="critical"),), "fail"),
        ("a pass against somebody toothless", (_planted(attacker=_TOOTHLESS),), "inconclusive"),
        ("a pass on other rows", (_planted(data="sha256:other"),), "inconclusive"),
        ("a pass with little work", (_planted(profile="quick"),), "inconclusive"),
    )
    for name, known, wanted in cases:
        found = evidence.judged(
            known,
            terms=Terms(evidence_age_days=10.0, require=("a",)),
            declared=_DECLARED,
            fail_on="high",
            now=_NOW,
        )
        if found.outcome != wanted:
            detail = f"{name} was called {found.outcome}: {found.reason}"
            return ControlResult(passed=False, detail=detail)
    others = ", ".join(name for name, _, wanted in cases if wanted != "pass")
    return ControlResult(passed=True, detail=f"a fresh pass was told from {others}")


def _planted(
    outcome: Outcome = "pass",
    *,
    day: int = 30,
    severity: Severity = "none",
    attacker: Attacker = _THIEF,
    data: str = _DATA["data_set"],
    profile: str = "standard",
) -> Known:
    fact = Found(
        finding="a.b@planted#thief",
        outcome=outcome,
        severity=severity,
        evidence="",
        subjects=(),
        when=f"2026-01-{day:02}T00:00:00Z",
    )
    return Known(
        fact,
        msgspec.structs.replace(
            _BLANK, attacker=attacker, profile=profile, basis={"data_set": data, CHOSEN: ""}
        ),
    )


_BLANK = Evidence(
    finding="a.b@planted#thief",
    subjects=(),
    seed=0,
    block_rows=0,
    rows=0,
    versions={},
    catalog="",
    control="",
)
