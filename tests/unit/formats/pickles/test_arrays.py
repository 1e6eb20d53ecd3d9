"""Files of joblib are walked to their end, and nobody hides instructions in their arrays."""

from fractions import Fraction

import numpy as np
import pytest

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.machine import trace_of
from bartizan.formats.pickles.trace import Trace
from joblib_corpus import ARRAYS, BYTES, ROWS, described, dtype, dumped, wrapper
from pickle_corpus import PROTOCOLS, SYSTEM, frame, short


def walked(raw: bytes, *, raw_arrays: bool = True) -> Trace:
    stream = Window.of(raw).open()
    return trace_of(stream, budget=Budget.for_file(len(raw)), raw_arrays=raw_arrays)


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", sorted(ARRAYS))
def test_every_array_is_passed_over(name: str, protocol: int, padded: bool) -> None:  # noqa: FBT001
    raw = dumped(ARRAYS[name], protocol=protocol, padded=padded)
    trace = walked(raw + b"after")
    assert (trace.ending, trace.why, trace.odd) == ("stop", "", ())
    assert trace.size_bytes == len(raw)
    assert trace.arrays == (6 if name == "many" else 1)


def test_texts_of_any_length_are_a_pickle_of_their_own() -> None:
    kind = getattr(np.dtypes, "StringDType", None)
    if kind is None:
        pytest.skip("numpy before 2.0 has no such texts")
    raw = dumped(np.array(["a", "b" * 100], dtype=kind()))
    trace = walked(raw)
    assert (trace.ending, trace.size_bytes, trace.arrays) == ("stop", len(raw), 1)


def test_calls_in_an_array_of_objects_are_told() -> None:
    raw = dumped(np.array([Fraction(1, 3)], dtype=object))
    assert "fractions.Fraction" in [str(call.callee) for call in walked(raw).calls]


def test_the_hand_made_one_is_read() -> None:
    trace = walked(wrapper(BYTES) + b"12345" + b"0N.")
    assert (trace.ending, trace.arrays, trace.odd) == ("stop", 1, ())


@pytest.mark.parametrize(
    "attributes",
    [
        described(b"J\xff\xff\xff\xff\x85", dtype("V1", 1)),
        described(b"\x8a\x08" + b"\xff" * 7 + b"\x7f\x85", dtype("V1", 1)),
        described(b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7fK\xff\x87", dtype("V1", 1)),
        described(b"K\x00J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x87", dtype("V9", 9)),
        described(b"\x8a\x0a" + b"\xff" * 9 + b"\x7f\x85", dtype("V1", 1)),
        described(b"\x88\x85", dtype("V1", 1)),
        described(b"G12345678\x85", dtype("V1", 1)),
        described(b"]", dtype("V1", 1)),
        described(b"K\x05\x85", dtype("V1", -1)),
        described(b"K\x05\x85", dtype("V1", 0)),
        described(b"K\x05\x85", dtype("i3", -1)),
        described(b"K\x05\x85", dtype("nonsense", -1)),
        described(b"K\x05\x85", dtype("O8", -1)),
        described(b"K\x05\x85", b"N"),
        described(b"K\x05\x85", short("V1")),
        short("shape") + b"K\x05\x85",
        BYTES + short("read") + short("x"),
        BYTES + b"K\x01N",
        BYTES + short("numpy_array_alignment_bytes") + SYSTEM + b")R",
    ],
)
def test_an_array_of_which_nobody_knows_the_end_is_broken(attributes: bytes) -> None:
    trace = walked(wrapper(attributes) + b"0" * 50 + b"N.")
    assert trace.ending == "broken"
    assert "joblib" in trace.why


@pytest.mark.parametrize(
    "raw",
    [
        wrapper(BYTES)[:-2] + b"u\x86",
        b"]cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81a",
        b"](cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81e",
        b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81\x85",
        b"}Ncjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81s",
        b"\x80\x04"
        + short("joblib.numpy_pickle")
        + short("NumpyArrayWrapper")
        + b"\x93)\x81q\x000h\x00",
        b"\x80\x04" + short("joblib.numpy_pickle") + short("NumpyArrayWrapper") + b"\x93)\x812",
        SYSTEM + b"(cjoblib.numpy_pickle\nNumpyArrayWrapper\ntR",
        b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n(NtR}b",
        b"(ijoblib.numpy_pickle\nNumpyArrayWrapper\n(lb",
    ],
)
def test_what_stands_for_an_array_goes_nowhere_else(raw: bytes) -> None:
    assert walked(raw + b"N.").ending == "broken"


def test_a_dict_that_changes_behind_our_back_counts_as_changed() -> None:
    changed = b"}q\x09(" + BYTES + b"u" + b"h\x09(" + short("shape") + b"K\x07\x85u0b"
    raw = wrapper(b"")[:-4] + changed + b"1234567" + b"0N."
    trace = walked(raw)
    assert (trace.ending, trace.arrays) == ("stop", 1)


def test_an_array_in_the_middle_of_a_frame_is_not_followed() -> None:
    body = wrapper(BYTES)[2:]
    trace = walked(b"\x80\x04" + frame(body + SYSTEM + b")R0N.") + b"12345")
    assert trace.ending == "broken"
    assert "middle of a frame" in "".join(trace.odd)


@pytest.mark.parametrize("code", [b"cm\nf\n)R0", b"cm\nC\n)\x81h\x09b0", b"cm\nx\nh\x09a0"])
def test_a_description_that_code_may_have_changed_is_none(code: bytes) -> None:
    raw = wrapper(b"")[:-4] + b"}q\x09(" + BYTES + b"u" + code
    assert walked(raw[: -len(code)] + b"b" + b"12345" + b"0N.").ending == "stop"
    trace = walked(raw + b"b" + b"12345" + b"0N.")
    assert (trace.ending, trace.arrays) == ("broken", 0)


def test_a_padding_that_joblib_does_not_write_is_odd() -> None:
    attributes = BYTES + short("numpy_array_alignment_bytes") + b"K\x10"
    odd = walked(wrapper(attributes) + b"c" + b"x" * 99 + b"12345" + b"0N.")
    assert (odd.ending, len(odd.odd)) == ("stop", 1)
    assert walked(wrapper(attributes) + b"\x02\xff\xff" + b"12345" + b"0N.").odd == ()


def test_a_cut_array_says_so() -> None:
    raw = dumped(ROWS)
    assert walked(raw[:-20]).ending == "cut"


def test_an_array_in_another_file_is_odd() -> None:
    raw = b"\x80\x04" + short("joblib.numpy_pickle") + short("NDArrayWrapper") + b"\x93)\x81}b."
    trace = walked(raw)
    assert trace.ending == "stop"
    assert "another file" in trace.odd[0]


def test_a_plain_unpickler_takes_the_array_for_instructions() -> None:
    payload = b"0" + SYSTEM + b")R."
    attributes = described(b"K" + bytes([len(payload)]) + b"\x85", dtype("V1", 1))
    raw = wrapper(attributes) + payload + b"0N."
    assert [str(f.name) for f in walked(raw).imports][-1] == "numpy.dtype"
    plain = walked(raw, raw_arrays=False)
    assert [str(call.callee) for call in plain.calls][-1] == "os.system"
