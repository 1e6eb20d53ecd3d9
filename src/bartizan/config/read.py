"""One TOML file to one frozen `Config`."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import inspect

from bartizan.config.agreement import agree
from bartizan.config.check import check
from bartizan.config.project import Config
from bartizan.config.source import Source


def read_config(path: Path) -> Config:
    """Read a project file.

    Args:
        path: The file.

    Returns:
        The checked project. Paths in it are as written: relative to the file's folder.

    Raises:
        ConfigError: names the file, the line, the key, what was expected and what was got.
    """
    return config_of(Source.read(path))


def config_of(source: Source) -> Config:
    """The checked project of a file that was read.

    Raises:
        ConfigError: as for `read_config`.
    """
    document = source.document()
    check(document, _kind(), path=(), source=source)
    try:
        config = msgspec.convert(document, Config)
    except msgspec.ValidationError as error:
        source.refuse((), f"the decoder refused the file: {error}", cause=error)
    agree(config, source=source)
    return config


@cache
def _kind() -> inspect.Type:
    return inspect.type_info(Config)
