"""The template of a system is a description already; what it leaves open is asked for."""

import re
from pathlib import Path

import pytest

from bartizan.config import read_config
from bartizan.config.write_system import system_template
from bartizan.workspace import Workspace

_BARE = '[project]\nname = "toy"\n'
_FULL = f"""{_BARE}
[[model]]
name = "fraud \\"quoted\\""
path = "fraud.onnx"
[[data]]
name = "history"
role = "train"
path = "history.csv"
target = "y"
[schema.history.age]
type = "number"
personal = true
"""


_DRAWN = {
    "theft.questions",  # whoever may ask may copy
    "artifact.dependency",  # packages come from outside
    "artifact.swap",  # what is served comes from a registry
}
"""What follows from the flows alone."""


@pytest.mark.parametrize(
    ("said", "more"),
    [(_BARE, set()), (_FULL, {"privacy.membership"})],
    ids=["nothing known", "model and personal data known"],
)
def test_the_template_is_read_back_and_asks_for_what_nobody_wrote(
    said: str, more: set[str], tmp_path: Path
) -> None:
    place = tmp_path / "bartizan.toml"
    place.write_text(said)
    place.write_text(said + system_template(read_config(place)))
    config = read_config(place)
    with Workspace() as ws:
        model = ws.threat.model(config).model
    assert {one.rule for one in model.threats} == _DRAWN | more
    assert len(model.questions) >= 20


def test_what_is_known_is_filled_in(tmp_path: Path) -> None:
    place = tmp_path / "bartizan.toml"
    place.write_text(_FULL)
    place.write_text(_FULL + system_template(read_config(place)))
    config = read_config(place)
    assert [one.model for one in config.element if one.kind == "model"] == ['fraud "quoted"']
    assert [(one.data, one.personal) for one in config.asset] == [("history", True)]
    assert "store-1->training" in [one.id for one in config.flow]


def test_questions_about_the_template_are_sentences(tmp_path: Path) -> None:
    place = tmp_path / "bartizan.toml"
    place.write_text(_BARE)
    place.write_text(_BARE + system_template(read_config(place)))
    with Workspace() as ws:
        asked = {one.text for one in ws.threat.model(read_config(place)).model.questions}
    assert "What limits how often Scoring API can be asked?" in asked
    assert "Does a wrong decision pay for Caller?" in asked
    for text in asked:  # a name inside a sentence, which no question word begins
        assert not re.search(r" (Who|What|Where|The|Sources) ", text), text


@pytest.mark.parametrize("said", [_BARE, _FULL], ids=["nothing known", "model and data known"])
def test_every_line_that_is_switched_off_can_be_switched_on(said: str, tmp_path: Path) -> None:
    place = tmp_path / "bartizan.toml"
    place.write_text(said)
    template = system_template(read_config(place))
    lines = [
        line[1:] if line.startswith("#") and not line.startswith("# ") else line
        for line in template.split("# What is done already")[0].splitlines()
    ]
    place.write_text(said + "\n".join(lines))
    with Workspace() as ws:
        assert ws.threat.model(read_config(place)).model.questions == ()
