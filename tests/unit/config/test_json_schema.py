import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bartizan.config import config_json_schema

COMMITTED = Path(__file__).parents[3] / "docs" / "schema" / "project-1.json"


@pytest.fixture
def validator() -> Any:
    schema = json.loads(config_json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def plain(text: str) -> Any:
    """A TOML document as an editor hands it to a JSON Schema: dates are text."""
    return json.loads(json.dumps(tomllib.loads(text), default=date.isoformat))


def test_the_committed_schema_is_current() -> None:
    regenerate = (
        "run: python -c 'import sys; from bartizan.config import config_json_schema as s; "
        "sys.stdout.buffer.write(s())' > docs/schema/project-1.json"
    )
    assert COMMITTED.read_bytes() == config_json_schema(), regenerate


def test_a_sound_file_is_valid(validator: Any, sound: str) -> None:
    validator.validate(plain(sound))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("eps = 0.1", "epss = 0.1"),
        ("eps = 0.1", "eps = 0"),
        ('role = "test"', 'role = "tests"'),
        ('name = "demo"', ""),
        ("evasion.feature@", "evasion.*@"),
    ],
)
def test_a_mistake_is_invalid(validator: Any, sound: str, old: str, new: str) -> None:
    assert not validator.is_valid(plain(sound.replace(old, new)))
