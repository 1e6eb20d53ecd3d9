from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.config import Config, read_config
from bartizan.core.errors import ConfigError

from .conftest import SOUND

PIECES = SOUND.replace(".", " . ").split(" ") + SOUND.splitlines(keepends=True)
VALUES = [
    "1",
    "-1",
    "0.5",
    "nan",
    "true",
    '""',
    '"x"',
    "[]",
    "{}",
    "[[1]]",
    "1979-05-27",
    "'''x'''",
]


def test_a_sound_file_is_read(read: Callable[[str], Config], sound: str) -> None:
    config = read(sound)
    assert config.project.name == "demo"
    assert config.model[0].classes == ("ok", "fraud")


def test_paths_stay_as_they_are_written(read: Callable[[str], Config], sound: str) -> None:
    assert read(sound.replace("fraud.onnx", "../a b/m.onnx")).model[0].path == "../a b/m.onnx"


def attempt(text: str, folder: Path) -> None:
    """Read; a refusal has to be ours and name the file."""
    file = folder / "bartizan.toml"
    file.write_text(text, encoding="utf-8")
    try:
        config = read_config(file)
        config.attackers()
        for name in config.schema:
            config.schema_for(name)
    except ConfigError as error:
        assert str(error).startswith(str(file))  # noqa: PT017 either end is fine


@given(
    at=st.integers(0, len(SOUND)),
    length=st.integers(0, 30),
    new=st.text(max_size=6) | st.sampled_from(PIECES),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_harmless_or_told(at: int, length: int, new: str, tmp_path: Path) -> None:
    damaged = SOUND[:at] + new + SOUND[at + length :]
    attempt(damaged.encode("utf-8", "replace").decode(), tmp_path)


ASSIGNMENTS = [line for line in SOUND.splitlines() if " = " in line]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("line", sorted(set(ASSIGNMENTS)))
def test_any_value_for_any_key_is_harmless_or_told(line: str, value: str, tmp_path: Path) -> None:
    attempt(SOUND.replace(line, f"{line.partition(' = ')[0]} = {value}"), tmp_path)
