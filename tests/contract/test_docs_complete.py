"""Whatever a user can type or meet is explained in the documentation."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.core
import typer.main

from bartizan.adapt.onnx.program import known_operators
from bartizan.catalog import ENTRIES
from bartizan.cli import exit as exits
from bartizan.cli.main import app
from bartizan.config import read_config
from bartizan.core import errors
from bartizan.supply.bom.elements import ELEMENTS, Element
from contract.sources import ROOT

_SCHEMA = json.loads((ROOT / "docs" / "schema" / "project-1.json").read_text(encoding="utf-8"))
_TOML = re.compile(r"^```toml[ ]*\n(?P<code>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    """The text of one page."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def sections() -> Iterator[tuple[str, str]]:
    """Every key of the project file, with the record it stands in."""
    for record, facts in _SCHEMA["$defs"].items():
        for key in facts.get("properties", {}):
            yield record, key


def commands() -> dict[str, Any]:
    """Every verb of the command line; those of a group with its name before theirs."""
    found = typer.main.get_command(app)
    assert isinstance(found, typer.core.TyperGroup)
    verbs: dict[str, Any] = {}
    for name, command in found.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            verbs |= {f"{name} {verb}": one for verb, one in command.commands.items()}
        else:
            verbs[name] = command
    return verbs


def guide(verb: str) -> str:
    """The page that explains the flags of a verb."""
    if verb == "data clean":
        return "data-clean.md"
    if verb in {f"comply {one}" for one in ("pack", "verify", "documents")}:
        return "evidence-pack.md"
    if verb in ("supply bom", "supply provenance"):
        return "bom.md"
    if verb in ("supply scan", "supply admit"):
        return "scanning.md" if verb.endswith("scan") else "admission.md"
    if verb in {f"supply {one}" for one in ("key", "sign", "verify", "seal", "open")}:
        return "signing.md"
    group = verb.split(maxsplit=1)[0]
    pages = {
        "assess": "assess.md",
        "init": "assess.md",
        "threat": "threat.md",
        "comply": "comply.md",
        "data": "data.md",
        "ledger": "ledger.md",
    }
    return pages.get(group, "commands.md")


def test_every_operator_of_onnx_that_is_followed_is_listed() -> None:
    section = page("images.md").split("### An ONNX network", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(listed) == list(known_operators())


def flags() -> list[tuple[str, str]]:
    """Every verb with each of its long flags."""
    return [
        (verb, flag)
        for verb, command in commands().items()
        for parameter in command.params
        for flag in (*parameter.opts, *parameter.secondary_opts)
        if flag.startswith("--") and flag != "--help"
    ]


def keys_of(record: str) -> str:
    """The part of the project-file page that explains one record: its heading names it."""
    text = page("project-file.md")
    marker = f"<!-- record: {record} -->"
    assert marker in text, f"docs/project-file.md has no section marked {marker}"
    return text.split(marker, 1)[1].split("<!-- record:", 1)[0]


@pytest.mark.parametrize(("record", "key"), list(sections()))
def test_every_key_of_the_project_file_is_explained_in_its_section(record: str, key: str) -> None:
    assert re.search(rf"`\[*{key}\b", keys_of(record))


@pytest.mark.parametrize(("verb", "flag"), flags())
def test_every_flag_is_explained(verb: str, flag: str) -> None:
    name = guide(verb)
    assert re.search(rf"`[^`\n]*{flag}\b", page(name)), f"{verb} {flag} is not in docs/{name}"


@pytest.mark.parametrize("verb", commands())
def test_every_command_is_explained(verb: str) -> None:
    assert f"`bartizan {verb}" in page("commands.md")


@pytest.mark.parametrize(
    "code", [value for name, value in vars(exits).items() if name.isupper() and type(value) is int]
)
def test_every_exit_code_is_explained(code: int) -> None:
    assert re.search(rf"^\| *{code} *\|", page("assess.md"), re.MULTILINE)


@pytest.mark.parametrize("entry", [entry.id for entry in ENTRIES])
def test_every_entry_is_explained(entry: str) -> None:
    about_data = ("data-checks.md", "data-drift.md", "data-content.md")
    pages: tuple[str, ...] = about_data if entry.startswith("data.") else ("attacks.md",)
    if entry.startswith("poison."):
        pages = tuple(path.name for path in (ROOT / "docs").glob("poison*.md"))
    assert any(f"`{entry}`" in page(name) for name in pages)


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda one: f"{one.cluster}-{one.name}")
def test_every_element_of_a_complete_bill_of_materials_is_listed(element: Element) -> None:
    assert f"| {element.name} | " in page("bom.md")


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.Error)
    ],
)
def test_every_error_is_explained(name: str) -> None:
    assert f"`{name}`" in page("python.md")


def projects() -> Iterator[Any]:
    """Every whole project file that a page shows."""
    for path in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]):
        for match in _TOML.finditer(path.read_text(encoding="utf-8")):
            if "[project]" in match["code"]:
                yield pytest.param(match["code"], id=path.name)


@pytest.mark.parametrize("code", list(projects()))
def test_every_project_file_that_is_shown_can_be_read(code: str, tmp_path: Path) -> None:
    path = tmp_path / "bartizan.toml"
    path.write_text(code, encoding="utf-8")
    config = read_config(path)
    config.attackers()


def test_there_is_something_to_check() -> None:
    assert len(flags()) > 30
    assert len(list(sections())) > 40
    assert len(list(projects())) >= 2
