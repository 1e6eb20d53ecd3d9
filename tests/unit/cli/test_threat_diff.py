"""What `bartizan threat diff` shows of two files."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bartizan.cli.threat_diff import command
from bartizan.core.errors import InputError
from bartizan.core.record import encode
from bartizan.core.threat import ThreatModel
from unit.report.threat.described import MODEL, poisoned

Write = Callable[[ThreatModel], Path]
EVIL = "\x9b31m\u202e[bold]b[/bold]"
"""A description cannot hold the control characters below these."""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file, each under a name of its own."""

    def put(model: ThreatModel) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        path.write_bytes(encode(model))
        return path

    return put


def test_text_of_a_file_cannot_drive_the_terminal(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = poisoned(MODEL, EVIL)
    named = msgspec.structs.replace(evil.threats[0], title="\x1b[31mred")
    evil = msgspec.structs.replace(evil, threats=(named, *evil.threats[1:]))
    nothing = msgspec.structs.replace(
        evil,
        threats=(),
        questions=(),
        system=msgspec.structs.replace(evil.system, elements=(), flows=()),
    )
    command(write(nothing), write(evil))
    command(write(evil), write(nothing))
    shown = capsys.readouterr().out
    assert "[bold]b[/bold]" in shown
    assert not {"\x9b", "\x1b", "\u202e"} & set(shown)


def test_each_line_says_what_became_of_what(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, *others = MODEL.threats
    accepted = msgspec.structs.replace(first, standing="accepted")
    api, *rest = MODEL.system.elements
    after = msgspec.structs.replace(
        MODEL,
        threats=(accepted, *others),
        questions=(
            *MODEL.questions,
            msgspec.structs.replace(MODEL.questions[0], owner="element new"),
        ),
        system=msgspec.structs.replace(
            MODEL.system, elements=(msgspec.structs.replace(api, monitored=True), *rest)
        ),
    )
    assert command(write(MODEL), write(after)) == 0
    shown = capsys.readouterr().out
    assert f"gone   {second.id}" in shown
    assert f"better {first.id}: high" in shown
    assert "asked  element new: What limits how often Shop API can be asked?" in shown
    assert f"said   element {api.id}: monitored not said -> yes" in shown
    assert command(write(after), write(MODEL)) == 1
    assert f"worse  {first.id}" in capsys.readouterr().out


def test_a_file_that_is_something_else_is_named(write: Write, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}")
    with pytest.raises(InputError, match=r"other\.json: expected a stored ThreatModel"):
        command(write(MODEL), other)
