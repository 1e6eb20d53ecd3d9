import msgspec
import pytest

from bartizan.core.finding import Series, Threshold
from bartizan.report.curves import Line, groups, is_share, pass_line, table
from unit.report.samples import curves, findings

(GROUP,) = groups(curves(0.24))
FAILED = findings()[0]


def series(name: str, *, x: tuple[float, ...], y: tuple[float, ...], unit: str) -> Series:
    return Series(name=name, x_name="budget", x_unit=unit, y_name="y", x=x, y=y)


def test_curves_over_one_axis_are_one_group_with_recall_in_front() -> None:
    assert [one.name for one in GROUP] == ["robust-recall", "robust-accuracy", "robust-precision"]


def test_curves_over_other_axes_are_other_groups_and_empty_ones_none() -> None:
    found = groups(
        (
            series("unknown", x=(1.0,), y=(1.0,), unit="money"),
            series("success-by-queries", x=(1.0,), y=(0.0,), unit="queries"),
            series("robust-recall", x=(1.0,), y=(1.0,), unit="money"),
            series("robust-accuracy", x=(), y=(), unit="money"),
        )
    )
    assert [[one.name for one in group] for group in found] == [
        ["robust-recall", "unknown"],
        ["success-by-queries"],
    ]


@pytest.mark.parametrize("rows", range(2, 12))
def test_a_table_keeps_both_ends_and_the_point_asked_for(rows: int) -> None:
    numbers = table(GROUP, rows=rows, keep=30.0)
    at = [row[0] for row in numbers.rows]
    assert (at[0], at[-1]) == ("0", "40")
    assert numbers.kept is not None
    assert at[numbers.kept] == "30"
    assert len(at) <= rows + 1


def test_a_point_that_no_curve_has_is_not_made_up() -> None:
    assert table(GROUP, rows=20, keep=31.0).kept is None
    assert len(table(GROUP, rows=20).rows) == len(GROUP[0].x)


def test_curves_with_other_points_leave_gaps() -> None:
    one = series("a", x=(0.0, 1.0), y=(1.0, 0.5), unit="L2")
    other = series("b", x=(0.0, 2.0), y=(1.0, 0.25), unit="L2")
    assert [row[1:] for row in table((one, other), rows=9).rows] == [
        ("100.0\N{NO-BREAK SPACE}%", "100.0\N{NO-BREAK SPACE}%"),
        ("50.0\N{NO-BREAK SPACE}%", "-"),
        ("-", "25.0\N{NO-BREAK SPACE}%"),
    ]


def test_a_value_beyond_one_is_no_share() -> None:
    assert is_share(GROUP)
    assert not is_share((series("a", x=(0.0,), y=(1.5,), unit="L2"),))


def test_a_limit_on_success_is_a_limit_on_recall() -> None:
    line = pass_line(FAILED, GROUP)
    assert line is not None
    assert (line.curve, line.sense) == ("Recall", "at least")
    assert line.height == pytest.approx(0.92 * 0.8)


def test_a_limit_on_a_curve_itself_is_its_own_line() -> None:
    threshold = Threshold(measure="robust-accuracy", op=">=", value=0.9, source="policy")
    finding = msgspec.structs.replace(FAILED, threshold=threshold)
    assert pass_line(finding, GROUP) == Line("Accuracy", 0.9, "at least")


def test_success_by_queries_has_the_limit_on_success() -> None:
    group = (series("success-by-queries", x=(1.0,), y=(0.5,), unit="queries"),)
    assert pass_line(FAILED, group) == Line("Attack success", 0.2, "at most")


@pytest.mark.parametrize("change", [{"threshold": None}, {"measures": ()}])
def test_without_a_limit_or_clean_recall_there_is_no_line(change: dict[str, None]) -> None:
    assert pass_line(msgspec.structs.replace(FAILED, **change), GROUP) is None


def test_a_limit_on_something_else_is_no_line() -> None:
    threshold = Threshold(measure="balanced-accuracy", op=">=", value=0.5, source="default")
    assert pass_line(msgspec.structs.replace(FAILED, threshold=threshold), GROUP) is None
