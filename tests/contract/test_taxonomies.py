"""Every id of a published catalogue that is cited stands in that catalogue as it is shipped."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bartizan.catalog import ENTRIES
from bartizan.core.entry import Entry
from bartizan.core.finding import Taxonomy
from bartizan.frameworks.framework import Framework
from bartizan.frameworks.reading import framework_of
from bartizan.report.taxa import CATALOGUES
from contract.sources import MODULES, PACKAGE, ROOT, dotted

OF_FIELD = {
    "atlas": framework_of("mitre-atlas"),
    "owasp_ml": framework_of("owasp-ml-top-10"),
    "nist_ai_100_2": framework_of("nist-ai-100-2"),
}
"""Which catalogue a field of `Taxonomy` cites."""
SPELLED = {
    "atlas": re.compile(r"\bAML\.(?:TA|T|M)\d{4}(?:\.\d{3})?\b"),
    "owasp_ml": re.compile(r"\bML\d{2}:2023\b"),
}
"""Ids that are recognised in any text; classes of NIST are ordinary words."""
TEXTS = {".py", ".toml", ".md"}


def ids(one: Framework, *, generative: bool) -> set[str]:
    return {clause.id for clause in one.clauses if generative or not clause.generative}


COMPUTED = {"bartizan.threat.modelling"}
"""Modules whose taxonomies come from rules; `test_threat_rules` holds those to the catalogues."""


def literals() -> Iterator[tuple[str, str, str]]:
    """Module, field and id of every `Taxonomy(...)` that is written out in the sources."""
    for path in MODULES:
        if dotted(path) in COMPUTED:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Taxonomy"):
                for word in node.keywords:
                    assert word.arg is not None, f"{dotted(path)}: a taxonomy is written out"
                    for identity in ast.literal_eval(word.value):
                        yield dotted(path), word.arg, identity


def texts() -> Iterator[Path]:
    for folder in (PACKAGE, ROOT / "docs"):
        for path in folder.rglob("*"):
            if path.suffix in TEXTS and path.name != "atlas.toml":  # which names later releases
                yield path


def test_each_field_has_its_catalogue() -> None:
    assert set(OF_FIELD) == set(Taxonomy.__struct_fields__)


def test_what_is_cited_in_the_sources_exists_and_concerns_predictive_systems() -> None:
    found = list(literals())
    wrong = [one for one in found if one[2] not in ids(OF_FIELD[one[1]], generative=False)]
    assert not wrong
    assert len(found) > 100


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_what_an_entry_cites_exists(entry: Entry) -> None:
    for field, one in OF_FIELD.items():
        assert set(getattr(entry.taxonomy, field)) <= ids(one, generative=False)


def test_ids_in_texts_exist() -> None:
    for field, spelled in SPELLED.items():
        known = ids(OF_FIELD[field], generative=True)
        for path in texts():
            unknown = set(spelled.findall(path.read_text(encoding="utf-8"))) - known
            assert not unknown, path


def test_reports_call_the_catalogues_what_they_are_called() -> None:
    assert {one.field: one.name for one in CATALOGUES} == {
        field: one.title for field, one in OF_FIELD.items()
    }


def test_the_search_finds_what_it_looks_for() -> None:
    assert SPELLED["atlas"].findall("see AML.T0043.004, AML.TA0001 and AML.M0007") == [
        "AML.T0043.004",
        "AML.TA0001",
        "AML.M0007",
    ]
    assert SPELLED["owasp_ml"].findall("ML01:2023") == ["ML01:2023"]
