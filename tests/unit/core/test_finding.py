from typing import Any

import msgspec
import pytest

from bartizan.core.attacker import Standing
from bartizan.core.errors import Error
from bartizan.core.finding import SEVERITIES, Finding, Measure, Outcome, Series, Severity, Waived
from bartizan.core.record import decode, encode


def finding(**facts: Any) -> Finding:
    usual: dict[str, Any] = {
        "id": "e@s#a",
        "entry": "e",
        "title": "t",
        "subject": "s",
        "outcome": "pass",
        "reason": "r",
    }
    return Finding(**(usual | facts))


@pytest.mark.parametrize("key", ["value", "low", "high"])
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_never_enters_a_measure(key: str, number: float) -> None:
    with pytest.raises(Error, match=r"measure 'm' is .*; say None and why instead"):
        msgspec.structs.replace(Measure(name="m", value=0.5), **{key: number})


def test_a_measure_without_a_value_says_why() -> None:
    with pytest.raises(Error, match="no value and no reason"):
        Measure(name="m", value=None)
    assert Measure(name="m", value=None, why="no rows").why == "no rows"


def test_zero_is_a_value() -> None:
    assert Measure(name="m", value=0.0).value == 0.0


def series(x: tuple[float, ...], y: tuple[float, ...]) -> Series:
    return Series(name="c", x_name="eps", x_unit="", y_name="success", x=x, y=y)


@pytest.mark.parametrize(
    ("x", "y"), [((float("nan"),), (1.0,)), ((1.0,), (float("inf"),))], ids=["x", "y"]
)
def test_a_curve_holds_finite_points_only(x: tuple[float, ...], y: tuple[float, ...]) -> None:
    with pytest.raises(Error, match="series 'c' holds a value that is not finite"):
        series(x, y)


def test_every_point_of_a_curve_has_two_coordinates() -> None:
    with pytest.raises(Error, match="has 2 x and 1 y values"):
        series((1.0, 2.0), (1.0,))


@pytest.mark.parametrize("outcome", ["pass", "inconclusive", "not-run"])
def test_only_a_failure_has_a_severity(outcome: Outcome) -> None:
    assert finding(outcome=outcome).severity == "none"
    with pytest.raises(Error, match=f"outcome {outcome} cannot have severity low"):
        finding(outcome=outcome, severity="low")


def test_a_failure_always_has_a_severity() -> None:
    with pytest.raises(Error, match="outcome fail cannot have severity none"):
        finding(outcome="fail")


@pytest.mark.parametrize("severity", SEVERITIES[1:])
def test_a_failure_can_have_every_severity(severity: Severity) -> None:
    assert finding(outcome="fail", severity=severity).severity == severity


@pytest.mark.parametrize(
    ("standing", "decides"),
    [("declared", True), ("assumed", True), ("weaker", False), ("stronger", False)],
)
def test_extra_attackers_decide_nothing(standing: Standing, *, decides: bool) -> None:
    assert finding(standing=standing).decides is decides


def test_a_waived_finding_decides_nothing() -> None:
    waived = Waived(owner="Ada", reason="rebuilt", expires="2027-01-31")
    assert not finding(waived=waived).decides


def test_a_measure_is_found_by_name() -> None:
    measure = Measure(name="success", value=0.5)
    found = finding(measures=(Measure(name="other", value=1.0), measure))
    assert found.measure("success") is measure
    assert found.measure("nothing") is None


def test_a_finding_reads_back_the_same() -> None:
    full = finding(
        outcome="fail",
        severity="high",
        measures=(Measure(name="m", value=0.1, low=0.0, high=0.2, n=10),),
        series=(series((0.0, 0.1), (0.0, 1.0)),),
        waived=Waived(owner="Ada", reason="r", expires="2027-01-31"),
    )
    assert decode(encode(full), kind=Finding) == full
