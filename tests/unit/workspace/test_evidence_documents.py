"""Cards show what the report rests on: no pass on easy rows, and no failure is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bartizan.config import Config, read_config
from bartizan.core.evidence import Receipt, Subject
from bartizan.core.finding import Finding, Outcome
from bartizan.core.report import Coverage, Gap, Report, Tool
from bartizan.workspace import Workspace
from bartizan.workspace.evidence_documents import document_sheet, drawn_up
from bartizan.workspace.receipted import receipted

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROJECT = """
[project]
name = "shop"

[[model]]
name = "fraud"
path = "fraud.onnx"

[[data]]
name = "holdout"
role = "test"
path = "holdout.csv"
target = "y"
"""
UTILITY, ATTACK = "utility.balanced-accuracy@fraud", "evasion.pgd@fraud#thief"
EASY = Subject(kind="data", name="easy", digest="sha256:" + "e" * 64, digest_kind="sha256")


class Shop:
    """A project whose runs are written by hand."""

    def __init__(self, ws: Workspace, config: Config, folder: Path) -> None:
        self.ws, self.config, self.folder = ws, config, folder
        report = ws.comply.report(config, folder=folder).report
        self.model, self.holdout = report.subjects

    def ran(
        self,
        *found: tuple[str, Outcome],
        hour: int,
        data: Subject | None = None,
        days: int = 0,
        gaps: tuple[str, ...] = (),
    ) -> None:
        """Keep a run that found this."""
        when = (NOW - timedelta(days=days)).replace(hour=hour).isoformat()
        findings = tuple(_finding(name, outcome, said=f"at {hour}") for name, outcome in found)
        run = Report(
            tool=Tool(name="bartizan", version="1", catalog="c"),
            subjects=(self.model, data or self.holdout),
            attackers=(),
            outcome="pass",
            headline=f"The run at {hour} held.",
            findings=findings,
            evidence=(),
            coverage=Coverage(
                profile="quick",
                seed=0,
                rows=1,
                rows_total=1,
                rows_protected=1,
                planned=(),
                gaps=tuple(Gap(what=one, why="not chosen") for one in gaps),
            ),
            receipts=tuple(
                Receipt(
                    finding=name,
                    evidence="",
                    finished=when,
                    wall_s=1.0,
                    model_s=1.0,
                    calls=1,
                    queries=1,
                    workers=1,
                )
                for name, _ in found
            ),
        )
        self.ws.store.put_all([receipted(run, self.ws.ledger)])

    def card(self) -> str:
        found = self.ws.comply.report(self.config, folder=self.folder)
        files = drawn_up(self.ws, self.config, found=found)
        return files["documents/model-card-fraud.md"].decode()

    def headlines(self) -> list[str]:
        report = self.ws.comply.report(self.config, folder=self.folder).report
        sheet = document_sheet(self.ws, self.config, report=report, model=None)
        return [one.headline for one in sheet.runs]


def _finding(name: str, outcome: Outcome, *, said: str) -> Finding:
    return Finding(
        id=name,
        entry=name.partition("@")[0],
        title=name.partition("@")[0],
        subject="fraud",
        outcome=outcome,
        reason=f"{outcome} {said}",
        severity="high" if outcome == "fail" else "none",
    )


@contextmanager
def shop(folder: Path) -> Iterator[Shop]:
    (folder / "bartizan.toml").write_text(PROJECT)
    (folder / "fraud.onnx").write_bytes(b"a model")
    (folder / "holdout.csv").write_text("a,y\n1,1\n")
    config = read_config(folder / "bartizan.toml")
    with Workspace(folder / ".bartizan", clock=lambda: NOW) as ws:
        yield Shop(ws, config, folder)


def test_a_pass_on_other_rows_takes_no_failures_place(tmp_path: Path) -> None:
    with shop(tmp_path) as one:
        one.ran((UTILITY, "pass"), (ATTACK, "fail"), hour=1)
        one.ran((UTILITY, "pass"), (ATTACK, "pass"), hour=2, data=EASY)
        card = one.card()
        assert "fail at 1" in card
        assert "pass at 1" in card
        assert "at 2" not in card
        assert "easy" not in card
        assert one.headlines() == ["The run at 1 held."]


@pytest.mark.parametrize("data", [None, EASY])
def test_a_failure_on_whatever_rows_is_on_the_card(tmp_path: Path, data: Subject | None) -> None:
    with shop(tmp_path) as one:
        one.ran((UTILITY, "pass"), (ATTACK, "pass"), hour=1)
        one.ran((ATTACK, "fail"), hour=2, data=data)
        one.ran((ATTACK, "inconclusive"), hour=3)
        card = one.card()
        assert "fail at 2" in card
        assert "pass at 1" in card  # of utility
        assert card.count("pass at 1") == 1
        assert one.headlines()[0].startswith("of its findings, 1 of 2 count today")


def test_a_run_of_checks_alone_is_an_assessment(tmp_path: Path) -> None:
    with shop(tmp_path) as one:
        assert "No assessment of this model" in one.card()
        one.ran((UTILITY, "pass"), hour=1)
        assert "pass at 1" in one.card()
        assert "No assessment of this model" not in one.card()


def test_what_passed_long_ago_counts_no_more(tmp_path: Path) -> None:
    with shop(tmp_path) as one:
        one.ran((UTILITY, "pass"), hour=1, days=100)
        assert "No assessment of this model" in one.card()
        one.ran((UTILITY, "pass"), hour=2, days=3)
        one.ran((UTILITY, "pass"), hour=3)
        assert "pass at 3" in one.card()
        assert "pass at 2" not in one.card()


def test_what_another_run_looked_at_is_not_called_untested(tmp_path: Path) -> None:
    with shop(tmp_path) as one:
        one.ran((ATTACK, "pass"), hour=1, gaps=("privacy", "utility"))
        one.ran((UTILITY, "pass"), hour=2, gaps=("privacy", "evasion"))
        card = one.card()
        assert "Not tested: privacy. not chosen" in card
        assert "Not tested: evasion" not in card
        assert "Not tested: utility" not in card
