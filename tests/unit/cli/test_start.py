"""Light verbs start without the libraries for tables, and are the same as in the whole command."""

import subprocess
import sys

import pytest
import typer.core
import typer.main

from bartizan.cli.main import app
from bartizan.cli.start import LIGHT

HEAVY = ("polars", "scipy", "sklearn", "sqlalchemy", "onnxruntime")
LOADED = f"""
import sys
from bartizan.cli.start import run
try:
    run()
except SystemExit as end:
    print(end.code, [name for name in {HEAVY!r} if name in sys.modules])
"""


def ran(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("verb", [(group, one) for group, verbs in LIGHT.items() for one in verbs])
def test_a_light_verb_loads_no_library_for_tables(verb: tuple[str, str]) -> None:
    shown = ran(*verb, "--help")
    assert "Exit codes" in shown
    assert shown.endswith("0 []\n")


def test_every_light_verb_is_a_verb_of_the_whole_command() -> None:
    whole = typer.main.get_command(app)
    assert isinstance(whole, typer.core.TyperGroup)
    for group, verbs in LIGHT.items():
        found = whole.commands[group]
        assert isinstance(found, typer.core.TyperGroup)
        assert set(verbs) <= set(found.commands)


def test_other_commands_are_passed_on() -> None:
    assert "bartizan 0" in ran("--version")
    assert ran("supply", "nonsense").startswith("2 ")
