"""Pickles in a row, each read in every way that a loader may read it."""

import datetime as dt
import io
import pickle
from decimal import Decimal
from fractions import Fraction

import joblib
import numpy as np
import pytest

from bartizan.formats.content import Budget, Content, Expanded, Window
from bartizan.formats.pickles.objections import objections
from bartizan.formats.pickles.stacked import pickles_of
from bartizan.formats.pickles.trace import Trace
from joblib_corpus import ARRAYS, described, dtype, dumped, wrapper
from pickle_corpus import CALL, PROTOCOLS, SYSTEM, short

OBJECTS = {
    "texts": np.array(["a", None], dtype=object),
    "numbers": np.array([np.float64(1), np.float64(2), np.int32(3)], dtype=object),
    "days": np.array([dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)], dtype=object),
    "money": np.array([Decimal(1), Fraction(1, 2)], dtype=object),
    "arrays": np.array([np.arange(2), np.arange(3)], dtype=object),
    "mixed": np.array([np.arange(3), np.array(["z", None], dtype=object)], dtype=object),
    "dicts": np.array([{"a": 1}, {3}, [1, 2]], dtype=object),
    "random": np.array([np.random.default_rng(0), np.random.RandomState(0)], dtype=object),
}


def read(content: bytes | Content) -> list[Trace]:
    whole = Window.of(content) if isinstance(content, bytes) else content
    return list(pickles_of(whole, budget=Budget(expanded_bytes=0)))


def test_every_pickle_of_a_row_is_told() -> None:
    parts = [pickle.dumps(1), pickle.dumps({"a": 2}, 0), CALL + b".", pickle.dumps(3, 4)]
    traces = read(b"".join(parts) + b"and more")
    assert [trace.size_bytes for trace in traces] == [len(part) for part in parts]
    begin = len(parts[0]) + len(parts[1])
    assert [call.offset for call in traces[2].calls] == [begin + len(CALL) - 1]


def test_the_row_ends_where_one_is_broken() -> None:
    assert [trace.ending for trace in read(b"N." + CALL + b"\xff" + b"N.")] == ["stop", "broken"]


def test_a_row_may_be_longer_than_what_is_read_ahead() -> None:
    part = pickle.dumps(b"x" * 100_000)
    traces = read(Expanded(Window.of(part * 12).open))
    assert [trace.size_bytes for trace in traces] == [len(part)] * 12


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_honest_files_of_joblib_hold_nothing_more_for_a_plain_unpickler(protocol: int) -> None:
    for item in ARRAYS.values():
        for padded in (True, False):
            raw = dumped(item, protocol=protocol, padded=padded)
            traces = read(raw + raw)
            assert [(trace.ending, trace.odd) for trace in traces] == [("stop", ())] * 2
            assert sum(trace.size_bytes for trace in traces) == 2 * len(raw)


def test_what_only_a_plain_unpickler_runs_is_told() -> None:
    payload = b"0" + SYSTEM + b")R."
    attributes = described(b"K" + bytes([len(payload)]) + b"\x85", dtype("V1", 1))
    first = pickle.dumps(0)
    (_, trace) = read(first + wrapper(attributes) + payload + b"0N.")
    assert trace.ending == "stop"
    assert str(trace.calls[-1].callee) == "os.system"
    assert trace.calls[-1].offset == len(first) + len(wrapper(attributes)) + len(payload) - 2
    assert trace.odd


def test_what_only_joblib_runs_is_told() -> None:
    hidden = described(b"K\x05\x85", dtype("V1", 1))
    raw = wrapper(hidden) + b"B\xff\xff\xff\xff" + b"0" + CALL + b"."
    assert [str(call.callee) for call in read(raw)[0].calls][-1] == "os.system"


def test_names_mixed_up_with_those_around_an_array_of_objects_count_if_they_exist() -> None:
    inner = b"\x80\x04\x8c\x04fine\x94\x8c\x04name\x940h\x00h\x01\x93)R."
    outer = wrapper(described(b"K\x01\x85", dtype("O8", -1, 63)))
    raw = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x9400" + outer[2:] + inner + b"0N."
    (trace,) = read(raw)
    assert {"fine.name", "os.system"} <= {str(call.callee) for call in trace.calls}


def hidden(payload: bytes, *, before: bytes = b"") -> bytes:
    """A file in which a plain unpickler takes the array for instructions, and goes on behind it."""
    attributes = described(b"K" + bytes([len(payload)]) + b"\x85", dtype("V1", 1))
    return before + wrapper(attributes) + payload


def test_a_memo_that_array_bytes_rewrite_hides_no_call() -> None:
    ours = short("collections") + b"q\x000" + short("OrderedDict") + b"q\x010)q\x020"
    theirs = short("torch.utils.collect_env") + b"q\x000" + short("run") + b"q\x010"
    theirs += short("id") + b"\x85q\x020"
    raw = b"\x80\x04" + ours + hidden(b"0" + theirs + b"N") + b"0h\x00h\x01\x93h\x02R."
    (trace,) = read(raw)
    told = {(str(call.callee), call.arguments) for call in trace.calls}
    assert {("collections.OrderedDict", ()), ("torch.utils.collect_env.run", ("id",))} <= told
    assert "torch.utils.collect_env.run" in {str(found.name) for found in trace.imports}
    assert trace.odd


def test_arguments_that_array_bytes_change_are_told() -> None:
    ours = short("latin1") + b"q\x000"
    theirs = b"0" + short("evil") + b"q\x000N"
    raw = b"\x80\x04" + ours + hidden(theirs) + b"0c_codecs\nencode\n" + short("x") + b"h\x00\x86R."
    (trace,) = read(raw)
    told = [call.arguments for call in trace.calls if str(call.callee) == "_codecs.encode"]
    assert told == [("x", "latin1"), ("x", "evil")]
    assert objections(trace)


def test_what_a_plain_unpickler_would_do_beyond_our_limits_is_not_known() -> None:
    raw = hidden(b"0" + b"(" * 200 + b"N")
    raw = raw[:-1] + b"N0" * 50 + b"0N."
    (trace, *_) = pickles_of(Window.of(raw), budget=Budget(0, opcodes=400))
    assert trace.limited
    assert trace.ending == "broken"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_arrays_of_objects_in_honest_files_speak_against_nothing(name: str, protocol: int) -> None:
    for item in (OBJECTS[name], {"labels": OBJECTS[name]}, {"k": 1, "x": "y", "l": OBJECTS[name]}):
        (trace,) = read(dumped(item, protocol=protocol))
        assert not objections(trace)


def test_no_more_than_a_few_are_read_twice() -> None:
    buffer = io.BytesIO()
    for _ in range(9):
        joblib.dump(np.zeros(3), buffer)
    odd = [trace.odd for trace in read(buffer.getvalue())]
    assert [bool(said) for said in odd] == [False] * 8 + [True]


def test_a_file_of_stops_runs_into_the_budget() -> None:
    traces = list(pickles_of(Window.of(b"N." * 10_000), budget=Budget(0, opcodes=3_200)))
    assert len(traces) < 100
    assert traces[-1].ending == "broken"
