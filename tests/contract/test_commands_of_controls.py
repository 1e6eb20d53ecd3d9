"""Commands that the catalogue of controls offers are taken by the command line as they stand."""

import shlex
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
import typer.main

from bartizan.catalog import ASSESSED, chosen_entries
from bartizan.cli.main import app
from bartizan.frameworks.controls import controls

OFFERED = [(one.id, part) for one in controls().values() for part in one.command.split(" && ")]
TYPED = [(name, shlex.split(part, comments=True)) for name, part in OFFERED if part]


def parsed(words: list[str]) -> Mapping[str, object]:
    """What the command line takes the words for.

    Raises:
        ClickException: they are refused.
    """
    assert words[0] == "bartizan"
    rest = words[1:]
    command: Any = typer.main.get_command(app)
    context = command.make_context("bartizan", [], resilient_parsing=True)
    while hasattr(command, "get_command"):
        name = rest.pop(0)
        command = command.get_command(context, name)
        assert command is not None, name
    return command.make_context(words[-1], rest).params


@pytest.mark.parametrize(("name", "words"), TYPED, ids=[name for name, _ in TYPED])
def test_an_offered_command_parses(name: str, words: list[str]) -> None:
    assert controls()[name].seen_by_programs
    found = parsed(words)
    if words[1:3] == ["supply", "scan"]:
        assert found["workspace"], "what is scanned without a workspace is written nowhere"
    if words[1:3] in (["data", "check"], ["data", "register"]):
        beside = {"source", "time", "target", "against", "reference", "unique"}
        assert not any(found.get(key) for key in beside), "refused beside a project file"
        assert found["name"]


@pytest.mark.parametrize(("name", "words"), TYPED, ids=[name for name, _ in TYPED])
def test_an_offered_command_asks_what_shows_the_control(name: str, words: list[str]) -> None:
    """Entries that it names exist, and can be asked alone."""
    named = [after for word, after in pairwise(words) if word == "--entry"]
    if named:
        assert {one.id for one in chosen_entries(ASSESSED, named)}
        assert set(named) <= set(controls()[name].verified_by)


def test_what_is_looked_up_among_advisories_names_them() -> None:
    looked = [one for one in controls().values() if "artifact.dependencies" in one.verified_by]
    assert looked
    assert all("--advisories" in one.command for one in looked)


@pytest.mark.parametrize(
    "wrong", ["bartizan supply scan", "bartizan supply admit", "bartizan assess --entri x"]
)
def test_a_command_that_is_short_of_something_does_not_parse(wrong: str) -> None:
    with pytest.raises(Exception, match=r"Missing parameter|No such option"):
        parsed(shlex.split(wrong))
