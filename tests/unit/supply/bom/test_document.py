import dataclasses
import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import InputError
from bartizan.core.schema import Feature, Schema
from bartizan.supply.bom.declared import DeclaredData, DeclaredModel, DeclaredSystem
from bartizan.supply.bom.document import document, written
from bartizan.supply.bom.facts import DataFact, Facts, FileFact, ModelFact, PackageFact, ToolFact
from unit.supply.bom.samples import SPECS, bare_facts, problems, sample_facts

replaced = dataclasses.replace


def leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Every text and number of a document, with its place."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, f"{place}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, f"{place}[]")
    else:
        yield place, value


def shuffled(facts: Facts, rng: random.Random) -> Facts:
    """The same facts, in another order wherever order means nothing."""
    model = replaced(
        facts.model, files=tuple(rng.sample(facts.model.files, len(facts.model.files)))
    )
    return replaced(
        facts,
        model=model,
        **{
            name: tuple(rng.sample(getattr(facts, name), len(getattr(facts, name))))
            for name in ("data", "packages", "links")
        },
        reports=tuple(
            msgspec.structs.replace(
                one, findings=tuple(rng.sample(one.findings, len(one.findings)))
            )
            for one in facts.reports
        ),
    )


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("facts", [sample_facts(), bare_facts()], ids=["full", "bare"])
def test_a_document_keeps_to_the_official_schema(facts: Facts, spec: Any) -> None:
    assert problems(json.loads(written(document(facts, spec=spec))), spec=spec) == []


@pytest.mark.parametrize("spec", SPECS)
def test_the_schema_refuses_what_is_no_such_document(spec: Any) -> None:
    good = document(sample_facts(), spec=spec)
    for broken in (
        {**good, "invented": 1},
        {**good, "serialNumber": "urn:uuid:1"},
        {**good, "components": [{"type": "dataset", "name": "x"}]},
        {**good, "bomFormat": "SPDX"},
    ):
        assert problems(broken, spec=spec)


def test_the_same_facts_give_the_same_bytes_in_any_order() -> None:
    facts, rng = sample_facts(), random.Random(7)  # noqa: S311 (an order, no secret)
    wanted = written(document(facts))
    assert all(written(document(shuffled(facts, rng))) == wanted for _ in range(20))


def test_other_content_has_another_serial_number() -> None:
    facts = sample_facts()
    other = replaced(facts, model=replaced(facts.model, root="sha256:" + "00" * 32))
    later = replaced(facts, when=None)
    numbers = {document(one)["serialNumber"] for one in (facts, other, later)}
    assert len(numbers) == 3


def test_no_time_is_written_but_the_one_that_is_given() -> None:
    assert "timestamp" not in document(bare_facts())["metadata"]
    assert document(sample_facts())["metadata"]["timestamp"] == "2026-11-21T12:00:00Z"


def test_every_value_comes_from_an_input_or_is_a_word_of_the_format() -> None:
    facts = sample_facts()
    given = json.dumps(msgspec.to_builtins(facts, enc_hook=str), default=str)
    fixed = {
        *(".$schema", ".bomFormat", ".specVersion", ".serialNumber", ".version"),
        ".metadata.lifecycles[].phase",
        ".compositions[].aggregate",
    }
    made = ("bom-ref", "ref", "dependsOn[]", "purl", "type", "alg", "slice", "format", "timestamp")
    for place, value in leaves(document(facts)):
        name = place.rsplit(".", 1)[-1]
        if place in fixed or name in made or place.endswith("assemblies[]"):
            continue  # put together from names, or words of CycloneDX
        if ".properties[]" in place:
            counts = {"15", "1", "0"}  # bytes of both files, personal columns
            assert str(value).startswith("bartizan:") or str(value) in given or value in counts
        elif name == "acknowledgement":
            assert value == "declared"
        elif name in ("value", "lowerBound", "upperBound"):
            assert float(str(value)) in _numbers(facts)
        else:
            assert str(value) in given or value == "Python", place


def _numbers(facts: Facts) -> set[float]:
    return {
        value
        for report in facts.reports
        for finding in report.findings
        for measure in finding.measures
        for value in (measure.value, measure.low, measure.high)
        if value is not None
    }


def test_what_nobody_said_is_not_there() -> None:
    found = document(bare_facts())
    model = found["metadata"]["component"]
    assert set(model) == {"type", "bom-ref", "name", "properties", "components"}
    assert found["components"] == []
    assert {place for place, value in leaves(found) if value in ("", None)} == set()


def test_the_graph_names_each_component_once_and_only_those_that_are_there() -> None:
    found = document(sample_facts())
    refs = {one["bom-ref"] for one in found["components"]} | {
        found["metadata"]["component"]["bom-ref"]
    }
    graph = {one["ref"]: one.get("dependsOn", []) for one in found["dependencies"]}
    assert set(graph) == refs
    assert {ref for needs in graph.values() for ref in needs} <= refs
    assert graph["model/fraud"] == ["data/future", "data/past", "platform/python"]
    assert graph["pkg:pypi/scikit-learn@1.9.1"] == ["pkg:pypi/numpy@2.4.0"]
    assert graph["system/Card payments"] == ["device/2 virtual cores", "model/fraud"]


def test_two_things_of_one_name_are_refused() -> None:
    facts = sample_facts()
    twice = replaced(facts, data=(facts.data[0], facts.data[0]))
    with pytest.raises(InputError, match="data/past"):
        document(twice)


def test_a_name_that_turns_the_line_around_is_written_as_codes() -> None:
    facts = bare_facts()
    name = "model\u202egpj.exe\u2066\u200b\n\x1b[31m ünïcode"
    raw = written(document(replaced(facts, model=replaced(facts.model, name=name))))
    text = raw.decode()
    assert all(one.isprintable() or one == "\n" for one in text)
    assert "ünïcode" in text
    assert json.loads(raw)["metadata"]["component"]["name"] == name


def test_a_name_that_is_no_unicode_is_refused() -> None:
    facts = bare_facts()
    with pytest.raises(InputError, match="Unicode"):
        written(document(replaced(facts, model=replaced(facts.model, name="a\udc80"))))


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(name=WORDS, words=WORDS, columns=st.lists(WORDS, max_size=4, unique=True))
def test_whatever_names_there_are_the_document_keeps_to_the_schema(
    name: str, words: str, columns: list[str]
) -> None:
    schema = Schema(features=tuple(Feature(name=one) for one in columns))
    facts = Facts(
        tool=ToolFact(name=words, version=words),
        model=ModelFact(
            name=name,
            root="sha256:" + "00" * 32,
            files=(FileFact(path=name, sha256="00" * 32, size_bytes=0),),
            schema=schema,
        ),
        data=(DataFact(name=name, role="test", declared=DeclaredData(license=words)),),
        packages=(PackageFact(name="a", version=words, license=words, license_name=words),),
        system=DeclaredSystem(name=words, controls=(words, words)),
        declared=DeclaredModel(license=words, users=(words,)),
    )
    for spec in SPECS:
        raw = written(document(facts, spec=spec))
        assert problems(json.loads(raw), spec=spec) == []


def test_ten_thousand_packages_are_no_burden() -> None:
    packages = tuple(
        PackageFact(name=f"p{i}", version="1", needs=tuple(f"p{j}" for j in range(i, i + 3)))
        for i in range(10_000)
    )
    found = document(replaced(sample_facts(), packages=packages))
    assert len(found["components"]) == 10_000 + 5
    assert len(written(found)) < 10_000_000
