"""`bartizan doctor`: is everything here that is needed?"""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import msgspec
import typer

import bartizan
from bartizan.cli import exit, screen  # noqa: A004

NAME = "doctor"
HELP = "Check this machine: versions, optional libraries, cores, and whether results can be kept."
EPILOG = "Example: bartizan doctor"

_EXTRAS = {"xgboost": ("xgboost-cpu", "xgboost"), "pandas": ("pandas",), "torch": ("torch",)}
"""What an optional library is good for, and the distributions that bring it."""
_NEEDED = ("numpy", "scipy", "scikit-learn", "polars", "onnxruntime", "skops", "sqlalchemy")


def command(
    *, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False
) -> int:
    """Print what is here and what is not."""
    needed = {name: _version(name) for name in _NEEDED}
    extras = {
        name: next((found for d in names if (found := _version(d))), None)
        for name, names in _EXTRAS.items()
    }
    facts = {
        "bartizan": bartizan.__version__,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "writable": os.access(Path.cwd(), os.W_OK),
        "needed": needed,
        "optional": extras,
    }
    missing = [name for name, found in needed.items() if found is None]
    if as_json:
        screen.out().print(msgspec.json.format(msgspec.json.encode(facts)).decode(), markup=False)
    else:
        _print(facts, needed, extras)
    return exit.USAGE if missing or not facts["writable"] else exit.PASS


def _print(
    facts: Mapping[str, object], needed: Mapping[str, str | None], extras: Mapping[str, str | None]
) -> None:
    console = screen.out()
    console.print(f"bartizan {facts['bartizan']}, Python {facts['python']}, {facts['cores']} cores")
    for name, found in needed.items():
        mark = "[green]✔[/]" if found else "[bold red]✘ missing, reinstall:[/]"
        console.print(f"{mark} {name} {found or ''}")
    for name, found in extras.items():
        mark = "[green]✔[/]" if found else "[dim]-[/]"
        console.print(f"{mark} {name} {found or '(optional, not installed)'}")
    if not facts["writable"]:
        console.print("[bold red]✘[/] this folder cannot be written: no workspace can be kept here")


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
