"""What a run has to say for itself: at any time, and only what is so."""

from dataclasses import replace
from typing import Any

import numpy as np

from bartizan.assess import union
from bartizan.assess.request import Request
from bartizan.assess.run import Assessment
from bartizan.attack import coordinate, tree_exact, tree_greedy
from bartizan.core.entry import ControlResult
from bartizan.core.evidence import Evidence
from bartizan.core.finding import Finding
from bartizan.store import Store
from unit.assess.asked import WORLD, asked, assessment


def ran(store: Store, *entries: Any, **more: Any) -> Assessment:
    """The run of what eve is asked to try."""
    return over(asked(*entries, **more), store)


def over(request: Request, store: Store) -> Assessment:
    """A run that is over."""
    run = assessment(request, store)
    for _ in run:
        pass
    return run


def test_before_it_began_a_run_passes_nothing(store: Store) -> None:
    report = assessment(asked(coordinate.ENTRY), store).report()
    assert {finding.outcome for finding in report.findings} == {"not-run"}
    assert report.outcome == "inconclusive"
    assert {finding.id for finding in report.findings} == set(report.coverage.planned)


def test_a_run_that_is_left_early_tells_why_and_what_is_missing(store: Store) -> None:
    run = assessment(asked(coordinate.ENTRY), store)
    next(iter(run))
    run.interrupt("stopped by hand")
    report = run.report()
    assert report.coverage.interrupted == "stopped by hand"
    assert {finding.outcome for finding in report.findings} == {"not-run"}


def test_every_finding_rests_on_evidence_that_is_stored_and_has_a_receipt(store: Store) -> None:
    report = ran(store, coordinate.ENTRY).report()
    for finding, evidence, receipt in zip(
        report.findings, report.evidence, report.receipts, strict=True
    ):
        assert finding.evidence is not None
        assert store.get(finding.evidence, kind=Evidence) == evidence
        assert (evidence.finding, receipt.finding) == (finding.id, finding.id)
        assert receipt.evidence == finding.evidence
    first = report.receipts[0]
    assert first.queries >= first.calls > 0


def test_asked_twice_a_run_says_the_same(store: Store) -> None:
    run = ran(store, coordinate.ENTRY)
    one, two = run.report(), run.report()
    assert one.findings == two.findings
    assert one.evidence == two.evidence


def test_a_model_that_changed_under_the_run_passes_nothing(store: Store) -> None:
    request = asked(coordinate.ENTRY, eps=1e-6)
    assert deciding(over(request, store)).outcome == "pass"
    run = over(replace(request, drift=lambda: "it answers differently"), store)
    finding = deciding(run)
    assert finding.outcome == "inconclusive"
    assert finding.reason.endswith("; but it answers differently")


def deciding(run: Assessment, entry: str = coordinate.ENTRY.id) -> Finding:
    """The finding against the attacker who decides."""
    found = [f for f in run.report().findings if f.entry == entry and f.attacker == "eve"]
    return found[0]


def test_claims_are_the_confirmed_rows_with_the_ids_of_the_data(store: Store) -> None:
    run = ran(store, coordinate.ENTRY, access="scores", eps=0.4)
    model, data = WORLD.model(), WORLD.data(WORLD.model())
    claims = run.claims()
    assert sum(len(claim.ids) for claim in claims) > 0
    for claim in claims:
        rows = np.searchsorted(data.ids, claim.ids)
        np.testing.assert_array_equal(claim.before, data.x[rows])
        assert (model.scores(claim.after).argmax(axis=1) != data.y[rows]).all()
        assert np.isfinite(claim.price).all()
    assert [claim.finding for claim in claims] == list(run.report().coverage.planned)


def test_coverage_counts_each_row_once_however_many_attack_it(store: Store) -> None:
    coverage = ran(store, coordinate.ENTRY, protected=("1",)).report().coverage
    y = WORLD.data(WORLD.model()).y
    assert coverage.rows_protected == coverage.rows == int((y == 1).sum())
    assert coverage.rows_total == len(y)


def test_a_union_rests_on_the_attacks_of_its_own_attacker_alone(store: Store) -> None:
    run = ran(store, tree_greedy.ENTRY, coordinate.ENTRY, union.ENTRY,
              access="structure", shown="structure", eps=0.03)  # fmt: skip
    found = {(f.attacker, f.entry): f for f in run.report().findings}

    def success(attacker: str, entry: str) -> float:
        return value(found[attacker, entry], "attack-success")

    for attacker in ("eve", "eve-stronger"):
        parts = [success(attacker, entry.id) for entry in (tree_greedy.ENTRY, coordinate.ENTRY)]
        assert success(attacker, union.ENTRY.id) >= max(parts)
    assert success("eve", union.ENTRY.id) < success("eve-stronger", union.ENTRY.id)


def test_an_entry_that_misses_its_planted_case_has_no_verdict(store: Store) -> None:
    def misses(**_: Any) -> ControlResult:
        return ControlResult(passed=False, detail="found 0 of 16")

    finding = deciding(ran(store, replace(coordinate.ENTRY, control=misses), eps=0.4))
    assert finding.outcome == "inconclusive"
    assert "it missed the case planted for it: found 0 of 16" in finding.reason


def test_a_proof_that_hits_its_limit_is_never_a_pass(store: Store) -> None:
    asking = asked(tree_exact.ENTRY, access="structure", shown="structure", norm="L1", eps=0.02)
    asking = replace(asking, thresholds={tree_exact.ENTRY.id: 0.35})
    settled = deciding(over(asking, store), tree_exact.ENTRY.id)
    assert (settled.outcome, value(settled, "solved-exactly")) == ("pass", 1.0)
    hurried = replace(tree_exact.ENTRY, params=tree_exact.Params(limit_s=0.0, mean_s=0.0))
    finding = deciding(over(replace(asking, entries=(hurried,)), store), tree_exact.ENTRY.id)
    assert value(finding, "attack-success") == value(settled, "attack-success")
    assert finding.outcome == "inconclusive"
    assert "are neither broken nor proven to hold" in finding.reason
    assert value(finding, "median-gap") > 0.0
    assert value(finding, "certified-robust") < value(settled, "certified-robust")


def value(finding: Finding, name: str) -> float:
    """A number that was measured."""
    measure = finding.measure(name)
    assert measure is not None
    assert measure.value is not None
    return measure.value
