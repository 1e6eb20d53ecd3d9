"""From the name of a format to its bytes."""

from importlib import import_module

from bartizan.core.errors import ConfigError, OutputError
from bartizan.core.report import Report

FORMATS: dict[str, str] = {
    "html": "report.html",
    "json": "report.json",
    "sarif": "report.sarif",
    "junit": "junit.xml",
    "markdown": "report.md",
}
"""Format -> file name. Each format is the module of the same name in this room."""


def render(report: Report, *, fmt: str) -> bytes:
    """Turn a report into the bytes of one file.

    A format's module is imported when it is asked for, so that a run that writes JSON only
    never loads the chart library.

    Args:
        report: What was found.
        fmt: One of `FORMATS`.

    Returns:
        UTF-8; equal reports give equal bytes with the same versions of the libraries.

    Raises:
        ConfigError: no such format.
        OutputError: the report holds text that no file can hold.
    """
    if fmt not in FORMATS:
        message = f"no report format {fmt!r}; choose from {', '.join(FORMATS)}"
        raise ConfigError(message)
    module = import_module(f"bartizan.report.{fmt}")
    try:
        return bytes(module.render(report))
    except UnicodeEncodeError as error:
        message = (
            f"the {fmt} report holds text that is not valid Unicode ({error.reason}); read the "
            "data with the encoding it was written in"
        )
        raise OutputError(message) from error
