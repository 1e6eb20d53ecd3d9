"""What `bartizan threat` ends with, and what it shows."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from bartizan.cli.threat_model import _show, code_of
from bartizan.core.known import Known
from bartizan.core.report import Tool
from bartizan.core.system import System, SystemSpec
from bartizan.core.threat import Question, ThreatModel
from bartizan.frameworks.controls import controls
from bartizan.threat.incident import shipped
from bartizan.threat.model import threat_model
from bartizan.threat.modelling import Basis
from bartizan.threat.reading import packaged


def _empty(name: str = "empty") -> ThreatModel:
    return threat_model(
        System(system=SystemSpec(name=name)),
        basis=Basis(
            rules=packaged(),
            controls=controls(),
            maturity={},
            known=Known(),
            today=date(2026, 6, 1),
        ),
        ships=shipped(),
        tool=Tool(name="bartizan", version="0", catalog=""),
        catalogues=(),
    )


@pytest.mark.parametrize(("fail_on", "code"), [("low", 3), ("high", 3), (None, 0)])
def test_a_description_of_nothing_passes_no_threshold(fail_on: str | None, code: int) -> None:
    model = _empty()
    assert (model.threats, model.questions) == ((), ())
    assert code_of(model, fail_on=fail_on) == code  # type: ignore[arg-type] # a priority


def test_a_name_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _show(_empty("a\x9b31m\u202eb [bold]c[/bold]"), out=Path("threats"), written=1)
    shown = capsys.readouterr().out
    assert "\x9b" not in shown
    assert "\u202e" not in shown
    assert "[bold]c[/bold]" in shown


def test_what_is_cut_off_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    asked = tuple(
        Question(owner=f"element e{at}", attribute="auth", text=f"Who is {at}?", threats=())
        for at in range(13)
    )
    _show(msgspec.structs.replace(_empty(), questions=asked), out=Path("there"), written=9)
    shown = capsys.readouterr().out
    assert shown.count("question:") == 10
    assert "  and 3 more\n" in shown
    assert "wrote 9 files into there\n" in shown
