"""The verbs of signed models, from flags to exit codes."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from bartizan.cli import exit, supply_key, supply_open, supply_seal, supply_sign, supply_verify  # noqa: A004
from bartizan.core.errors import Error
from unit.supply.signing.signed import folder_model

APP = typer.Typer(pretty_exceptions_enable=False)
for room in (supply_key, supply_sign, supply_verify, supply_seal, supply_open):
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
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key and a model, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    assert run("key", "--out", "k.pem") == 0
    assert stat.S_IMODE((tmp_path / "k.pem").stat().st_mode) == 0o600
    folder_model(tmp_path)
    return tmp_path


def test_a_model_goes_from_key_to_signature_to_verification(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run("sign", "fraud", "--key", "k.pem", "--version", 2, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["files"], said["bundle"]) == (3, "fraud/model.sig")
    assert run("verify", "fraud", "--key", "k.pem.pub", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["root"], found["version"], found["unsigned"]) == (said["root"], 2, [])
    assert not found["versions_compared"]
    assert run("verify", "fraud", "--key", "k.pem.pub") == 0
    assert "no ledger here" in capsys.readouterr().out
    (place / "fraud" / "parts" / "one").write_text("two")
    assert run("verify", "fraud", "--key", "k.pem.pub") == 4
    assert "parts/one" in capsys.readouterr().err


def test_an_encrypted_key_asks_where_its_passphrase_is(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORDS", "some words")
    monkeypatch.setenv("OTHER", "other words")
    assert run("key", "--out", "e.pem", "--passphrase", "env:WORDS") == 0
    assert run("sign", "fraud", "--key", "e.pem") == 2
    assert run("sign", "fraud", "--key", "e.pem", "--passphrase", "env:OTHER") == 2
    assert "passphrase is wrong" in capsys.readouterr().err
    assert not (place / "fraud" / "model.sig").exists()
    assert run("sign", "fraud", "--key", "e.pem", "--passphrase", "env:WORDS") == 0


def test_a_key_that_others_can_read_signs_nothing(place: Path) -> None:
    (place / "k.pem").chmod(0o644)
    assert run("sign", "fraud", "--key", "k.pem") == 4


def test_a_key_is_never_overwritten(place: Path) -> None:
    before = (place / "k.pem").read_bytes()
    assert run("key", "--out", "k.pem") == 2
    assert run("key", "--out", "no/k.pem") == 2
    assert (place / "k.pem").read_bytes() == before
    assert (place / "k.pem.pub").exists()


def test_whom_to_trust_is_said_once(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sign", "fraud", "--key", "k.pem") == 0
    (place / "p.toml").write_text('[[key]]\npath = "k.pem.pub"\n')
    assert run("verify", "fraud", "--policy", "p.toml") == 0
    assert run("verify", "fraud", "--policy", "p.toml", "--key", "k.pem.pub") == 2
    assert run("verify", "fraud") == 2
    assert "who may sign" in capsys.readouterr().err
    assert run("verify", "fraud", "--policy", "none.toml") == 2


def test_the_project_says_whom_to_trust_and_its_ledger_remembers(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = (
        '[project]\nname = "p"\n[[supply.trust.key]]\npath = "k.pem.pub"\nmodels = ["fraud"]\n'
    )
    (place / "bartizan.toml").write_text(project)
    assert run("sign", "fraud", "--key", "k.pem", "--version", 1) == 0
    capsys.readouterr()
    assert run("verify", "fraud", "--json") == 0
    assert json.loads(capsys.readouterr().out)["versions_compared"]
    old = (place / "fraud" / "model.sig").read_bytes()
    assert run("sign", "fraud", "--key", "k.pem", "--version", 2, "--force") == 0
    (place / "fraud" / "model.sig").write_bytes(old)
    assert run("verify", "fraud") == 4
    assert "old model" in capsys.readouterr().err
    moved = (place / "fraud").rename(place / "other")
    assert run("verify", moved) == 4


def test_the_name_and_the_place_of_the_signature_can_be_said(place: Path) -> None:
    sign = ("sign", "fraud", "--key", "k.pem", "--name", "card-fraud", "--out", "there.sig")
    assert run(*sign) == 0
    check = ("verify", "fraud", "--key", "k.pem.pub", "--signature", "there.sig")
    assert run(*check, "--name", "card-fraud") == 0
    assert run(*check, "--name", "credit") == 4
    assert run("verify", "fraud", "--key", "k.pem.pub") == 4


def test_a_model_is_sealed_and_opened(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORDS", "some words")
    monkeypatch.setenv("OTHER", "other words")
    assert run("sign", "fraud", "--key", "k.pem") == 0
    assert run("seal", "fraud", "--passphrase", "env:WORDS") == 0
    (place / "fraud").rename(place / "before")
    assert run("open", "fraud.tar.age", "--passphrase", "env:OTHER") == 2
    assert run("open", "fraud.tar.age", "--passphrase", "env:WORDS", "--force") == 2
    assert run("open", "fraud.tar.age", "--passphrase", "env:WORDS", "--json") == 0
    assert run("verify", "fraud", "--key", "k.pem.pub") == 0
    assert run("open", "fraud.tar.age", "--passphrase", "env:WORDS") == 2
    model = "before/model.onnx"
    assert run("seal", model, "--passphrase", "env:WORDS") == 0
    assert run("open", f"{model}.age", "--passphrase", "env:WORDS", "--out", "m.onnx") == 0
    assert (place / "m.onnx").read_bytes() == (place / model).read_bytes()
    assert run("open", model, "--passphrase", "env:WORDS") == 2
    assert "say with --out" in capsys.readouterr().err
