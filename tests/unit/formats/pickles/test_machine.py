"""The machine against CPython: the same instructions, the same names, in the same order."""

import pickle

import pytest

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.machine import trace_of
from bartizan.formats.pickles.trace import Trace

PROTOCOLS = range(6)


def walked(raw: bytes, *, raw_arrays: bool = True) -> Trace:
    stream = Window.of(raw).open()
    return trace_of(stream, budget=Budget.for_file(len(raw)), raw_arrays=raw_arrays)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_is_walked_to_its_end(protocol: int) -> None:
    raw = pickle.dumps([1, 2.5, "x", {"a": (1, b"2")}, {1, 2}, Budget(3)], protocol)
    trace = walked(raw + b"more")
    assert (trace.ending, trace.size_bytes, trace.odd) == ("stop", len(raw), ())


def test_the_classic_payload_is_a_call() -> None:
    trace = walked(b"cos\nsystem\n(S'id'\ntR.")
    assert [str(found.name) for found in trace.imports] == ["os.system"]
    assert [(str(call.callee), call.arguments) for call in trace.calls] == [("os.system", ("id",))]
