"""Colours of a drawing that stands alone: those of the page."""

import re
from importlib.resources import files
from typing import Final

_USED: Final = (
    "paper",
    "sheet",
    "ink",
    "muted",
    "line",
    "accent",
    "fail",
    "fail-tint",
    "inconclusive",
    "inconclusive-tint",
    "not-run",
    "not-run-tint",
    "pass-tint",
    "sans",
)
_ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
_VARIABLE = re.compile(r"--([\w-]+): ([^;]+);")


def style() -> str:
    """Rules for a file of its own: light, dark where the reader wants it, light on paper."""
    sheet = _template("report.css")
    light, dark = (dict(_VARIABLE.findall(block)) for block in _ROOT.findall(sheet)[:2])
    day = ";".join(f"--{name}:{light[name]}" for name in _USED)
    night = ";".join(f"--{name}:{dark[name]}" for name in _USED if name in dark)
    return (
        f":root{{{day}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{night}}}}}\n"
        f"@media print{{:root{{{day}}}}}\n"
        ":root{background:var(--paper)}\n"
        f"{rules()}"
    )


def rules() -> str:
    """How the parts of a drawing look, in a page too."""
    return _template("landscape.css")


def _template(name: str) -> str:
    return files("bartizan.report").joinpath("templates", name).read_text("utf-8")
