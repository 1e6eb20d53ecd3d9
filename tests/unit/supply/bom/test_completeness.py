import json
from typing import Any

import pytest

from bartizan.supply.bom.completeness import completeness, says
from bartizan.supply.bom.document import document, written
from bartizan.supply.bom.elements import CLUSTERS, ELEMENTS, Element
from unit.supply.bom.samples import bare_facts, sample_facts


def named(elements: tuple[Element, ...]) -> set[str]:
    return {f"{one.cluster}: {one.name}" for one in elements}


@pytest.mark.parametrize(
    ("document", "place", "wanted"),
    [
        ({"a": 1}, "a", True),
        ({"a": ""}, "a", False),
        ({"a": 0}, "a", True),
        ({}, "a", False),
        ({"a": {"b": "x"}}, "a.b", True),
        ({"a": "x"}, "a.b", False),
        ({"a": []}, "a[]", False),
        ({"a": ["x"]}, "a[]", True),
        ({"a": ["x", ""]}, "a[]", False),
        ({"a": {"b": 1}}, "a[].b", False),
        ({"a": [{"b": 1}, {"b": 2}]}, "a[].b", True),
        ({"a": [{"k": "x", "b": 1}, {"k": "y"}]}, "a[k=x].b", True),
        ({"a": [{"k": "x", "b": 1}, {"k": "y"}]}, "a[k=y].b", False),
        ({"a": [{"k": "x", "b": 1}]}, "a[k=z].b", False),
        ({"a": ["x"]}, "a[k=x].b", False),
    ],
)
def test_a_place_says_something_or_does_not(document: Any, place: str, wanted: bool) -> None:  # noqa: FBT001 - a case of the table
    assert says(document, place) is wanted


def test_where_everything_was_said_only_what_was_not_measured_is_missing() -> None:
    found = completeness(json.loads(written(document(sample_facts()))), signed=True)
    assert named(found.missing) == {"indicators: what it gives away of its data"}
    assert found.share == (len(ELEMENTS) - 1) / len(ELEMENTS)


def test_without_a_word_of_a_person_only_what_a_machine_sees_is_there() -> None:
    found = completeness(document(bare_facts()), signed=False)
    there = named(ELEMENTS) - named(found.missing)
    assert there == {
        "metadata: tool",
        "metadata: tool version",
        "metadata: format and its version",
        "metadata: serial number",
        "metadata: stage of life it was made at",
        "metadata: relations between components",
        "metadata: what is known to be whole",
        "models: name",
        "models: identity (root digest)",
        "models: files with digests",
    }


def test_an_empty_document_says_nothing() -> None:
    found = completeness({}, signed=False)
    assert (found.there, len(found.missing)) == (0, len(ELEMENTS))


def test_the_clusters_add_up() -> None:
    found = completeness(document(sample_facts()), signed=False)
    assert tuple(found.clusters) == CLUSTERS
    assert sum(there for there, _ in found.clusters.values()) == found.there
    assert sum(of for _, of in found.clusters.values()) == found.of == len(ELEMENTS)


def test_every_element_counts_once_it_is_said_and_no_other_does() -> None:
    """Taking one thing out of a full document never makes another element appear."""
    full = completeness(document(sample_facts()), signed=True)
    for cut in ("metadata", "components", "dependencies", "compositions", "serialNumber"):
        rest = {name: part for name, part in document(sample_facts()).items() if name != cut}
        found = completeness(rest, signed=True)
        assert set(full.missing) < set(found.missing)


def test_elements_have_names_of_their_own_and_tell_what_to_do() -> None:
    names = [(one.cluster, one.name) for one in ELEMENTS]
    assert len(set(names)) == len(names)
    assert {one.cluster for one in ELEMENTS} == set(CLUSTERS)
    assert all(one.fix for one in ELEMENTS)


def test_the_signature_is_looked_for_beside_the_document() -> None:
    whole = document(sample_facts())
    unsigned = completeness(whole, signed=False)
    assert named(unsigned.missing) - named(completeness(whole, signed=True).missing) == {
        "security: signature"
    }
