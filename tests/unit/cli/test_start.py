"""Light verbs start without the libraries for tables, and are the same as in the whole command."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import typer.core
import typer.main

from bartizan.cli import start, supply_scan
from bartizan.cli.light import LIGHT
from bartizan.cli.main import app
from bartizan.config import read_described
from bartizan.examples.described import described_system
from bartizan.supply.advisories.snapshot import MAX_AGE_DAYS
from bartizan.workspace import Workspace

TABLES = ("numpy", "polars", "scipy", "sklearn", "onnxruntime", "matplotlib", "sqlalchemy")
STAGES = ("bartizan.catalog", "bartizan.config.read", "bartizan.workspace.workspace")
"""Our own modules that load libraries for tables, or every stage."""
FOR_HELP = (*TABLES, *STAGES, "cryptography", "jinja2", "msgspec", "packaging", "pyrage")
"""What no help needs."""
LOADED = """
import sys
from bartizan.cli.start import run
heavy = sys.argv.pop(1).split()
try:
    run()
except SystemExit as end:
    print(end.code, [name for name in heavy if name in sys.modules])
"""


def ran(*arguments: str, heavy: tuple[str, ...] = TABLES, folder: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, " ".join(heavy), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=folder,
    )
    return done.stdout


def _for_help(group: str) -> tuple[str, ...]:
    """The flags of `threat` are taken from records, so that their library is needed."""
    return tuple(one for one in FOR_HELP if (group, one) != ("threat", "msgspec"))


@pytest.mark.parametrize(
    "verb", [(group, one) for group, light in LIGHT.items() for one in light.verbs]
)
def test_a_light_verb_shows_its_help_without_any_library_but_that_of_the_terminal(
    verb: tuple[str, str],
) -> None:
    shown = ran(*verb, "--help", heavy=_for_help(verb[0]))
    assert "Exit codes" in shown
    assert shown.endswith("0 []\n")


@pytest.mark.parametrize("group", LIGHT)
def test_a_light_group_lists_its_verbs_without_loading_what_they_need(group: str) -> None:
    shown = ran(group, "--help", heavy=_for_help(group))
    assert all(verb in shown for verb in LIGHT[group].verbs)
    assert shown.endswith("0 []\n")


def test_a_scan_without_a_workspace_loads_no_table_no_database_and_no_other_stage(
    tmp_path: Path,
) -> None:
    (tmp_path / "small.pkl").write_bytes(pickle.dumps([1.0]))
    heavy = (*TABLES, *STAGES, "cryptography")
    shown = ran("supply", "scan", "small.pkl", "--quiet", heavy=heavy, folder=tmp_path)
    assert "1 file read to the last byte" in shown
    assert shown.endswith("0 []\n")
    assert (tmp_path / "out" / "report.html").exists()


def test_a_scan_with_a_workspace_loads_the_database_and_nothing_for_tables(tmp_path: Path) -> None:
    (tmp_path / "small.pkl").write_bytes(pickle.dumps([1.0]))
    line = ("supply", "scan", "small.pkl", "--quiet", "--workspace", ".bartizan")
    light = ("numpy", "polars", "scipy", "sklearn", "onnxruntime", "matplotlib", *STAGES)
    assert ran(*line, heavy=("sqlalchemy",), folder=tmp_path).endswith("0 ['sqlalchemy']\n")
    heavier = set(light) - {"numpy", "bartizan.config.read"}
    shown = ran(*line, heavy=tuple(sorted(heavier)), folder=tmp_path)
    assert shown.endswith("0 []\n")


def test_threats_load_no_table_no_database_and_no_other_stage(tmp_path: Path) -> None:
    heavy = ("polars", "scipy", "sklearn", "onnxruntime", "matplotlib", "sqlalchemy", "jinja2")
    light = (*heavy, "bartizan.catalog", "bartizan.workspace.workspace", "bartizan.adapt")
    line = ("threat", "--example", "card-fraud", "--format", "json", "--out", ".")
    assert ran(*line, heavy=light, folder=tmp_path).endswith("0 []\n")
    same = ("threat", "diff", "threats.json", "threats.json")
    shown = ran(*same, heavy=_for_help("threat"), folder=tmp_path)
    assert shown == "nothing changed\n0 []\n"


def test_the_light_command_gives_the_bytes_of_a_workspace(tmp_path: Path) -> None:
    line = ("threat", "--example", "card-fraud", "--format", "json", "--out", ".")
    ran(*line, folder=tmp_path)
    described = read_described(described_system("card-fraud"))
    with Workspace() as ws:
        whole = ws.threat.model(described.config, lines=described.lines).rendered("json")
    assert (tmp_path / "threats.json").read_bytes() == whole


def test_the_default_age_of_a_snapshot_is_what_the_snapshot_says() -> None:
    assert (supply_scan.command.__kwdefaults__ or {})["max_snapshot_age"] == MAX_AGE_DAYS


def test_every_light_verb_is_a_verb_of_the_whole_command_and_the_group_has_no_other() -> None:
    whole = typer.main.get_command(app)
    assert isinstance(whole, typer.core.TyperGroup)
    for group, light in LIGHT.items():
        found = whole.commands[group]
        assert isinstance(found, typer.core.TyperGroup)
        assert set(light.verbs) == set(found.commands)
        assert found.help == light.about


def test_other_commands_are_passed_on() -> None:
    assert "bartizan 0" in ran("--version")
    assert ran("supply", "nonsense").startswith("2 ")
    assert ran("nonsense").startswith("2 ")


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bartizan", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("bartizan 0")


def test_the_version_is_told_at_once() -> None:
    shown = ran("--version", heavy=FOR_HELP)
    assert shown.startswith("bartizan ")


def test_whoever_stops_it_while_it_starts_gets_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "_run", stopped)
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert (ended.value.code, capsys.readouterr().err) == (130, "stopped\n")
