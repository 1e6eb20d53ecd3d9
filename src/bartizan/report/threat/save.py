"""Threat models on disk."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from bartizan.core.errors import ConfigError, OutputError
from bartizan.report.save import put_all
from bartizan.report.threat.sheet import Sheet

THREAT_FORMATS: dict[str, str] = {
    "html": "threats.html",
    "markdown": "threats.md",
    "json": "threats.json",
    "csv": "risks.csv",
    "sarif": "threats.sarif",
    "otm": "threats.otm.json",
    "svg": "landscape.svg",
    "mermaid": "landscape.mmd",
    "attackers": "attackers.toml",
}
"""Format -> file name. Each format is the module of the same name in this room."""


def render_threats(sheet: Sheet, *, fmt: str) -> bytes:
    """Turn a threat model into the bytes of one file.

    Raises:
        ConfigError: no such format.
        OutputError: the model holds text that no file can hold.
    """
    if fmt not in THREAT_FORMATS:
        message = f"no format {fmt!r} of a threat model; choose from {', '.join(THREAT_FORMATS)}"
        raise ConfigError(message)
    module = import_module(f"bartizan.report.threat.{fmt}")
    try:
        return bytes(module.render(sheet))
    except UnicodeEncodeError as error:
        message = (
            f"the description holds text that is not valid Unicode ({error.reason}); write it anew "
            "as UTF-8"
        )
        raise OutputError(message) from error


def save_threats(sheet: Sheet, out: Path, *, formats: Iterable[str]) -> list[Path]:
    """Write a threat model in some formats; each file appears whole or not at all.

    Returns:
        The files, in the order of `formats`.

    Raises:
        OutputError: a file cannot be written; those written before it stay.
        ConfigError: no such format.
    """
    return put_all(((render_threats(sheet, fmt=fmt), THREAT_FORMATS[fmt]) for fmt in formats), out)
