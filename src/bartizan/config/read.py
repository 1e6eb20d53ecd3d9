"""One TOML file to one frozen `Config`."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import inspect

from bartizan.config.agreement import agree
from bartizan.config.check import check
from bartizan.config.project import Config
from bartizan.config.source import Source

FILE_NAME = "bartizan.toml"


def read_config(path: Path) -> Config:
    """Read a project file.

    Args:
        path: The file.

    Returns:
        The checked project. Paths in it are as written: relative to the file's folder.

    Raises:
        ConfigError: names the file, the line, the key, what was expected and what was got.
    """
    source = Source.read(path)
    document = source.document()
    check(document, _kind(), path=(), source=source)
    try:
        config = msgspec.convert(document, Config)
    except msgspec.ValidationError as error:
        source.refuse((), f"the decoder refused the file: {error}", cause=error)
    agree(config, source=source)
    return config


def find_config(start: Path) -> Path | None:
    """Look for the project file in a folder and in those above it.

    Args:
        start: A folder, or a file in it.

    Returns:
        The nearest project file, or none.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        candidate = folder / FILE_NAME
        try:
            if candidate.is_file():
                return candidate
        except OSError:  # a folder that we may not look into holds no project of ours
            continue
    return None


@cache
def _kind() -> inspect.Type:
    return inspect.type_info(Config)
