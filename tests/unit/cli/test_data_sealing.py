"""The verbs of sealed files, from flags to exit codes."""

import getpass
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from bartizan.cli import data_key, data_open, data_rotate, data_seal, exit  # noqa: A004
from bartizan.core.errors import Error

APP = typer.Typer(pretty_exceptions_enable=False)
for room in (data_key, data_seal, data_open, data_rotate):
    APP.command(room.NAME, help=room.HELP, epilog=room.EPILOG)(room.command)


def run(*arguments: Any) -> int:
    """The exit code; what `cli/main.py` makes of errors."""
    try:
        APP([str(one) for one in arguments], standalone_mode=False)
    except Error as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return exit.of_error(error)
    return exit.PASS


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A key, its recipient and a file."""
    assert run("key", "--out", tmp_path / "key") == 0
    said = capsys.readouterr()
    (tmp_path / "public").write_text(said.out)
    assert "AGE-SECRET-KEY" not in said.out + said.err
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,2\n")
    return tmp_path


def test_a_file_goes_through_seal_rotate_and_open(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORDS", "some words")
    assert run("seal", folder / "a.csv", "--to", f"file:{folder / 'public'}") == 0
    sealed = folder / "a.csv.age"
    assert "wrote" in capsys.readouterr().err
    rotate = ("rotate", sealed, "--identity", folder / "key", "--new-passphrase", "env:WORDS")
    assert run(*rotate) == 0
    (folder / "a.csv").unlink()
    assert run("open", sealed, "--identity", folder / "key") == 2
    assert run("open", sealed, "--passphrase", "env:WORDS", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "path": str(folder / "a.csv"),
        "size_bytes": 8,
        "source_bytes": sealed.stat().st_size,
    }
    assert (folder / "a.csv").read_bytes() == b"x,y\n1,2\n"


def test_a_changed_file_ends_with_the_code_of_trust(folder: Path) -> None:
    assert run("seal", folder / "a.csv", "--to", f"file:{folder / 'public'}") == 0
    sealed = folder / "a.csv.age"
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    code = run("open", sealed, "--identity", folder / "key", "--out", folder / "b")
    assert code == exit.TRUST
    assert not (folder / "b").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("seal", "a.csv"),
        ("seal", "a.csv", "--to", "age1x", "--passphrase", "env:X"),
        ("seal", "a.csv", "--to", "age1x"),
        ("seal", "a.csv", "--passphrase", "hunter2"),
        ("seal", "a.csv", "--passphrase", "ask"),
        ("open", "a.csv", "--identity", "key"),
        ("open", "a.csv", "--out", "b"),
        ("open", "a.csv", "--out", "b", "--identity", "key"),
        ("key", "--out", "key"),
        ("rotate", "a.csv", "--identity", "key", "--passphrase", "env:X"),
    ],
)
def test_what_makes_no_sense_ends_with_the_code_of_usage(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(folder)
    before = set(folder.iterdir())
    assert run(*arguments) == exit.USAGE
    assert "hunter2" not in capsys.readouterr().err
    assert set(folder.iterdir()) == before


def test_a_passphrase_is_asked_for_twice_when_sealing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    answers = iter(["one", "two", "one", "one", "one"])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(answers))
    line = ("seal", folder / "a.csv", "--passphrase", "ask")
    assert run(*line) == exit.USAGE
    assert run(*line) == 0
    assert run("open", folder / "a.csv.age", "--passphrase", "ask", "--out", folder / "b") == 0
