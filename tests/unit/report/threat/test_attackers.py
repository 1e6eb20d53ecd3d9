"""Proposed attackers can be read back as a project file."""

from pathlib import Path

from bartizan.config import read_config
from bartizan.workspace import Workspace

_CARDS = Path("src/bartizan/examples/systems/card-fraud.toml").read_text()
_MODEL = '[[model]]\nname = "fraud"\npath = "fraud.onnx"\n'
_SECOND = """
[[model]]
name = "claims"
path = "claims.onnx"
[[element]]
id = "claims-model"
kind = "model"
zone = "production"
model = "claims"
[[flow]]
source = "scoring-api"
target = "claims-model"
"""


def test_what_is_proposed_is_a_valid_part_of_a_project_file(tmp_path: Path) -> None:
    place = tmp_path / "bartizan.toml"
    place.write_text(_MODEL + _CARDS.replace('kind = "model"', 'kind = "model"\nmodel = "fraud"'))
    with Workspace() as ws:
        proposed = ws.threat.model(read_config(place)).rendered("attackers").decode()
    assert "for evasion.decision@fraud-model" in proposed
    place.write_text(place.read_text() + proposed)
    assert [one.access for one in read_config(place).attackers()] == ["labels", "scores"]


def test_what_is_proposed_of_several_models_is_valid_too(tmp_path: Path) -> None:
    place = tmp_path / "bartizan.toml"
    cards = _CARDS.replace('kind = "model"', 'kind = "model"\nmodel = "fraud"')
    place.write_text(_MODEL + cards + _SECOND)
    with Workspace() as ws:
        proposed = ws.threat.model(read_config(place)).rendered("attackers").decode()
    assert "# against claims, fraud" in proposed
    place.write_text(place.read_text() + proposed)
    assert [one.access for one in read_config(place).attackers()] == ["labels", "scores"]


def test_an_example_without_models_says_why_nobody_is_proposed(tmp_path: Path) -> None:
    place = tmp_path / "bartizan.toml"
    place.write_text(_CARDS)
    with Workspace() as ws:
        proposed = ws.threat.model(read_config(place)).rendered("attackers").decode()
    assert "no element says which [[model]] it is" in proposed
