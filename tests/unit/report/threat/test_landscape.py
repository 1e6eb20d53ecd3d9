import itertools
import re
import xml.etree.ElementTree as ET
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.system import Element, Flow, System, SystemSpec
from bartizan.report.threat import render_threats
from bartizan.report.threat.landscape import drawn
from bartizan.report.threat.landscape.columns import MOST_COLUMNS, columns
from bartizan.report.threat.landscape.layers import layers
from bartizan.report.threat.landscape.lettering import width, wrapped
from bartizan.report.threat.landscape.palette import style
from bartizan.report.threat.landscape.places import Box, Point, places
from bartizan.report.threat.landscape.routes import ways
from bartizan.report.threat.landscape.rows import grid
from bartizan.report.threat.landscape.shapes import inset, shape
from timing import within
from unit.report.threat.described import (
    KINDS,
    MODEL,
    SHEET,
    SYSTEM,
    ZONES,
    card_fraud,
    chain,
    drawn_system,
    sheet_of,
)

SVG = "{http://www.w3.org/2000/svg}"
SYSTEMS = {
    "nothing": System(system=SystemSpec(name="Nothing")),
    "empty zones": System(system=SystemSpec(name="Zones"), zones=ZONES),
    "one": chain(1),
    "a cycle": chain(3, jumps=(1, -2)),
    "no flows": chain(40, jumps=()),
    "thirty": chain(30, jumps=(1, 3)),
    "hundred": chain(100, jumps=(1, 7, -4)),
    "a star": System(
        system=SystemSpec(name="Star"),
        zones=ZONES,
        elements=chain(60, zones=1).elements,
        flows=tuple(Flow(source="e000", target=f"e{at:03}") for at in range(1, 60)),
    ),
    "small": SYSTEM,
}


def shuffled(system: System, seed: int) -> System:
    """The same in another order."""
    rng = Random(seed)  # noqa: S311 (an order, no secret)
    return msgspec.structs.replace(
        system,
        **{
            name: tuple(rng.sample(getattr(system, name), len(getattr(system, name))))
            for name in ("zones", "elements", "flows", "assets")
        },
    )


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Any flows among some elements."""
    amount = draw(st.integers(0, 14))
    ends = st.integers(0, max(amount - 1, 0))
    pairs = draw(st.sets(st.tuples(ends, ends), max_size=30)) if amount else set()
    flows = tuple(Flow(source=f"e{a:03}", target=f"e{b:03}") for a, b in sorted(pairs) if a != b)
    return msgspec.structs.replace(chain(amount, jumps=()), flows=flows)


@given(systems())
@settings(max_examples=60, deadline=None)
def test_flows_lead_to_the_right_unless_they_close_a_cycle(system: System) -> None:
    layer = layers(system)
    back = [one for one in system.flows if layer[one.source] >= layer[one.target]]
    onward = [one for one in system.flows if one not in back]
    reach = {one.id: {one.id} for one in system.elements}
    for _ in system.elements:
        for one in onward:
            reach[one.source] |= reach[one.target]
    assert not any(one.source in reach[one.target] for one in onward)
    assert all(one.source in reach[one.target] for one in back)


def test_a_row_takes_a_layer_for_each_element() -> None:
    assert layers(chain(5)) == {f"e{at:03}": at for at in range(5)}


def test_what_only_sends_stands_right_before_the_first_it_sends_to() -> None:
    system = chain(5)
    late = msgspec.structs.replace(
        system,
        elements=(*system.elements, Element(id="feed", kind="third-party", zone="outside")),
        flows=(*system.flows, Flow(source="feed", target="e004")),
    )
    assert layers(late)["feed"] == 3


@given(systems(), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_description_moves_nothing(system: System, seed: int) -> None:
    other = shuffled(system, seed)
    assert drawn(drawn_system(system), prefix="x") == drawn(drawn_system(other), prefix="x")


@pytest.mark.parametrize("name", SYSTEMS)
def test_there_are_never_more_columns_than_fit(name: str) -> None:
    found, _ = columns(SYSTEMS[name])
    assert set(found) == {one.id for one in SYSTEMS[name].elements}
    assert all(0 <= at < MOST_COLUMNS for at in found.values())


def test_a_crowd_is_spread_over_the_columns() -> None:
    for name, most in (("no flows", 2), ("a star", 16)):
        assert max(grid(SYSTEMS[name]).rows.values()) <= most


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_two_elements_overlap_and_none_leaves_its_band(name: str) -> None:
    found = places(SYSTEMS[name])
    boxes = [one.box for one in found.elements.values()]
    for one, two in itertools.combinations(boxes, 2):
        apart_x = one.right < two.x or two.right < one.x
        apart_y = one.bottom < two.y or two.bottom < one.y
        assert apart_x or apart_y
    bands = {zone.id: box for zone, box in found.bands}
    for placed in found.elements.values():
        band = bands[placed.element.zone]
        assert band.x < placed.box.x
        assert band.y < placed.box.y
        assert placed.box.right < band.right
        assert placed.box.bottom < band.bottom


@pytest.mark.parametrize("name", SYSTEMS)
def test_zones_of_less_trust_stand_above_those_of_more(name: str) -> None:
    order = [zone.trust for zone, _ in places(SYSTEMS[name]).bands]
    assert order == sorted(order, key=["untrusted", "partner", "internal", "restricted"].index)


def sampled(path: str, *, steps: int = 24) -> list[Point]:
    """Points on a path of lines and cubic curves."""
    found: list[Point] = []
    for letter, rest in re.findall(r"([MLC])([^MLC]*)", path):
        numbers = [float(one) for one in re.findall(r"-?[\d.]+", rest)]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if letter == "M":
            found += points
            continue
        start = found[-1]
        first, second, end = points if letter == "C" else (start, points[0], points[0])
        for at in range(1, steps + 1):
            t = at / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            corners = (start, first, second, end)
            found.append(
                (
                    sum(w * one[0] for w, one in zip(weights, corners, strict=True)),
                    sum(w * one[1] for w, one in zip(weights, corners, strict=True)),
                )
            )
    return found


@pytest.mark.parametrize("name", ["thirty", "hundred", "a star", "a cycle", "small"])
def test_no_flow_runs_through_an_element(name: str) -> None:
    system = SYSTEMS[name]
    found = places(system)
    for way in ways(system.flows, places=found):
        ends = (way.flow.source, way.flow.target)
        for x, y in sampled(way.path):
            for placed in found.elements.values():
                box = placed.box
                inside = box.x < x < box.right and box.y < y < box.bottom
                assert not inside or placed.element.id in ends, (way.flow.id, placed.element.id)


def test_a_flow_starts_and_ends_at_the_outline_of_its_elements() -> None:
    system = SYSTEMS["thirty"]
    found = places(system)
    for way in ways(system.flows, places=found):
        for name, (x, y) in ((way.flow.source, way.points[0]), (way.flow.target, way.points[-1])):
            box = found.elements[name].box
            left, right = inset(found.elements[name].element.kind, box, y=y)
            beside = x in (box.x + left, box.right - right) and box.y < y < box.bottom
            upright = y in (box.y, box.bottom) and box.x < x < box.right
            assert beside or upright


def test_the_outline_of_a_pill_is_a_circle_at_its_ends() -> None:
    box = Box(x=0, y=0, width=200, height=100)
    assert inset("actor", box, y=50) == (0, 0)
    assert inset("actor", box, y=0) == (50, 50)
    assert inset("actor", box, y=20) == pytest.approx((10, 10))  # 50 - sqrt(50^2 - 30^2)


def test_a_pipeline_points_to_the_right() -> None:
    box = Box(x=0, y=0, width=200, height=100)
    assert inset("pipeline", box, y=50) == (13, 0)
    assert inset("pipeline", box, y=100) == (0, 13)


def test_sweeps_leave_fewer_crossings_than_the_order_of_ids() -> None:
    names = "abcdef"
    crossed = System(
        system=SystemSpec(name="Crossed"),
        zones=ZONES,
        elements=tuple(
            Element(id=f"{side}-{name}", kind="process", zone="inside")
            for side in ("left", "right")
            for name in names
        ),
        flows=tuple(
            Flow(source=f"left-{one}", target=f"right-{two}")
            for one, two in zip(names, reversed(names), strict=True)
        ),
    )
    row = grid(crossed).row
    pairs = [(row[one.source], row[one.target]) for one in crossed.flows]
    assert all((a < c) == (b < d) for (a, b), (c, d) in itertools.combinations(pairs, 2))


@given(st.text(max_size=400), st.integers(60, 300), st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_lines_stay_in_their_room(text: str, room: int, most: int) -> None:
    lines = wrapped(text, size=13, room=room, most=most)
    assert len(lines) <= most
    assert all(width(line, size=13) <= room for line in lines)


def test_what_does_not_fit_ends_in_dots() -> None:
    (first, second) = wrapped("a " * 5_000, size=13, room=60, most=2)
    assert not first.endswith("…")
    assert second.endswith("…")


def tree(svg: bytes) -> ET.Element:
    """Read it as XML; our own text, written a moment ago."""
    return ET.fromstring(svg)  # noqa: S314 (made here)


@pytest.mark.parametrize("name", SYSTEMS)
def test_each_system_gives_a_drawing_with_all_of_it(name: str) -> None:
    system = SYSTEMS[name]
    root = tree(render_threats(sheet_of(drawn_system(system)), fmt="svg"))
    elements = [one for one in root.iter(f"{SVG}g") if one.get("class") == "element"]
    zones = [one for one in root.iter(f"{SVG}g") if one.get("class", "").startswith("zone ")]
    keys = 4
    flows = [one for one in root.iter(f"{SVG}path") if "marker-end" in one.attrib]
    assert len(elements) == len(system.elements)
    assert len(zones) == len(system.zones)
    assert len(flows) == len(system.flows) + keys


def test_the_drawing_has_a_title_and_says_what_it_shows() -> None:
    root = tree(render_threats(SHEET, fmt="svg"))
    assert root.get("role") == "img"
    names = {one.get("id"): one.text for one in root if one.tag in (f"{SVG}title", f"{SVG}desc")}
    said = [names[one] for one in root.get("aria-labelledby", "").split()]
    assert said[0] == "Small shop: landscape of threats"
    assert "4 elements in 3 zones" in str(said[1])
    assert "1 into a zone of more trust, 1 not encrypted" in str(said[1])
    assert "2 high, 1 medium, 0 low" in str(said[1])


def test_lines_say_how_a_flow_is_protected_and_where_it_leads() -> None:
    body = drawn(MODEL, prefix="x").body.split('<g class="legend">')[0]
    styles = re.findall(r'<path class="(flow[^"]*)"', body)
    assert sorted(styles) == ["flow", "flow crossing", "flow plain", "flow unsaid"]


def test_badges_count_open_threats_only() -> None:
    body = drawn(MODEL, prefix="x").body.split('<g class="legend">')[0]
    badges = re.findall(r'<g class="badge-(\w+)">.*?<text[^>]*>([^<]*)</text>', body)
    assert sorted(badges) == [("high", "H 1"), ("high", "H 1"), ("medium", "M 1")]


def test_each_kind_has_a_shape_of_its_own() -> None:
    box = Box(x=0, y=0, width=100, height=60)
    assert len({shape(kind, box) for kind in KINDS}) == len(KINDS)


def test_the_legend_explains_the_kinds_that_there_are() -> None:
    legend = drawn(MODEL, prefix="x").body.split('<g class="legend">')[1]
    keys = re.findall(r'<text class="key"[^>]*>([^<]*)</text>', legend)
    assert keys[:4] == ["Actor", "Store", "Model", "API"]
    assert "into a zone of more trust" in keys


def test_the_example_is_drawn_in_the_width_of_a_page() -> None:
    root = tree(render_threats(card_fraud(), fmt="svg"))
    wide = float(root.get("width", "0"))
    assert wide < 1600
    assert wide / float(root.get("height", "1")) > 1.2


def test_every_colour_of_the_drawing_is_known_by_day_and_by_night() -> None:
    sheet = style()
    used = set(re.findall(r"var\(--([\w-]+)\)", sheet))
    day, night = (
        set(re.findall(r"--([\w-]+):", block))
        for block in re.findall(r":root\{(--.*?)\}", sheet)[:2]
    )
    assert used <= day
    assert used - {"sans"} <= night


def test_a_drawing_of_many_elements_is_quick() -> None:
    model = drawn_system(SYSTEMS["hundred"])
    within(1, lambda: drawn(model, prefix="x"))
