"""`bartizan comply` without a verb is its first one; a verb that there is not is refused."""

from pathlib import Path

import pytest
import typer

from bartizan.cli import main, running


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def code(monkeypatch: pytest.MonkeyPatch, *arguments: str, app: typer.Typer = main.app) -> int:
    monkeypatch.setattr("sys.argv", ["bartizan", *arguments])
    return running.code_of(app)


@pytest.mark.parametrize(
    "arguments",
    [("comply",), ("comply", "--framework", "gdpr"), ("comply", "report")],
)
def test_a_report_is_meant_where_no_verb_is_named(
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert code(monkeypatch, *arguments) == 2
    assert "there is no bartizan.toml here" in capsys.readouterr().err


def test_the_help_of_the_group_lists_its_verbs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code(monkeypatch, "comply", "--help") == 0
    printed = capsys.readouterr().out
    assert all(verb in printed for verb in ("report", "gate", "sign-off"))


def test_a_verb_that_there_is_not_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code(monkeypatch, "comply", "gaet") == 2
    assert "gaet" in capsys.readouterr().err
