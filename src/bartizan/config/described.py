"""A project file together with where the elements of its system stand in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bartizan.config.project import Config
from bartizan.config.read import config_of
from bartizan.config.source import Source


@dataclass(frozen=True, kw_only=True)
class Described:
    """A project file that was read, and its lines."""

    config: Config
    lines: Mapping[str, int]
    """Line of each `[[element]]`, by id, from 1."""


def read_described(path: Path) -> Described:
    """Read a project file, for reports that point into it.

    Raises:
        ConfigError: as for `read_config`.
    """
    source = Source.read(path)
    config = config_of(source)
    lines = {
        one.id: source.lines["element", position] for position, one in enumerate(config.element)
    }
    return Described(config=config, lines=lines)
