"""A closed language, and three answers."""

from itertools import product

import pytest

from bartizan.core.errors import ConfigError
from bartizan.threat.condition import NO, YES, Answer, Condition, Missing, both, either, opposite

_OPEN = Answer("unknown", frozenset({Missing("system", "stakes")}))
_ALL = (YES, NO, _OPEN)


@pytest.mark.parametrize(("a", "b"), list(product(_ALL, repeat=2)))
def test_not_both_is_either_not(a: Answer, b: Answer) -> None:
    # De Morgan holds in Kleene's logic, with what is missing carried along
    assert opposite(both([a, b])) == either([opposite(a), opposite(b)])


@pytest.mark.parametrize("one", _ALL)
def test_twice_opposite_is_the_same(one: Answer) -> None:
    assert opposite(opposite(one)) == one


def test_one_no_decides_whatever_is_unknown() -> None:
    assert both([_OPEN, NO]) == NO
    assert either([_OPEN, YES]) == YES


def test_what_is_missing_is_gathered() -> None:
    other = Answer("unknown", frozenset({Missing("element api", "auth")}))
    assert len(both([_OPEN, other]).missing) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": ("api",), "trust": ("untrusted",)},
        {"is_": True},
        {"attribute": "auth"},
        {"attribute": "retention_days", "is_": "x", "above": 3},
    ],
)
def test_a_condition_that_asks_nothing_or_two_things_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Condition(**fields)  # type: ignore[arg-type]
