"""`getattr` is only called, of a class of the list and a text, and what comes out is judged."""

import datetime as dt
import pickle
import zoneinfo
from typing import Any

import pytest

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.attributes import attribute
from bartizan.formats.pickles.judged import judged
from bartizan.formats.pickles.trace import Made, Name

GET, ZONE = b"cbuiltins\ngetattr\n", b"czoneinfo\nZoneInfo\n"
UNPICKLE = GET + b"(" + ZONE + b"V_unpickle\ntR"


def rules(raw: bytes) -> set[str]:
    found = judged(Window.of(raw), budget=Budget.for_file(len(raw)))
    return {one.rule for one in found.objections}


def honest() -> list[Any]:
    berlin, tokyo = zoneinfo.ZoneInfo("Europe/Berlin"), zoneinfo.ZoneInfo("Asia/Tokyo")
    moment = dt.datetime(2026, 1, 1, tzinfo=berlin)
    return [berlin, [berlin, tokyo, moment], {"how": str.lower, "then": [str.split, str.lower]}]


@pytest.mark.parametrize("protocol", range(6))
def test_zones_and_methods_of_texts_are_clean(protocol: int) -> None:
    for thing in honest():
        assert rules(pickle.dumps(thing, protocol=protocol)) == set(), thing


@pytest.mark.parametrize(
    "raw",
    [
        UNPICKLE + b"(V../../etc/shadow\nI01\ntR.",
        UNPICKLE + b"(V/etc/shadow\nI01\ntR.",
        ZONE + b"(Vdateutil//etc/zone\ntR.",
        GET + b"(cos\nenviron\nVcopy\ntR.",
        GET + b"(cbuiltins\nstr\nV__class__\ntR.",
        GET + b"(cbuiltins\nstr\nVformat\ntR.",
        GET + b"(" + UNPICKLE + b"V__func__\ntR.",  # of what came out
        GET + b"(" + ZONE + b"V_unpickle\nNtR.",
        GET + b"(N" + b"V_unpickle\ntR.",
        GET + b"(" + GET + b"V__call__\ntR.",
        GET + b"(cbuiltins\nstr\nVlower\ntR(V\xc3\x84\ntR.",  # a value is called
    ],
)
def test_anything_else_that_it_could_look_up_is_malicious(raw: bytes) -> None:
    assert rules(raw) & {"call", "danger", "computed"}, rules(raw)


@pytest.mark.parametrize(
    "raw",
    [
        GET + b".",
        b"(l" + GET + b"a.",
        b"}(Vkey\n" + GET + b"u.",
        GET + b"p0\n(" + ZONE + b"V_unpickle\ntRg0\n\x86.",  # called once, and kept
        b"(" + GET + b"2(" + ZONE + b"V_unpickle\ntRt.",  # a copy is called
        b"csklearn.preprocessing._function_transformer\nFunctionTransformer\n)\x81}(Vfunc\n"
        + GET
        + b"ub.",
    ],
)
def test_whoever_keeps_it_is_told(raw: bytes) -> None:
    assert rules(raw) - {"broken"}, rules(raw)


def test_only_a_name_and_a_text_are_a_name() -> None:
    text = Name("builtins", "str")
    assert attribute((text, "lower")) == Name("builtins", "str.lower")
    for given in ((text,), (text, "a.b"), (Made(text), "lower"), (text, text), ("str", "lower")):
        assert attribute(given) is None


def test_nothing_is_hidden_behind_a_thousand_honest_ones() -> None:
    one = b"(" + ZONE + b"V_unpickle\ntR(VUTC\nI01\ntR0"
    many = GET + b"p0\n" + one + (b"g0\n" + one) * 1100
    for last in (b"V__reduce__\ntR(tR.", b"V_unpickle\ntR(V../../etc/x\nI01\ntR."):
        assert "call" in rules(many + b"g0\n(" + ZONE + last)
    assert rules(many + b"N.") == set()
