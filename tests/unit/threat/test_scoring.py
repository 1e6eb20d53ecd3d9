"""Only evidence lowers a risk, and a finding that shows the attack raises it."""

import pytest

from bartizan.core.known import Proof
from bartizan.core.risk import Factors
from bartizan.core.system import ControlStatus
from bartizan.core.threat import Countermeasure
from bartizan.threat.scoring import residual

_BEFORE = Factors(likelihood=3, impact=5, detection=4)


def _counter(
    status: ControlStatus,
    *,
    lowers: str = "likelihood",
    name: str = "c",
    by: int = 1,
    proofs: tuple[Proof, ...] = (),
) -> Countermeasure:
    return Countermeasure(
        control=name,
        title="t",
        status=status,
        owner="o",
        stage="data",
        command="",
        lowers=lowers,  # type: ignore[arg-type] # one of two words
        by=by,
        proofs=proofs,
    )


def _proof(outcome: str) -> Proof:
    return Proof(finding="a.b@m", outcome=outcome, evidence="", when="2026-01-01T00:00:00Z")  # type: ignore[arg-type] # an outcome


@pytest.mark.parametrize("status", ["absent", "planned", "implemented"])
def test_words_lower_nothing(status: ControlStatus) -> None:
    found, why = residual(_BEFORE, countermeasures=[_counter(status)], proofs=[])
    assert (found, why) == (_BEFORE, ())


def test_evidence_lowers_what_the_control_lowers() -> None:
    controls = [_counter("verified"), _counter("verified", lowers="detection")]
    found, _ = residual(_BEFORE, countermeasures=controls, proofs=[])
    assert (found.likelihood, found.impact, found.detection) == (2, 5, 3)


def test_the_impact_stays_and_no_scale_is_left() -> None:
    many = [_counter("verified", name=f"c{place}") for place in range(9)]
    found, _ = residual(_BEFORE, countermeasures=many, proofs=[])
    assert (found.likelihood, found.impact) == (1, 5)


def test_an_attack_that_works_here_is_likely_whatever_controls_say() -> None:
    found, why = residual(
        _BEFORE, countermeasures=[_counter("verified")], proofs=[_proof("fail"), _proof("pass")]
    )
    assert found.likelihood == 4
    assert "a.b@m" in why[-1]


def test_an_open_finding_moves_nothing() -> None:
    assert residual(_BEFORE, countermeasures=[], proofs=[_proof("inconclusive")])[0] == _BEFORE


def test_one_finding_lowers_a_factor_once_however_many_controls_it_shows() -> None:
    shown = (_proof("pass"),)
    both = [
        _counter("verified", name="tested", proofs=shown),
        _counter("verified", name="hardened", by=2, proofs=shown),
    ]
    before = Factors(likelihood=5, impact=5, detection=4)
    assert residual(before, countermeasures=both, proofs=[])[0].likelihood == 3
    apart = [both[0], _counter("verified", name="hardened", by=2)]
    assert residual(before, countermeasures=apart, proofs=[])[0].likelihood == 2
