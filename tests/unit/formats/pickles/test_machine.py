"""The machine against CPython: the same instructions, the same names, in the same order."""

import pickle
import pickletools
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import InputError
from bartizan.formats.content import Budget, Stream, Window
from bartizan.formats.pickles.machine import trace_of, traced
from bartizan.formats.pickles.memory.tape import Tape
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.opcodes import effects
from bartizan.formats.pickles.trace import Trace
from pickle_corpus import CALL, HOSTILE, PROTOCOLS, dumped, frame, short
from unpicklers import plain_unpicklers, ran_by

NUMBERS = {"BINFLOAT", "BININT", "BININT1", "BININT2", "INT", "FLOAT", "LONG", "APPEND"}
"""Instructions that are taken many at once."""


def walked(raw: bytes, *, raw_arrays: bool = True) -> Trace:
    stream = Window.of(raw).open()
    return trace_of(stream, budget=Budget.for_file(len(raw)), raw_arrays=raw_arrays)


def spelled(trace: Trace) -> list[tuple[str, str]]:
    return [(found.spelled.module, found.spelled.name) for found in trace.imports]


def callees(trace: Trace) -> list[str]:
    return [str(call.callee) for call in trace.calls]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_instructions_and_offsets_are_those_of_pickletools(protocol: int) -> None:
    for raw in dumped(protocol):
        visited: list[tuple[int, int]] = []

        def noted(effect: Callable[[Unpickling], None], code: int) -> Callable[[Unpickling], None]:
            def noting(it: Unpickling) -> None:
                visited.append((it.offset, code))  # noqa: B023 - used up before the next round
                effect(it)

            return noting

        table = [noted(effect, code) for code, effect in enumerate(effects())]
        trace = traced(Tape(Window.of(raw).open()), budget=Budget.for_file(len(raw)), table=table)
        known = {
            (place or 0, ord(code.code)): code.name for code, _, place in pickletools.genops(raw)
        }
        assert set(visited) <= set(known)
        assert {known[missed] for missed in set(known) - set(visited)} <= NUMBERS
        assert (trace.ending, trace.size_bytes, trace.odd) == ("stop", len(raw), ())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_runs_is_what_both_unpicklers_run(protocol: int) -> None:
    for raw in dumped(protocol):
        trace = walked(raw + b"more")
        for base in plain_unpicklers():
            log = ran_by(base, raw + b"more")
            assert log.whole
            assert log.found == spelled(trace)
            kinds = [call.how == "state" for call in trace.calls if call.how != "fill"]
            assert [kind == "state" for kind, _ in log.ran] == kinds
            assert log.size == trace.size_bytes == len(raw)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | st.decimals() | st.datetimes() | st.complex_numbers() | st.fractions() | st.uuids(),
    lambda inner: st.lists(inner)
    | st.tuples(inner, inner)
    | st.dictionaries(st.text(), inner)
    | st.lists(inner).map(tuple)
    | st.lists(inner).map(lambda items: [items, items]),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(VALUES, st.integers(0, 5))
def test_any_object_is_walked_to_its_end(value: Any, protocol: int) -> None:
    raw = pickle.dumps(value, protocol)
    trace = walked(raw)
    assert (trace.ending, trace.size_bytes, trace.odd) == ("stop", len(raw), ())
    assert spelled(trace) == ran_by(plain_unpicklers()[0], raw).found


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"frame straddled"}))
def test_nothing_that_an_unpickler_runs_is_hidden(name: str) -> None:
    trace = walked(HOSTILE[name])
    logs = [ran_by(base, HOSTILE[name]) for base in plain_unpicklers()]
    for log in logs:
        assert log.found == spelled(trace)[: len(log.found)]
        assert len(log.ran) <= len(trace.calls)
    assert max(len(log.found) for log in logs) == len(trace.imports)
    assert trace.calls


@pytest.mark.parametrize(
    ("name", "callee"),
    [
        ("python 2", "builtins.eval"),
        ("python 2 after proto 2", "subprocess.getoutput"),
        ("dotted", "shutil.os.system"),
        ("stack global of memo", "os.system"),
        ("stack global of text opcodes", "os.system"),
        ("memoize after a hole", "os.system"),
        ("number with underscore", "os.system"),
        ("escaped", "os.system"),
        ("fill of sys.path", "sys.path.extend"),
        ("state of a class", "sklearn.svm.SVC.__setstate__"),
        ("computed callee", "os.path.x"),
    ],
)
def test_what_is_called_has_the_name_that_python_looks_up(name: str, callee: str) -> None:
    assert callees(walked(HOSTILE[name]))[-1] == callee


@pytest.mark.parametrize(
    ("name", "ending", "odd"),
    [
        ("call", "stop", ""),
        ("popped", "stop", ""),
        ("broken after", "broken", ""),
        ("unknown argument after", "broken", ""),
        ("cut after", "cut", ""),
        ("inst at the end", "cut", ""),
        ("proto in the middle", "stop", "PROTO in the middle"),
        ("frame straddled", "stop", "straddles"),
        ("frame too long", "stop", "goes on after STOP"),
        ("frame in a frame", "stop", "inside of a frame"),
    ],
)
def test_an_ending_keeps_what_came_before(name: str, ending: str, odd: str) -> None:
    trace = walked(HOSTILE[name])
    assert trace.ending == ending
    assert callees(trace) == ["os.system"]
    assert odd in "".join(trace.odd)
    assert bool(trace.odd) == bool(odd)


def test_facts_have_the_offsets_of_their_instructions() -> None:
    trace = walked(b"\x80\x04N0" + HOSTILE["call"])
    assert [found.offset for found in trace.imports] == [4]
    assert [call.offset for call in trace.calls] == [4 + len(CALL) - 1]
    assert trace.calls[0].arguments == ("id",)


def test_persistent_ids_extensions_and_buffers_are_told() -> None:
    raw = b"\x80\x05Pthe id\n0K\x01Q0\x82\x07\x83\x07\x01\x84\x07\x00\x01\x00\x97\x980)R."
    trace = walked(raw)
    assert trace.ending == "stop"
    assert trace.persistent == (2, 13)
    assert trace.extensions == (7, 263, 65_543)
    assert trace.buffers == 1
    assert [call.callee for call in trace.calls] == [None]


BROKEN = (
    *(b".", b"0.", b"1.", b"2.", b"t.", b"R.", b"N)R.", b"cos\nsystem\nNR.", b"q\x00.", b"g5\n."),
    *(b"Nq\x00h\x01.", b"h\x00.", b"(g0\n.", b"Np-1\n.", b"gx\n.", b"Ix\n.", b"Fx\n.", b"Lx\n."),
    *(b"Sx\n.", b"V\\u12\n.", b"X\x01\x00\x00\x00\xff.", b"\x80\x06N.", b"\x82\x00."),
    *(b"\x84\xff\xff\xff\xff.", b"\x8b\xff\xff\xff\xff.", b"\x8e" + b"\xff" * 8),
    *(b"\x95" + b"\xff" * 8, b"NN\x93.", b"(No.", b"]NNa", b"NNa.", b"}(Nu.", b"}Ns."),
    *(b"c\xff\nx\n.", b"(i\xff\nx\n.", b"a.", b"e.", b"s.", b"b."),
)
FOLLOWED = (
    *(b"I010\n.", b"I1\0x\n.", b"I\0x\n.", b"I0x1f\n.", b"I00\n.", b"I" + b"7" * 3_000 + b"\n."),
    *(b"L5\n.", b"F1_0\n.", b"F1\0x\n.", b"\x8b\x00\x00\x00\x00.", b"N(e.", b"N(u.", b"N(\x90."),
)


@pytest.mark.parametrize("raw", BROKEN)
def test_what_no_unpickler_gets_past_is_broken(raw: bytes) -> None:
    assert not any(ran_by(base, raw).whole for base in plain_unpicklers())
    assert walked(raw).ending in ("broken", "cut")
    assert walked(raw).why


@pytest.mark.parametrize("raw", FOLLOWED)
def test_what_either_unpickler_gets_past_is_followed(raw: bytes) -> None:
    assert any(ran_by(base, raw).whole for base in plain_unpicklers())
    assert walked(raw).ending == "stop"


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_cut_pickle_says_so(cut: int) -> None:
    raw = b"\x80\x04" + frame(
        short("os") + b"\x94" + short("getcwd") + b"\x94\x93)R0G12345678J1234."
    )
    assert walked(raw[:cut]).ending == ("stop" if cut >= len(raw) else "cut")


@pytest.mark.parametrize(
    "text",
    [
        b"X" + (300).to_bytes(4, "little") + b"m" * 300,
        b"cos\ngetcwd\n)R",
        b"V" + b"m" * 201 + b"\n",
    ],
)
def test_a_name_that_nobody_can_tell_is_on_no_list(text: bytes) -> None:
    trace = walked(text + short("name") + b"\x93)R.")
    assert str(trace.imports[-1].name) == callees(trace)[-1] == "<computed>.name"


def test_python_2_names_are_translated_as_the_c_unpickler_does() -> None:
    for module, name in (
        ("__builtin__", "xrange"),
        ("copy_reg", "_reconstructor"),
        ("UserDict", "UserDict"),
    ):
        raw = f"c{module}\n{name}\n.".encode()
        thing = pickle.loads(raw)  # noqa: S301 - harmless names
        assert str(walked(raw).imports[0].name) == f"{thing.__module__}.{thing.__name__}"
        assert str(walked(b"\x80\x03" + raw).imports[0].name) == f"{module}.{name}"


def test_no_more_instructions_run_than_the_budget_has() -> None:
    raw = CALL + b"0N" * 50_000 + b"."
    trace = trace_of(Window.of(raw).open(), budget=Budget(expanded_bytes=0, opcodes=9_000))
    assert trace.ending == "broken"
    assert "9,000 opcodes" in trace.why
    assert callees(trace) == ["os.system"]
    assert trace.size_bytes < 20_000


class Failing:
    """A stream that cannot be read on."""

    position = 0

    def __init__(self, raw: bytes) -> None:
        self.stream: Stream = Window.of(raw).open()

    def read(self, size: int) -> bytes:
        if found := self.stream.read(min(size, 10)):
            return found
        message = "cannot be unpacked on"
        raise InputError(message)

    def skip(self, size: int) -> int:
        return self.stream.skip(size)


def test_a_stream_that_fails_ends_the_trace_and_keeps_it() -> None:
    trace = trace_of(Failing(CALL), budget=Budget(expanded_bytes=0))
    assert (trace.ending, trace.why) == ("cut", "cannot be unpacked on")
    assert callees(trace) == ["os.system"]


def test_nothing_is_imported() -> None:
    before = set(sys.modules)
    walked(b"cantigravity\nfly\n)R(iturtle\nTurtle\n.")
    assert not {"antigravity", "turtle"} & (set(sys.modules) - before)
