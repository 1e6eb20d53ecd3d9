"""Broken and hostile pickles by the thousand: the machine beside CPython's own unpicklers.

A long run: ``BARTIZAN_FUZZ_ROUNDS=100000 pytest tests/fuzz``. It happens in a process of its own
with little memory, where every import, opened file and the like is noticed.
"""

import copyreg
import io
import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import joblib
import joblib.numpy_pickle
import numpy as np

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.machine import trace_of
from bartizan.formats.pickles.opcodes import OPCODES
from bartizan.formats.pickles.plausible import plausible
from bartizan.formats.pickles.stacked import pickles_of
from bartizan.formats.pickles.trace import Trace
from pickle_corpus import HOSTILE, PROTOCOLS, dumped
from unpicklers import Log, plain_unpicklers, ran_by

ROUNDS = 2_000
"""Where nobody asks for more: a few seconds."""
SEED = 20_261_121
PROGRAMS = 0.4
"""Of the rounds are no mutated pickles, but instructions at random."""
MEMORY_BYTES = 3 << 30
"""Of the process: CPython's memo takes what a number claims, and numpy some hundred MB."""
READONLY_BUFFER = b"\x98"
"""Over which CPython 3.11 crashes now and then."""
PATH_BYTES = 4096
"""No module has a longer name, so that no loader comes past one."""
WATCHED = (
    "import",
    "open",
    "exec",
    "compile",
    "os.",
    "socket.",
    "subprocess.",
    "pickle.",
    "ctypes.",
)


def test_mutated_pickles_run_nothing_and_hide_nothing() -> None:
    rounds = int(os.environ.get("BARTIZAN_FUZZ_ROUNDS", ROUNDS))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, str(rounds)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60 + rounds,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert done.stdout.startswith(f"{rounds} rounds")


WORDS = (
    *(
        bytes([code])
        for code in b"N)]}((tldaesu012oRb.\x85\x86\x87\x8f\x90\x91\x93\x94\x81\x92\x88"
    ),
    *(b"q\x00", b"q\x01", b"q\x05", b"h\x00", b"h\x01", b"h\x05", b"p7\n", b"g7\n", b"\x97"),
    *(b"cos\nsystem\n", b"c__builtin__\neval\n", b"ios\nsystem\n", b"\x8c\x02os", b"U\x06system"),
    *(
        b"K\x01",
        b"I01\n",
        b"C\x01x",
        b"\x80\x02",
        b"\x80\x04",
        b"Pid\n",
        b"Q",
        b"\x82\x01",
        b"L5L\n",
        b"F1\n",
    ),
)
"""Of random programs: every kind of instruction, most of them without an argument."""


def programmed(generator: random.Random) -> bytes:
    """Instructions at random, of which some dozen run before one fails."""
    known = b"".join(generator.choice(WORDS[:16]) for _ in range(3))
    return known + b"".join(generator.choice(WORDS) for _ in range(generator.randrange(5, 40)))


def mutated(generator: random.Random, corpus: list[bytes]) -> bytes:
    """One pickle of the corpus, with something wrong in it."""
    raw = bytearray(generator.choice(corpus)[:5_000])
    for _ in range(generator.choice((1, 1, 2, 5))):
        place = generator.randrange(len(raw) + 1)
        other = generator.choice(corpus)[:5_000]
        cut = generator.randrange(len(other) + 1)
        match generator.randrange(7):
            case 0:
                raw[place : place + 1] = bytes([generator.randrange(256)])
            case 1:
                raw[place:place] = generator.choice(OPCODES).code
            case 2:
                raw[place : place + 1] = generator.choice(OPCODES).code
            case 3:
                del raw[place : place + generator.randrange(9)]
            case 4:
                raw[place:place] = other[cut : cut + generator.randrange(40)]
            case 5:
                raw[place:] = other[cut:]
            case _:
                raw[place : place + 1] = bytes(
                    [raw[place] ^ 1 << generator.randrange(8)] if place < len(raw) else []
                )
    return bytes(raw)


def check(raw: bytes, *, watch: list[str]) -> None:
    """The machine tells everything that an unpickler would run, in the same order."""
    watch.append("on")
    window = Window.of(raw)
    trace = trace_of(window.open(), budget=Budget.for_file(len(raw)), raw_arrays=False)
    arrays = trace_of(window.open(), budget=Budget.for_file(len(raw)))
    list(pickles_of(window, budget=Budget.for_file(len(raw))))
    plausible(raw[:4096])
    watch.append("off")
    assert 0 <= trace.size_bytes <= len(raw)
    if READONLY_BUFFER not in raw:
        for base in plain_unpicklers():
            compare(trace, ran_by(base, raw), raw)
    if b"NumpyArrayWrapper" in raw:
        apart(lambda: compare(arrays, ran_by(joblib_unpickler(), raw, real=real), raw, calls=False))


def apart(job: Callable[[], None]) -> None:
    """Do something in a process of its own, as numpy crashes over a broken type of arrays."""
    child = os.fork()
    if not child:
        try:
            job()
        except AssertionError as error:
            print(error, flush=True)  # noqa: T201 - read by the test
            os._exit(7)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 7


def compare(trace: Trace, log: Log, raw: bytes, *, calls: bool = True) -> None:
    """What an unpickler ran is the beginning of what the trace says.

    Where a frame is wrong, unpicklers disagree: the one in C drops bytes at the end of a frame if
    it reads from a file, and not if it reads from memory. The trace says that it is odd.
    """
    if any("frame" in odd for odd in trace.odd):
        return
    if trace.ending == "broken" and "joblib" in trace.why:
        return  # what is not exactly as joblib writes it is followed no further
    if any(b.endswith("ArrayWrapper") and a != "joblib.numpy_pickle" for a, b in log.found):
        return  # taken for joblib's, wherever it is said to come from
    found = [(item.spelled.module, item.spelled.name) for item in trace.imports]
    told = [
        ("state" if call.how == "state" else "new")
        for call in trace.calls
        if call.how != "fill" and not (call.callee and call.callee.name.endswith("__setstate__"))
    ]
    known, ran = log.found, log.ran
    beyond = is_beyond(trace, known[len(found) :], ran[len(told) :])
    if beyond:
        known, ran = known[: len(found)], ran[: len(told)]
    assert same(known, found[: len(known)]), (raw, known, found)
    kinds = [kind for kind, _ in ran]
    if calls:
        assert kinds == told[: len(kinds)], (raw, kinds, told)
    if log.whole and not beyond:
        assert trace.ending == "stop", (raw, trace)
        assert trace.size_bytes == log.size or trace.odd, (raw, trace, log.size)


def is_beyond(trace: Trace, known: list[tuple[str, str]], ran: list[tuple[str, str]]) -> bool:
    """Whether an unpickler came past what ends it everywhere but here.

    With nothing behind the names it finds a module whose name is longer than any path, and calls
    types of arrays as if they were functions.

    Args:
        trace: Ends there.
        known: Names that the unpickler looked up beyond it.
        ran: What it ran beyond it.
    """
    if "longer than any path" in trace.why:
        return any(len(module) > PATH_BYTES for module, _ in known[:1])
    return "that cannot be called" in trace.why and ran[:1] in (
        [("new", "?")],
        [("new", "numpy.dtype")],
    )


def same(known: list[tuple[str, str]], told: list[tuple[str, str]]) -> bool:
    """Whether names agree; what cannot be a name may be told as computed."""
    return len(known) <= len(told) and all(
        b in (a, "<computed>") or len(a) > 200 or not a.isprintable()
        for pair, other in zip(known, told, strict=True)
        for a, b in zip(pair, other, strict=True)
    )


def real(module: str, name: str) -> object:
    """What joblib needs to read arrays."""
    if (module, name) == ("joblib.numpy_pickle", "NumpyArrayWrapper"):
        return joblib.numpy_pickle.NumpyArrayWrapper
    if (module, name) in {("copy_reg", "_reconstructor"), ("copyreg", "_reconstructor")}:
        return vars(copyreg)["_reconstructor"]  # makes the wrapper in protocols 0 and 1
    return {
        ("numpy", "dtype"): np.dtype,
        ("numpy", "ndarray"): np.ndarray,
        ("__builtin__", "object"): object,
        ("builtins", "object"): object,
    }.get((module, name))


def joblib_unpickler() -> Any:
    return joblib.numpy_pickle.NumpyUnpickler


def corpus() -> list[bytes]:
    """Honest pickles, hostile ones, and those of joblib."""
    raws = [raw for protocol in PROTOCOLS for raw in dumped(protocol)] + list(HOSTILE.values()) * 4
    arrays = [np.arange(5.0), {"a": np.zeros((2, 3), "i2"), "b": np.array(["x"])}]
    for item in (*arrays, np.array([{}, "a"], dtype=object), arrays):
        for protocol in PROTOCOLS:
            buffer = io.BytesIO()
            joblib.dump(item, buffer, protocol=protocol)
            raws += [buffer.getvalue()] * 2
    return raws


def noticed(events: Iterable[str]) -> list[str]:
    """What happened between `on` and `off`."""
    bad, watching = [], False
    for event in events:
        watching = event == "on" or (watching and event != "off")
        if watching and event != "on":
            bad.append(event)
    return bad


def main(rounds: int) -> None:
    """Run so many rounds."""
    raws, generator = corpus(), random.Random(SEED)  # noqa: S311 - no secrets
    for raw in raws:
        check(raw, watch=[])  # loads whatever is loaded once
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for done in range(rounds):
        events: list[str] = []
        hook.events = events  # type: ignore[attr-defined]
        program = generator.random() < PROGRAMS
        check(programmed(generator) if program else mutated(generator, raws), watch=events)
        assert not noticed(events), (done, noticed(events))
    print(f"{rounds} rounds")  # noqa: T201 - read by the test


def hook(event: str, _: object) -> None:
    """Note what is watched."""
    if event.startswith(WATCHED):
        getattr(hook, "events", []).append(event)


if __name__ == "__main__":
    sys.addaudithook(hook)
    main(int(sys.argv[1]))
