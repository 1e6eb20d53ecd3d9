"""The maintainer's script that takes over the facts of a downloaded ATLAS file."""

import importlib.util
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from bartizan.core.errors import InputError
from bartizan.frameworks.framework import Framework
from bartizan.frameworks.reading import frameworks, read
from contract.sources import ROOT

pytest.importorskip("yaml", reason="needs PyYAML, which the extra `docs` brings")

SCRIPT = ROOT / "scripts" / "update_atlas.py"
DAY = date(2026, 6, 30)
OLD = """\
schema = "framework/1"
id = "mitre-atlas"
title = "MITRE ATLAS"
version = "5.6.0"
as_of = 2026-04-30
source = "https://example.invalid/atlas"
licence = "Apache-2.0"
note = "Kept."

[[clause]]
id = "AML.TA0006"
title = "Persistence"
kind = "tactic"
about = "Ours."

[[clause]]
id = "AML.T0020"
title = "Poison It"
kind = "technique"
about = "Also ours."
maturity = "demonstrated"
tactics = ["AML.TA0006"]
generative = true

[[clause]]
id = "AML.T0099"
title = "Gone"
kind = "technique"
tactics = ["AML.TA0006"]
"""
LEGACY = """\
id: ATLAS
version: '2026.06'
matrices:
- id: ATLAS
  tactics:
  - {id: AML.TA0006, name: Persistence, created_date: 2022-01-24}
  - {id: AML.TA0003, name: Resource Development}
  techniques:
  - id: AML.T0051
    name: LLM Prompt Injection
    maturity: realized
    tactics: [AML.TA0006]
    platforms: [Generative AI, Agentic AI]
  - id: AML.T0020
    name: Poison Training Data
    maturity: realized
    tactics: [AML.TA0006, AML.TA0003]
    platforms: [Predictive AI]
  - {id: AML.T0020.000, name: Slowly, maturity: feasible, subtechnique-of: AML.T0020}
  mitigations:
  - id: AML.M0007
    name: Sanitize Training Data
    techniques: [{id: AML.T0020.000, use: x}, {id: AML.T0020, use: 'say "no"'}]
case-studies: []
"""
FORM_6 = """\
format-version: 6.0.0
collection: {id: ATLAS-collection, version: '2026.06'}
tactics:
  AML.TA0003: {id: AML.TA0003, name: Resource Development}
  AML.TA0006: {id: AML.TA0006, name: Persistence}
techniques:
  AML.T0020:
    {id: AML.T0020, name: Poison Training Data, maturity: Realized, platforms: [Predictive AI]}
  AML.T0020.000: {id: AML.T0020.000, name: Slowly, maturity: Feasible, platforms: [Enterprise]}
  AML.T0051:
    {id: AML.T0051, name: LLM Prompt Injection, maturity: Realized, platforms: [Agentic AI]}
mitigations:
  AML.M0007: {id: AML.M0007, name: Sanitize Training Data}
relationships:
  ATLAS-matrix:
    sequences: [{source: ATLAS-matrix, target: AML.TA0003, position: 1}]
  AML.T0020:
    achieves: [{target: AML.TA0006}, {target: AML.TA0003}]
  AML.T0020.000:
    achieves: [{target: AML.TA0006}, {target: AML.TA0003}]
    specializes: [{target: AML.T0020}]
  AML.T0051:
    achieves: [{target: AML.TA0006}]
  AML.M0007:
    mitigates: [{target: AML.T0020.000}, {target: AML.T0020}]
  AML.CS0000:
    employs: [{target: AML.T0020, tactic: AML.TA0006}]
"""


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update_atlas", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def updated(folder: Path, text: str, *, dry: bool = False) -> tuple[Framework, list[str]]:
    source, target = folder / "ATLAS.yaml", folder / "atlas.toml"
    source.write_text(text)
    if not target.exists():
        target.write_text(OLD)
    told = script().update(source, target=target, as_of=DAY, dry=dry)
    return read(target.read_text(), file=target.name), told


@pytest.mark.parametrize("text", [LEGACY, FORM_6], ids=["legacy", "form 6"])
def test_facts_are_taken_over_and_what_is_ours_is_kept(tmp_path: Path, text: str) -> None:
    one, _ = updated(tmp_path, text)
    assert (one.version, one.as_of, one.note) == ("2026.06", DAY, "Kept.")
    assert [clause.id for clause in one.clauses] == [
        "AML.TA0003",
        "AML.TA0006",
        "AML.T0020",
        "AML.T0020.000",
        "AML.T0051",
        "AML.M0007",
    ]
    poison, slowly = one.clause("AML.T0020"), one.clause("AML.T0020.000")
    assert (poison.title, poison.maturity) == ("Poison Training Data", "realized")
    assert (poison.about, poison.generative) == ("Also ours.", True)
    assert poison.tactics == slowly.tactics == ("AML.TA0003", "AML.TA0006")
    assert (slowly.parent, slowly.maturity, slowly.generative) == ("AML.T0020", "feasible", False)
    assert one.clause("AML.T0051").generative
    assert one.clause("AML.M0007").mitigates == ("AML.T0020", "AML.T0020.000")


@pytest.mark.parametrize("text", [LEGACY, FORM_6], ids=["legacy", "form 6"])
def test_it_tells_what_was_added_renamed_removed_and_has_no_words(
    tmp_path: Path, text: str
) -> None:
    _, told = updated(tmp_path, text)
    assert told == [
        "added    AML.M0007 Sanitize Training Data",
        "added    AML.T0020.000 Slowly",
        "added    AML.T0051 LLM Prompt Injection",
        "added    AML.TA0003 Resource Development",
        "removed  AML.T0099 Gone",
        "renamed  AML.T0020 Poison It -> Poison Training Data",
        "changed  AML.T0020 maturity: demonstrated -> realized",
        "changed  AML.T0020 tactics: ('AML.TA0006',) -> ('AML.TA0003', 'AML.TA0006')",
        "no words AML.TA0003 Resource Development",
        "no words AML.T0020.000 Slowly",
        "no words AML.M0007 Sanitize Training Data",
    ]


def test_a_second_time_nothing_changes(tmp_path: Path) -> None:
    first, _ = updated(tmp_path, LEGACY)
    raw = (tmp_path / "atlas.toml").read_bytes()
    second, told = updated(tmp_path, LEGACY)
    assert second == first
    assert (tmp_path / "atlas.toml").read_bytes() == raw
    assert {line.partition(" ")[0] for line in told} == {"no"}


def test_a_dry_run_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    _, told = updated(tmp_path, LEGACY, dry=True)
    assert (tmp_path / "atlas.toml").read_text() == OLD
    assert told[0] == "added    AML.M0007 Sanitize Training Data"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1", "expected a file of MITRE ATLAS, got one with the keys \\['a'\\]"),
        ("- 1", "expected a file of MITRE ATLAS"),
        ("a: [", "not YAML"),
        (LEGACY.replace("{id: AML.T0020, use", "{id: AML.T0029, use"), "no clause has the id"),
        (LEGACY.replace("maturity: feasible", "maturity: likely"), "'likely'"),
        (LEGACY.replace("name: Slowly, ", ""), "without the key 'name'"),
        (LEGACY.replace("'2026.06'", "2026.10"), r"got the number 2026\.1;"),
        (LEGACY.replace("mitigations:", "mitigation:"), "mitigations"),
    ],
)
def test_a_file_that_is_not_as_expected_leaves_the_catalogue_alone(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        updated(tmp_path, text)
    assert (tmp_path / "atlas.toml").read_text() == OLD


@pytest.mark.parametrize("one", frameworks(), ids=lambda one: str(one.id))
def test_what_is_written_is_read_back_as_it_was(one: Framework) -> None:
    assert read(script().as_toml(one), file="x.toml") == one


def test_the_shipped_catalogue_is_as_the_script_writes_it() -> None:
    target = script().TARGET
    text = target.read_text(encoding="utf-8")
    assert script().as_toml(read(text, file=target.name)) == text


def test_it_runs_as_it_says(tmp_path: Path) -> None:
    source, target = tmp_path / "ATLAS.yaml", tmp_path / "atlas.toml"
    source.write_text(FORM_6)
    target.write_text(OLD)
    command = [sys.executable, str(SCRIPT), str(source), "--as-of", "2026-06-30"]
    done = subprocess.run(
        [*command, "--target", str(target)], check=True, capture_output=True, text=True, timeout=60
    )
    assert "removed  AML.T0099 Gone" in done.stdout
    assert "2026.06" in target.read_text()
