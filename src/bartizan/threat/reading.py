"""The rules that ship with Bartizan: TOML, one file a family."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from bartizan.core.errors import ConfigError, Error
from bartizan.core.record import UserInput, digest, encode
from bartizan.threat.rule import Rule


class RuleFile(UserInput, frozen=True, kw_only=True):
    """One file of rules."""

    schema: Literal["threat-rules/1"]
    rule: tuple[Rule, ...]


@cache
def packaged() -> tuple[Rule, ...]:
    """All rules, by id.

    Cost:
        About 30 ms, once.
    """
    folder = files(__package__).joinpath("rules")
    places = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=str)
    return joined(read_rules(one.read_text(encoding="utf-8"), file=one.name) for one in places)


def read_rules(text: str, *, file: str) -> tuple[Rule, ...]:
    """The rules of one file.

    Args:
        text: TOML.
        file: Its name, for messages.

    Raises:
        ConfigError: names the file and the place in it.
    """
    try:
        return msgspec.convert(tomllib.loads(text), RuleFile).rule
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, Error) as error:
        message = f"{file}: no file of threat rules: {error}"
        raise ConfigError(message) from error


def joined(some: Iterable[Sequence[Rule]]) -> tuple[Rule, ...]:
    """Rules of several files in one order.

    Raises:
        ConfigError: two have one id.
    """
    rules = sorted((rule for file in some for rule in file), key=lambda rule: rule.id)
    twice = [name for name, count in Counter(rule.id for rule in rules).items() if count > 1]
    if twice:
        message = f"two rules have the id {twice[0]}; an id is never reused"
        raise ConfigError(message)
    return tuple(rules)


def rules_digest(rules: Sequence[Rule]) -> str:
    """Digest of rules, for the record of what was applied."""
    return digest(encode(rules))
