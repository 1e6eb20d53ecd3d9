from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from bartizan.config import Config, read_config
from bartizan.core.errors import ConfigError

# The same examples in every run, and no clock: machines differ in speed.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

SOUND = """\
[project]
name = "demo"

[[model]]
name = "fraud"
path = "fraud.onnx"
classes = ["ok", "fraud"]

[[data]]
name = "test"
role = "test"
path = "test.csv"
target = "is_fraud"

[schema.test.amount]
type = "number"
min = 0.0
max = 100.0

[schema.test.kind]
type = "categorical"
categories = ["a", "b"]

[schema.test.id]
type = "integer"
identifier = true

[[attacker]]
name = "thief"
norm = "Linf"
eps = 0.1

[attacker.feature.amount]
direction = "up"

[policy]
fail_on = "high"

[[waiver]]
finding = "evasion.feature@fraud#thief"
owner = "Ada"
reason = "rebuilt in spring"
expires = 2027-01-31
"""
"""Line 1 is [project]; the tests name lines of this text."""


@pytest.fixture
def sound() -> str:
    return SOUND


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Config]:
    def read_text(text: str) -> Config:
        file = tmp_path / "bartizan.toml"
        file.write_text(text, encoding="utf-8")
        return read_config(file)

    return read_text


@pytest.fixture
def refusal(tmp_path: Path, read: Callable[[str], Config]) -> Callable[[str], str]:
    """The message for a text, with the file's folder left out."""

    def message(text: str) -> str:
        with pytest.raises(ConfigError) as caught:
            read(text)
        return str(caught.value).removeprefix(f"{tmp_path}/")

    return message


@pytest.fixture
def refusal_of_change(refusal: Callable[[str], str]) -> Callable[[str, str], str]:
    """The message for the sound text with one piece of it replaced."""

    def message(old: str, new: str) -> str:
        assert SOUND.count(old) == 1, old
        return refusal(SOUND.replace(old, new))

    return message
