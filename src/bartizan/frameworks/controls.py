"""Our own catalogue of controls: what must be so, who sees to it, and what shows it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from bartizan.core.control import Control
from bartizan.core.errors import ConfigError
from bartizan.core.record import UserInput


class ControlFile(UserInput, frozen=True, kw_only=True):
    """The catalogue as it is written."""

    schema: Literal["controls/1"]
    version: str
    control: tuple[Control, ...]


@cache
def controls() -> Mapping[str, Control]:
    """The catalogue that ships with Bartizan, by id, in the order in which it is written."""
    text = files(__package__).joinpath("controls.toml").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(text), ControlFile).control
    by_id = {one.id: one for one in found}
    if len(by_id) != len(found):
        message = "controls.toml: two controls have one id"
        raise ConfigError(message)
    return by_id
