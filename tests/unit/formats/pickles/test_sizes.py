"""Large pickles take little time and no memory, measured in a process of their own."""

import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import pytest

FLOATS = 300_000
MEASURE = """
import os, sys
from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.machine import trace_of
from timing import least
window = Window.of_file(os.open(sys.argv[1], os.O_RDONLY))
def peak():
    status = open("/proc/self/status").read()  # getrusage counts the process before exec as well
    return int(status.split("VmHWM:")[1].split()[0])


def read():
    return trace_of(window.open(), budget=Budget.for_file(window.size))


before = peak()
trace = read()
grown = peak() - before
took, _ = least(read, enough=float(sys.argv[2]))
if sys.argv[3:]:
    import pickletools

    def apart():
        with open(sys.argv[1], "rb") as file:
            for _ in pickletools.genops(file):
                pass

    took /= least(apart)[0]
print(trace.ending, trace.size_bytes == window.size, took, grown // 1024)
"""


def told(path: Path, *more: object, code: str = MEASURE) -> tuple[str, str, float, int]:
    """How the trace ends, whether all was read, seconds of the fastest try, and MiB of the first.

    Args:
        path: The pickle.
        more: Seconds that are few enough to try no more; and, for a ratio to pickletools, a word.
        code: What measures.
    """
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), *map(str, more)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    ending, whole, took, grown = done.stdout.split()
    return ending, whole, float(took), int(grown)


def measured(path: Path, *more: object) -> tuple[float, int]:
    """Seconds, or their ratio to pickletools, and MiB beyond what was there before."""
    ending, whole, took, grown = told(path, *more)
    assert (ending, whole) == ("stop", "True")
    return took, grown


def test_numbers_are_read_ten_times_as_fast_as_pickletools_does(tmp_path: Path) -> None:
    path = tmp_path / "floats.pkl"
    path.write_bytes(pickle.dumps([i / 7 for i in range(FLOATS)]))
    ratio, grown = measured(path, 0, "ratio")
    assert ratio < 0.1
    assert grown < 8


def test_a_large_array_is_passed_over(tmp_path: Path) -> None:
    path, size = tmp_path / "bytes.pkl", 200 << 20
    with path.open("wb") as file:
        file.write(b"\x80\x04\x8e" + struct.pack("<Q", size))
        file.seek(size, 1)
        file.write(b".")
    took, grown = measured(path, 1)
    assert took < 1
    assert grown < 8


@pytest.mark.parametrize(
    "raw",
    [
        b"(" * 200_000,
        b"]" * 500_000,
        b"N" + b"\x94" * 500_000,
        b"N\x85" + b"2\x86" * 100_000,
        b"N\x85\x94" * 100_000,
        b"cm\nf\nq\x00" + b"h\x00(h\x00h\x00tR0" * 20_000,
        b"".join(b"cm%d\nx\n0" % i for i in range(25_000)),
        b"N" + b"".join(b"r" + struct.pack("<I", 7 * i + 9) for i in range(110_000)),
        b"V" + b"x" * 1_000_000,
        b"X" + struct.pack("<I", 0xFFFFFFFF),
        b"\x8e" + struct.pack("<Q", 1 << 60),
    ],
    ids=[
        "marks",
        "lists",
        "memo",
        "nest",
        "tuples",
        "calls",
        "names",
        "far",
        "line",
        "text",
        "huge",
    ],
)
def test_nothing_that_a_stream_claims_or_piles_up_takes_memory(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.pkl"
    path.write_bytes(raw)
    code = MEASURE.replace("Budget.for_file(window.size)", "Budget(0)")
    ending, _, took, grown = told(path, 3, code=code)
    assert ending in ("broken", "cut")
    assert took < 3
    assert grown < 48
