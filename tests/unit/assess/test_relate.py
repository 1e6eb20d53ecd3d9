from typing import Any

import msgspec
import pytest

from bartizan.assess.relate import related
from bartizan.core.finding import Finding, Importance, Weakness


def finding(identity: str, **more: Any) -> Finding:
    parts: dict[str, Any] = {"entry": identity, "title": "t", "subject": "m", "reason": "r"}
    return Finding(id=f"{identity}@m", outcome="pass", **{**parts, **more})


def weak(**spent: float) -> tuple[Weakness, ...]:
    return tuple(Weakness(feature=name, share=1.0, spent=part) for name, part in spent.items())


IMPORTANT = finding(
    "explain.importance",
    importances=tuple(
        Importance(feature=name, value=value, low=0.0, high=1.0)
        for name, value in (("a", 0.4), ("b", 0.2), ("c", 0.1), ("d", 0.0))
    ),
)


def test_the_part_in_the_attacks_stands_beside_the_importance() -> None:
    attacks = [finding("x", weaknesses=weak(c=1.0)), finding("y", weaknesses=weak(c=0.5, a=0.5))]
    told = related([IMPORTANT, *attacks])[0]
    assert [one.attacked for one in told.importances] == [0.25, 0.0, 0.75, 0.0]
    assert "most into c, which is number 3 of 4 by importance" in told.remarks[-1]


def test_attackers_who_do_not_decide_do_not_count() -> None:
    other = finding("x", weaknesses=weak(a=1.0), standing="stronger")
    assert related([IMPORTANT, other])[0] == IMPORTANT


def test_without_a_broken_row_nothing_is_said() -> None:
    assert related([IMPORTANT, finding("x")]) == (IMPORTANT, finding("x"))


def test_orders_that_agree_correlate_fully() -> None:
    told = related([IMPORTANT, finding("x", weaknesses=weak(a=0.6, b=0.3, c=0.1))])[0]
    assert "correlation of both orders is 1.00" in told.remarks[-1]


@pytest.mark.parametrize(("features", "told"), [(3, True), (2, False)])
def test_an_order_of_two_features_is_no_order_to_compare(features: int, told: bool) -> None:  # noqa: FBT001 (a row of the table)
    few = msgspec.structs.replace(IMPORTANT, importances=IMPORTANT.importances[:features])
    found = related([few, finding("x", weaknesses=weak(a=0.6, b=0.4))])[0]
    assert any("rank correlation" in remark for remark in found.remarks) == told
    assert [one.attacked for one in found.importances] == [0.6, 0.4, 0.0][:features]
