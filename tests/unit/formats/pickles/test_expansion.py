"""What is small, and endless for whoever prints, compares or hashes it."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.judged import judged
from bartizan.formats.pickles.machine import trace_of

DEEP = 30


def unfolds(raw: bytes) -> int:
    return trace_of(Window.of(raw).open(), budget=Budget.for_file(len(raw))).unfolds


def rules(raw: bytes) -> list[str]:
    return [one.rule for one in judged(Window.of(raw), budget=Budget.for_file(len(raw))).objections]


def nested(step: Callable[[Any, int], Any], depth: int = DEEP) -> Any:
    value: Any = ["x"]
    for level in range(depth):
        value = step(value, level)
    return value


TWICE: dict[str, Callable[[Any, int], Any]] = {
    "list": lambda one, _: [one, one],
    "tuple": lambda one, _: (one, one),
    "long tuple": lambda one, _: (*range(70), one, one),
    "dict": lambda one, _: {"a": one, "b": one},
    "attributes": lambda one, _: {"shape": one, "order": one},
    "list in a tuple": lambda one, _: ([one], [one]),
    "turns": lambda one, level: [one, one] if level % 2 else {"a": (one,), "b": (one,)},
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", TWICE)
def test_what_holds_the_same_twice_at_each_level_is_an_expansion(kind: str, protocol: int) -> None:
    raw = pickle.dumps(nested(TWICE[kind]), protocol)
    assert unfolds(raw) > 2**DEEP
    assert rules(raw) == ["expansion"]


@pytest.mark.parametrize("kind", TWICE)
def test_a_few_levels_are_none(kind: str) -> None:
    assert rules(pickle.dumps(nested(TWICE[kind], depth=15))) == []


def test_frozensets_and_keys_unfold_too() -> None:
    doubled = b"".join(
        b"q%c0(h%ch%c\x86h%ce\x91".replace(b"e", b"") % ((n,) * 4) for n in range(DEEP)
    )
    assert rules(b"\x80\x04)" + doubled + b".") == ["expansion"]


@pytest.mark.parametrize("twice", [b"h%ch%c", b"h%c2h%c0", b"h%c\x85h%c\x85", b"h%ch%c\x86\x85"])
def test_lists_that_are_put_together_from_above_are_an_expansion(twice: bytes) -> None:
    made = b"".join(b"]q%c0" % n for n in range(DEEP + 1))
    filled = b"".join(b"h%c(" % n + twice % (n + 1, n + 1) + b"e0" for n in range(DEEP))
    raw = b"\x80\x02" + made + filled + b"h\0."
    assert 1 <= len(pickle.loads(raw)) <= 2  # noqa: S301 (lists only)
    assert rules(raw) == ["expansion"]


@pytest.mark.parametrize("protocol", range(6))
def test_how_much_plain_values_unfold_to_is_how_many_there_are(protocol: int) -> None:
    row = list(range(100))
    for value in (
        row,
        [tuple(row[:99])],
        [float(one) for one in row],
        dict.fromkeys(map(str, row[:50]), 1),
    ):
        assert unfolds(pickle.dumps(value, protocol)) == 101
    assert unfolds(pickle.dumps([row] * 7, protocol)) == 1 + 7 * 101


def test_models_may_share_one_large_value_many_times() -> None:
    words = {f"word{one}": one for one in range(20_000)}
    raw = pickle.dumps([{"words": words, "tree": one} for one in range(10_000)])
    assert unfolds(raw) > 100_000_000
    assert rules(raw) == []


def test_values_that_hold_themselves_are_none() -> None:
    rows: list[Any] = []
    rows.append(rows)
    pair: tuple[Any, ...] = ([],)
    pair[0].append(pair)
    root: dict[str, Any] = {"above": None}
    root["below"] = [{"above": root, "root": root, "number": one} for one in range(5_000)]
    chain: dict[str, Any] = {}
    for _ in range(100):
        chain = {"below": chain}
        chain["below"]["above"] = chain
    for value in (rows, pair, root, chain):
        for protocol in range(6):
            assert rules(pickle.dumps(value, protocol)) == []
