"""A run of `assess` names the threats it answered, and moves the risk of this very model."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace
from sklearn.linear_model import LogisticRegression

from bartizan.adapt import save_skops
from bartizan.config import Config, read_config
from bartizan.core.evidence import Evidence, Subject
from bartizan.core.finding import Finding, Outcome, Waived
from bartizan.core.report import Answered
from bartizan.core.threat import Threat
from bartizan.workspace import Assessed, Workspace, from_project
from bartizan.workspace.answered import answered
from unit.report.samples import sample_report

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_BODY = """
[project]
name = "toy"
[[model]]
name = "scorer"
path = "scorer.skops"
[[data]]
name = "holdout"
role = "test"
path = "holdout.parquet"
target = "y"
[system]
name = "Toy"
[[zone]]
id = "outside"
trust = "untrusted"
[[zone]]
id = "inside"
trust = "restricted"
[[element]]
id = "somebody"
kind = "actor"
zone = "outside"
gains = true
[[element]]
id = "the-model"
kind = "model"
zone = "inside"
model = "scorer"
physical_input = false
modality = "table"
pretrained = true
[[flow]]
source = "somebody"
target = "the-model"
"""
_EVASION = "evasion.decision@the-model"


def _project(folder: Path, *, c: float = 1.0) -> Config:
    x = np.random.default_rng(0).normal(size=(200, 2))
    y = (x[:, 0] > 0).astype(int)
    save_skops(LogisticRegression(C=c).fit(x, y), folder / "scorer.skops")
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": y}).write_parquet(folder / "holdout.parquet")
    (folder / "bartizan.toml").write_text(_BODY)
    return read_config(folder / "bartizan.toml")


def _assessed(ws: Workspace, config: Config, folder: Path) -> Assessed:
    inputs = from_project(config, folder, today=_NOW.date())
    run = ws.assessment(inputs, profile="quick", entries=("evasion.coordinate",))
    for _ in run:
        pass
    return ws.finished(run, inputs)


def _threat(ws: Workspace, config: Config, folder: Path) -> Threat:
    found = ws.threat.model(config, folder=folder).model.threat(_EVASION)
    assert found is not None
    return found


@pytest.mark.slow  # an attack on a small model: 3 s
def test_a_run_names_its_threats_and_a_failure_raises_the_risk_of_this_very_model(
    tmp_path: Path,
) -> None:
    config = _project(tmp_path)
    with Workspace(tmp_path / ".bartizan", clock=lambda: _NOW) as ws:
        before = _threat(ws, config, tmp_path)
        assert (before.proofs, before.residual) == ((), before.inherent)
        report = _assessed(ws, config, tmp_path).report
        answers = {one.threat: one for one in report.coverage.threats}
        assert answers[_EVASION].outcome == "fail"  # a line through two numbers is easily crossed
        assert answers["poisoning.base-model@the-model"].outcome == "not-run"
        after = _threat(ws, config, tmp_path)
        assert {one.finding for one in after.proofs} == set(answers[_EVASION].findings)
        assert after.residual.likelihood >= 4
        assert any("works on this system" in one for one in after.because)
        _project(tmp_path, c=0.01)  # another model under the same name: nothing is known of it
        assert _threat(ws, config, tmp_path).proofs == ()


def test_what_works_on_this_very_model_does_not_grow_old(tmp_path: Path) -> None:
    config = _project(tmp_path)
    with Workspace(tmp_path / ".bartizan", clock=lambda: _NOW) as ws:
        _assessed(ws, config, tmp_path)
    later = datetime(2027, 6, 1, tzinfo=UTC)
    with Workspace(tmp_path / ".bartizan", clock=lambda: later) as ws:
        assert {one.outcome for one in _threat(ws, config, tmp_path).proofs} == {"fail"}


def _finding(entry: str, outcome: Outcome, *, waived: Waived | None = None) -> Finding:
    return Finding(
        id=f"{entry}@scorer#anyone",
        entry=entry,
        title="T",
        subject="scorer",
        attacker="anyone",
        outcome=outcome,
        reason="r",
        severity="high" if outcome == "fail" else "none",
        waived=waived,
    )


def _said(folder: Path, findings: Sequence[Finding], *, threat: str = _EVASION) -> Answered:
    """What a run with these findings, of somebody who sees decisions, says of a threat."""
    (folder / "bartizan.toml").write_text(_BODY)
    records = [replace(_EVIDENCE, finding=one.id, access="labels") for one in findings]
    report = replace(
        sample_report(),
        subjects=(Subject(kind="model", name="scorer", digest="", digest_kind="probe"),),
        findings=tuple(findings),
        evidence=tuple(records),
    )
    told = answered(report, read_config(folder / "bartizan.toml").described()).coverage.threats
    return next(one for one in told if one.threat == threat)


_EVIDENCE = Evidence(
    finding="", subjects=(), seed=0, block_rows=0, rows=0, versions={}, catalog="", control=""
)


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        (("pass", "fail"), "fail"),
        (("pass", "inconclusive"), "inconclusive"),
        (("pass", "pass"), "pass"),
        (("pass", "not-run"), "inconclusive"),
        ((), "not-run"),
    ],
)
@pytest.mark.parametrize("waived", [None, Waived(owner="A", reason="r", expires="2030-01-01")])
def test_a_threat_is_answered_by_the_worst_of_its_tests_accepted_or_not(
    tmp_path: Path, outcomes: tuple[Outcome, ...], told: str, waived: Waived | None
) -> None:
    findings = [
        _finding(f"evasion.t{at}", one, waived=waived if one == "fail" else None)
        for at, one in enumerate(outcomes)
    ]
    said = _said(tmp_path, findings)
    assert (said.outcome, len(said.findings)) == (told, len(outcomes))


def test_a_test_against_somebody_who_sees_less_answers_nothing(tmp_path: Path) -> None:
    found = [_finding("evasion.a", "pass")]
    said = _said(tmp_path, found, threat="evasion.transfer@the-model")  # its base is public
    assert (said.outcome, said.findings, said.said) == ("not-run", (), "easier")
    assert said.easier == ("evasion.a@scorer#anyone",)
