from collections.abc import Iterator
from typing import Any

import pytest

from bartizan.core.finding import Waived
from bartizan.core.report import Report, Tool
from bartizan.core.verdict import failing, unsettled
from bartizan.data.request import Request
from bartizan.data.verification import Verification
from bartizan.store import Store
from unit.data.checks import NOW, Above, Rows, entry, request

TOOL = Tool(name="bartizan", version="0", catalog="sha256:0")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.temporary() as store:
        yield store


def verified(asked: Request, store: Store) -> tuple[Report, Verification]:
    run = Verification(asked, store=store, tool=TOOL, clock=lambda: NOW)
    for _ in run:
        pass
    return run.report(), run


def test_every_inspection_sees_every_row_once(store: Store) -> None:
    report, run = verified(request(entry()), store)
    (finding,) = report.findings
    assert finding.id == "data.above@amounts"
    assert finding.measures[0].n == 10
    assert run.rows()["data.above@amounts"].tolist() == [8, 9]
    assert report.coverage.rows_total == 10
    assert report.subjects[0].digest == "sha256:" + "0" * 64


def test_a_run_that_is_stopped_while_it_weighs_claims_nothing(store: Store) -> None:
    asked = request(entry(), entry("other"))
    run = Verification(asked, store=store, tool=TOOL, clock=lambda: NOW)
    steps = iter(run)
    while run.report().coverage.rows_total < 10:
        next(steps)
    run._slots[0].finish()
    run.interrupt("stopped by Ctrl-C")
    assert [one.outcome for one in run.report().findings] == ["not-run", "not-run"]
    assert run.rows() == {}


def test_a_share_over_the_line_fails_and_the_headline_says_so(store: Store) -> None:
    report, _ = verified(request(entry()), store)
    assert report.outcome == "fail"
    assert failing(report)
    assert report.headline == (
        "amounts is not sound: 1 of 1 checks fail. Amounts above the line: share above is 20.0%; "
        "at most 0.0% is accepted."
    )
    assert report.findings[0].flagged[0].row == 8


def test_the_policy_draws_the_line(store: Store) -> None:
    report, _ = verified(request(entry(), thresholds={"data.above": 0.5}), store)
    assert report.outcome == "pass"
    assert report.findings[0].threshold is not None
    assert report.findings[0].threshold.source == "policy"
    assert "passed all 1 checks of its 10 rows" in report.headline


def test_without_its_planted_case_there_is_no_verdict(store: Store) -> None:
    report, _ = verified(request(entry(finds=False), entry("other")), store)
    first, other = report.findings
    assert first.outcome == "inconclusive"
    assert first.reason == "it missed the case planted for it: 4 rows, False"
    assert other.outcome == "fail"
    assert "1 of 2 checks are open" in report.headline


def test_a_question_that_the_data_cannot_answer_is_a_gap_and_no_finding(store: Store) -> None:
    asked: list[int] = []

    def suits(*, sample: Any, **_: object) -> str:
        asked.append(sample.rows)
        return "Too dense."

    missed = entry("dense", finds=False)
    report, run = verified(request(missed, entry(), suits={"data.dense": suits}), store)
    assert [f.entry for f in report.findings] == ["data.above"]
    assert report.coverage.planned == ("data.above@amounts",)
    assert [(gap.what, gap.why) for gap in report.coverage.gaps] == [("data.dense", "Too dense.")]
    assert asked == [4]
    assert not unsettled(report)
    assert list(run.rows()) == ["data.above@amounts"]
    alone, _ = verified(request(missed, suits={"data.dense": suits}), store)
    assert alone.outcome == "inconclusive"


def test_a_question_that_the_data_can_answer_needs_its_control(store: Store) -> None:
    missed = entry("dense", finds=False)
    report, _ = verified(request(missed, suits={"data.dense": lambda **_: ""}), store)
    assert [f.outcome for f in report.findings] == ["inconclusive"]
    assert not report.coverage.gaps


def test_one_that_breaks_while_it_asks_is_inconclusive(store: Store) -> None:
    def breaks(**_: object) -> str:
        message = "no"
        raise ValueError(message)

    report, _ = verified(request(entry(), suits={"data.above": breaks}), store)
    assert [f.outcome for f in report.findings] == ["inconclusive"]
    assert not report.coverage.gaps


class Breaks(Above):
    def see(self, batch: Any) -> None:
        message = f"{batch.raw['name'][0]} is no number"
        raise ValueError(message)


def test_one_that_breaks_is_inconclusive_shows_no_personal_value_and_stops_nobody(
    store: Store,
) -> None:
    broken = entry("broken", makes=Breaks)
    report, _ = verified(request(broken, entry()), store)
    assert [f.outcome for f in report.findings] == ["inconclusive", "fail"]
    assert report.findings[0].reason.startswith("it crashed: ValueError")
    assert "Ann" not in report.findings[0].reason
    assert unsettled(report)


def test_a_run_that_is_stopped_judges_nothing(store: Store) -> None:
    run = Verification(request(entry(), rows=Rows(broken_at=4)), store=store, tool=TOOL)
    with pytest.raises(KeyboardInterrupt):
        for _ in run:
            pass
    run.interrupt("stopped by Ctrl-C")
    report = run.report()
    assert [f.outcome for f in report.findings] == ["not-run"]
    assert report.coverage.interrupted == "stopped by Ctrl-C"
    assert report.subjects[0].digest == ""
    assert report.outcome == "inconclusive"


def test_a_waived_failure_decides_nothing(store: Store) -> None:
    waived = Waived(owner="ana", reason="known", expires="2027-01-01")
    report, _ = verified(request(entry(), waive=lambda _: waived), store)
    assert report.outcome == "inconclusive"
    assert "waived" in report.headline


def test_nothing_asked_is_no_pass(store: Store) -> None:
    report, _ = verified(request(), store)
    assert report.outcome == "inconclusive"
    assert report.headline == "No verdict on amounts: nothing was looked at."


def test_evidence_is_kept_and_says_what_was_planted(store: Store) -> None:
    report, _ = verified(request(entry()), store)
    (evidence,) = report.evidence
    assert evidence.control == "4 rows, True"
    assert evidence.rows == 10
    assert evidence.params == {"line": 7.0}
    assert report.findings[0].evidence is not None
    assert report.receipts[0].finished == "2026-11-21T12:00:00Z"


def test_the_same_data_gives_the_same_report_however_it_is_cut(store: Store) -> None:
    reports = []
    for size in (1, 3, 10):
        report, _ = verified(request(entry(), rows=Rows(batch_rows=size)), store)
        reports.append([(f.outcome, f.measures, f.flagged) for f in report.findings])
    assert reports[0] == reports[1] == reports[2]
