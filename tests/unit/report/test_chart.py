import re
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from bartizan.core.finding import Series
from bartizan.report.chart import describe, draw
from bartizan.report.curves import Line, groups
from bartizan.report.svg import COLOURS
from unit.report.samples import curves

(GROUP,) = groups(curves(0.24))
RECALL = Line(curve="Recall", height=0.736, sense="at least")


def series(name: str, y: tuple[float, ...], *, unit: str = "Linf") -> Series:
    return Series(
        name=name,
        x_name="budget",
        x_unit=unit,
        y_name="share",
        x=tuple(0.1 * i for i in range(len(y))),
        y=y,
    )


def chart(group: tuple[Series, ...] = GROUP, *, prefix: str = "a") -> str:
    return draw(group, prefix=prefix, title="What is left", budget=30.0, line=RECALL)


def test_equal_arguments_give_equal_text() -> None:
    assert chart() == chart()


def test_settings_of_the_program_around_it_change_nothing_and_stay() -> None:
    before = chart()
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "path"}):
        assert chart() == before
        assert mpl.rcParams["font.size"] == 30


def test_it_is_well_formed_and_named_for_those_who_do_not_see_it() -> None:
    root = ET.fromstring(chart())  # noqa: S314  # drawn here
    assert (root.tag, root.get("role")) == ("svg", "img")
    assert root.get("aria-labelledby") == "a-title a-desc"
    assert root.findtext("title") == "What is left"
    assert "Recall goes from 92.0" in str(root.findtext("desc"))


def test_text_is_text_in_the_font_of_the_page() -> None:
    drawing = chart()
    for words in ("budget 30", "Recall limit 74 %", "100 %", "Money the attacker spends"):
        assert f">{words}" in drawing
    assert "DejaVu" not in drawing
    assert "var(--sans)" in drawing


def test_colours_come_from_the_page() -> None:
    drawing = chart()
    assert not re.search(r"#[0-9a-f]{6}\b", drawing)
    for name in ("--curve-1", "--curve-2", "--curve-3", "--fail", "--fail-tint"):
        assert f"var({name})" in drawing


def test_nothing_reaches_beyond_the_chart() -> None:
    drawing = chart()
    assert "<style" not in drawing
    assert "http" not in drawing
    assert "<!--" not in drawing


def test_two_charts_in_one_page_share_no_id() -> None:
    one, other = (set(re.findall(r'\bid="([^"]+)"', chart(prefix=p))) for p in ("a", "b"))
    assert one
    assert not one & other


def test_every_reference_inside_leads_to_an_id_inside() -> None:
    drawing = chart()
    ids = set(re.findall(r'\bid="([^"]+)"', drawing))
    references = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', drawing))
    assert references
    assert {a or b for a, b in references} <= ids


@pytest.mark.parametrize(
    "name", ["$\\frac{$", "<script>alert(1)</script>", "特征 🂡", "a&b", "--> x", "#a10001"]
)
def test_hostile_names_are_drawn_as_text(name: str) -> None:
    root = ET.fromstring(chart((series(name, (0.9, 0.5)),)))  # noqa: S314  # drawn here
    assert not [one for one in root.iter() if one.tag == "script"]
    assert "goes from 90.0" in str(root.findtext("desc"))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_one_point_and_many_curves_can_be_drawn(n: int) -> None:
    group = tuple(series(f"curve-{i}", (0.5,) * n) for i in range(n))
    assert chart(group).startswith("<svg")


def test_values_beyond_one_are_no_shares() -> None:
    drawing = draw((series("mean-rank", (12.0, 3.0)),), prefix="a", title="t")
    assert "%" not in drawing
    assert "Mean rank 3" in drawing


def test_a_long_name_is_cut_beside_the_chart_and_whole_in_the_description() -> None:
    drawing = chart((series("a-very-long-name-of-a-curve", (0.9, 0.5)),))
    assert ">A very long na… 50 %<" in drawing
    assert "A very long name of a curve goes from" in drawing


def test_one_curve_alone_needs_no_name_on_its_limit() -> None:
    assert ">Limit 74 %<" in chart((series("robust-recall", (0.9, 0.5)),))


def test_the_description_names_budget_and_line() -> None:
    text = describe(GROUP, budget=30.0, line=RECALL).replace("\N{NO-BREAK SPACE}", " ")
    assert text.endswith("The budget is 30. Recall must be at least 73.6 %.")


def test_stand_ins_are_told_apart() -> None:
    assert len(set(COLOURS.values())) == len(COLOURS)


@pytest.mark.parametrize("x", [(62.0, 125.0, 250.0, 500.0, 1000.0), (0.09, 0.19, 0.375, 0.75)])
def test_a_short_logarithmic_axis_names_its_own_points(x: tuple[float, ...]) -> None:
    one = Series(
        name="scores", x_name="price of the questions", x_unit="", y_name="fidelity",
        x=x, y=tuple(0.1 * i for i in range(len(x))), chart="Fidelity", x_scale="log",
    )  # fmt: skip
    drawing = draw((one,), prefix="a", title="Fidelity")
    assert "math" not in drawing
    for value in x:
        assert f">{value:,.6g}<" in drawing
