import re

import msgspec
import pytest

from bartizan.core.system import Element, Flow, System, SystemSpec
from bartizan.report.threat import render_threats
from unit.report.threat.described import SHEET, ZONES, card_fraud, drawn_system, sheet_of


def chart_of(system: System) -> str:
    return render_threats(sheet_of(drawn_system(system)), fmt="mermaid").decode()


def named(*names: str) -> System:
    return System(
        system=SystemSpec(name="Named"),
        zones=ZONES,
        elements=tuple(Element(id=name, kind="process", zone="inside") for name in names),
        flows=tuple(Flow(source=names[0], target=name) for name in names[1:]),
    )


def test_every_element_stands_in_the_box_of_its_zone() -> None:
    lines = render_threats(card_fraud(), fmt="mermaid").decode().splitlines()
    system = card_fraud().model.system
    at, found = "", {}
    for line in lines:
        if box := re.match(r"  subgraph zone_(\w+)", line):
            at = box[1]
        elif node := re.match(r"    e_(\w+)", line):
            found[node[1].replace("_", "-")] = at
    assert found == {one.id: one.zone for one in system.elements}
    assert len([line for line in lines if "-->" in line]) == len(system.flows)


def test_words_of_the_language_are_no_ids() -> None:
    lines = chart_of(named("a", "end", "subgraph", "graph", "o", "x", "default")).splitlines()
    assert "  e_a -.-> e_end" in lines
    assert sum(line.strip() == "end" for line in lines) == len(ZONES)


def test_ids_that_differ_in_a_dash_only_stay_two() -> None:
    text = chart_of(named("a-b", "a_b", "a--b", "a-_b", "a__b"))
    nodes = re.findall(r"^    (\w+)\(", text, re.MULTILINE)
    assert len(set(nodes)) == 5


def test_a_flow_that_nobody_calls_encrypted_is_dashed_and_one_inwards_is_thick() -> None:
    lines = render_threats(SHEET, fmt="mermaid").decode().splitlines()
    assert "  e_api -.-> e_model" in lines
    assert '  e_buyer -->|"orders"| e_api' in lines
    assert lines[-1] == "  linkStyle 2 stroke-width:3px"


@pytest.mark.parametrize("char", list('"#;`<>{}[]|\\&%'))
def test_what_the_language_reads_is_written_as_a_number(char: str) -> None:
    system = named("a")
    (one,) = system.elements
    loud = msgspec.structs.replace(one, title=f"x{char}y")
    text = chart_of(msgspec.structs.replace(system, elements=(loud,)))
    assert f'"x#{ord(char)};y<br/>' in text


def test_a_long_label_is_cut() -> None:
    system = named("a")
    (one,) = system.elements
    loud = msgspec.structs.replace(one, title="W" * 10_000)
    assert len(chart_of(msgspec.structs.replace(system, elements=(loud,)))) < 500
