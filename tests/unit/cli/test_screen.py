"""The terminal shows text and obeys nobody's control characters."""

import io

import msgspec
import pytest
from rich.console import Console

from bartizan.cli.screen import _plain, plain, summary
from bartizan.core.progress import Progress
from unit.report.samples import sample_report


def test_control_characters_and_markup_lose_their_power() -> None:
    assert plain("a\x1b[2Jb\nc") == "a\\x1b[2Jb\\x0ac"
    assert plain("[bold]x") == "\\[bold]x"
    assert plain("Übergröße ✔") == "Übergröße ✔"


def test_a_long_thing_is_seen_to_move_without_a_terminal() -> None:
    said = io.StringIO()
    times = iter([0.0, 1.0, 2.0, 12.0, 12.0])
    steps = [Progress(done, 10, "shadows") for done in (0, 1, 6)]
    passed = list(_plain(steps, Console(file=said), clock=times.__next__))
    assert passed == steps
    assert said.getvalue().split("\n") == ["  0%  shadows", " 60%  shadows", ""]


def test_findings_that_are_open_for_one_reason_are_told_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = sample_report()
    first = next(one for one in report.findings if one.decides)
    made = [
        msgspec.structs.replace(
            first, id=name, outcome="inconclusive", severity="none", reason=reason
        )
        for name, reason in (("a@m", "too few rows"), ("b@m", "too few rows"), ("c@m", "crashed"))
    ]
    summary(msgspec.structs.replace(report, findings=tuple(made), headline="open"))
    said = capsys.readouterr().out
    assert "open a@m, b@m: too few rows\n" in said
    assert "open c@m: crashed\n" in said
