"""Importing does nothing: no heavy library, no output, no file, no circle."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract.sources import NAMES, PACKAGE

HEAVY = (
    "art",
    "foolbox",
    "jinja2",
    "lightgbm",
    "matplotlib",
    "msgspec",
    "numpy",
    "onnx",
    "onnxruntime",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "scipy",
    "sklearn",
    "skops",
    "sqlalchemy",
    "tomlkit",
    "torch",
    "typer",
    "xgboost",
)

LOADED = f"""
import sys
import bartizan
print([name for name in {HEAVY!r} if name in sys.modules])
"""

STARTED = """
import sys
import bartizan.cli.main
slow = ("jinja2", "matplotlib", "onnxruntime", "pandas", "scipy.optimize", "scipy.spatial")
slow += ("scipy.stats", "sklearn", "skops", "torch")
print([name for name in slow if name in sys.modules])
"""

# Third-party modules stay loaded after their first import; Bartizan's own are forgotten before
# each, so that every module has to stand on its own. On the second round they are forgotten once:
# each runs once more, only Bartizan's own code runs, and whatever it opens for writing or logs is
# its own doing. The first round keeps what it compiled, or it would compile most modules a
# hundred times; the second must not, as that is writing too.
ALONE = """
import importlib, logging, os, sys

names = sys.argv[1:]
watching = False
written = []

def watch(event, args):
    if not watching or event != "open":
        return
    path, mode, flags = args
    if (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        written.append(f"{path} ({mode})")

def forget():
    for loaded in [m for m in sys.modules if m.split(".")[0] == "bartizan"]:
        del sys.modules[loaded]

sys.addaudithook(watch)
for watching in (False, True):
    sys.dont_write_bytecode = watching
    forget()
    for name in names:
        if not watching:
            forget()
        try:
            importlib.import_module(name)
        except Exception as error:
            sys.exit(f"{name} cannot be imported alone: {type(error).__name__}: {error}")
        if written:
            sys.exit(f"importing {name} writes {written}")
        if logging.getLogger().handlers:
            sys.exit(f"importing {name} sets up logging")
"""


def python(code: str, *args: str, at: Path) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=at,
        env=settings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_bare_import_loads_no_library(tmp_path: Path) -> None:
    done = python(LOADED, at=tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_command_line_starts_without_what_few_commands_need(tmp_path: Path) -> None:
    done = python(STARTED, at=tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_every_module_imports_alone_and_without_a_trace(tmp_path: Path) -> None:
    done = python(ALONE, *NAMES, at=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("open('trace', 'w').close()", "writes"),
        ("import logging; logging.basicConfig()", "sets up logging"),
        ("import no_such_module", "cannot be imported alone"),
    ],
)
def test_the_probe_sees_a_bad_module(tmp_path: Path, code: str, complaint: str) -> None:
    (tmp_path / "guilty.py").write_text(code, encoding="utf-8")
    probe = ALONE.replace('== "bartizan"', '== "guilty"')
    done = python(f"import sys; sys.path.insert(0, '.')\n{probe}", "guilty", at=tmp_path)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_no_public_name_of_a_room_is_that_of_a_module_in_it() -> None:
    """A name that is fetched when it is used would be hidden by the module, once that is loaded."""
    from bartizan import workspace  # noqa: PLC0415 (the room itself is what is looked at)

    modules = {path.stem for path in (PACKAGE / "workspace").glob("*.py")}
    assert modules.isdisjoint(workspace.__all__)
    for name in workspace.__all__:
        assert getattr(workspace, name).__name__ == name
