"""Reports on clauses on disk."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from bartizan.core.compliance import ComplianceReport
from bartizan.core.errors import ConfigError
from bartizan.report.save import put_all

COMPLY_FORMATS: dict[str, str] = {
    "html": "compliance.html",
    "markdown": "compliance.md",
    "json": "compliance.json",
}
"""Format -> file name. Each format is the module of the same name in this room."""


def render_compliance(report: ComplianceReport, *, fmt: str) -> bytes:
    """Turn a report into the bytes of one file. Equal reports give equal bytes.

    Raises:
        ConfigError: no such format.
    """
    if fmt not in COMPLY_FORMATS:
        message = f"no format {fmt!r} of this report; choose from {', '.join(COMPLY_FORMATS)}"
        raise ConfigError(message)
    return bytes(import_module(f"bartizan.report.comply.{fmt}").render(report))


def save_compliance(report: ComplianceReport, out: Path, *, formats: Iterable[str]) -> list[Path]:
    """Write a report in some formats; each file appears whole or not at all.

    Returns:
        The files, in the order of `formats`.

    Raises:
        OutputError: a file cannot be written; those written before it stay.
        ConfigError: no such format.
    """
    return put_all(
        ((render_compliance(report, fmt=fmt), COMPLY_FORMATS[fmt]) for fmt in formats), out
    )
