import pytest

from bartizan.data.inspections import growth
from bartizan.data.rules import Rules
from unit.data.batches import clean, cut, inspected, outcome, told


@pytest.mark.parametrize(
    ("before", "share", "found"),
    [
        (100, 0.0, "pass"),
        (67, 0.0, "pass"),
        (66, 0.01, "fail"),
        (40, 0.4, "fail"),
        (0, 1.0, "fail"),
    ],
)
def test_rows_beyond_the_allowed_number_fail(before: int, share: float, found: str) -> None:
    brief = told(before_rows=before, rules=Rules(growth=1.5))
    result = inspected(growth, cut(clean(100), size=30), brief=brief)
    assert result.measures[0].value == pytest.approx(share)
    assert outcome(growth, result) == found


def test_a_loss_of_rows_is_told() -> None:
    brief = told(before_rows=400, rules=Rules(growth=1.5))
    result = inspected(growth, cut(clean(100)), brief=brief)
    assert result.measures[1].value == pytest.approx(0.75)
    assert "300 rows fewer" in result.remarks[1]
    assert outcome(growth, result) == "pass"


def test_a_rule_may_ask_for_fewer_rows() -> None:
    brief = told(before_rows=100, rules=Rules(growth=0.5))
    assert inspected(growth, cut(clean(100)), brief=brief).measures[0].value == pytest.approx(0.5)


def test_it_says_what_it_lacks() -> None:
    assert growth.applies(told(rules=Rules())) == "No rule says how much the data may grow."
    assert growth.applies(told(before_rows=None)).startswith("No version was registered")
