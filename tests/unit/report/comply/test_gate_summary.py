"""The gate as the summary of a job: what it decided, why, and never longer than is taken."""

import pytest

from bartizan.core.finding import Finding, Waived
from bartizan.core.report import Coverage, Report, Tool
from bartizan.report.comply import gate_summary
from unit.report.comply.samples import full

EVIL = "<script>|`x`\n# head"


def summary(*findings: Finding, word: str = "So it is.", warnings: tuple[str, ...] = ()) -> str:
    report = Report(
        tool=Tool(name="bartizan", version="0", catalog="sha256:0"),
        subjects=(),
        attackers=(),
        outcome="fail",
        headline=word,
        findings=findings,
        evidence=(),
        coverage=Coverage(
            profile="gate", seed=0, rows=0, rows_total=0, rows_protected=0, planned=()
        ),
        warnings=warnings or (word,),
    )
    return gate_summary(report, rests_on=full(word)).decode()


def failed(number: int = 0, *, word: str = "So it is.", waived: Waived | None = None) -> Finding:
    return Finding(
        id=f"a.b@{number}",
        entry="a.b",
        title=word,
        subject=word,
        outcome="fail",
        reason=word,
        severity="high",
        reproduce=word,
        waived=waived,
    )


def test_it_says_what_failed_what_is_held_back_and_how_the_frameworks_stand() -> None:
    held = Waived(owner="Ada", reason="rebuilt", expires="2999-01-01")
    written = summary(failed(1), failed(2, waived=held))
    assert written.startswith("# ❌ Gate: Fail\n")
    assert "| ❌ fail (high) | a.b@<!-- -->1 |" in written
    assert "Waived by Ada until 2999-01-01: rebuilt." in written
    assert "evidence is present for 1 of 3 clauses" in written


def test_a_gate_that_had_nothing_to_look_at_says_so() -> None:
    assert "nothing to look at" in summary()


def test_text_stays_text_and_in_its_row() -> None:
    written = summary(failed(word=EVIL), word=EVIL)
    assert "<script>" not in written
    assert written.count("\n# ") == 0


@pytest.mark.parametrize("word", ["long " * 100, "\u6f22" * 500, "\U0001f512" * 500])
def test_a_long_summary_ends_with_how_much_is_left(word: str) -> None:
    written = summary(*(failed(number, word=word) for number in range(2000)), word=word)
    assert len(written.encode()) < 1 << 20
    assert "more in the JSON" in written


def test_many_long_notes_leave_room_for_the_findings() -> None:
    notes = tuple(f"{number} " + "\u6f22" * 1000 for number in range(1000))
    written = summary(failed(1), warnings=notes)
    assert len(written.encode()) < 1 << 20
    assert "967 more in the JSON" in written
    assert "| ❌ fail (high) | a.b@<!-- -->1 |" in written


def test_what_the_baseline_lists_is_known_and_not_waived() -> None:
    held = Waived(owner="baseline", reason="it is listed", expires="2999-01-01", known=True)
    written = summary(failed(1, waived=held))
    assert "Known until 2999-01-01: it is listed." in written
    assert "aived" not in written.partition("\n## ")[0].partition("So it is. ")[0]
