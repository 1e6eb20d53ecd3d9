"""Pickles in a row, each read in every way that a loader may read it."""

import io
import pickle

import joblib
import numpy as np
import pytest

from bartizan.formats.content import Budget, Content, Expanded, Window
from bartizan.formats.pickles.stacked import pickles_of
from bartizan.formats.pickles.trace import Trace
from joblib_corpus import ARRAYS, described, dtype, dumped, wrapper
from pickle_corpus import CALL, PROTOCOLS, SYSTEM


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
