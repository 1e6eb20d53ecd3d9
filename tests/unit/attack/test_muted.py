import ctypes
import os
import subprocess
import sys

import pytest

from bartizan.attack.muted import muted

pytestmark = pytest.mark.skipif(os.name != "posix", reason="C's output is looked at through libc")

CLOSED = """
import os, sys
from bartizan.attack.muted import muted
os.close(1)
with muted():
    done = True
print(done, file=sys.stderr)
"""


def say(text: str) -> None:
    """As a library written in C would: into its buffer."""
    ctypes.CDLL(None).puts(text.encode())


def test_what_c_prints_inside_is_lost_and_before_and_after_is_kept(
    capfd: pytest.CaptureFixture[str],
) -> None:
    say("before")
    with muted():
        say("inside")
        os.write(1, b"directly\n")
    say("after")
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr().out == "before\nafter\n"


def fail() -> None:
    with muted():
        say("inside")
        raise ZeroDivisionError


def test_an_error_inside_gives_standard_output_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        fail()
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"


def lowest_free_descriptor() -> int:
    found = os.open(os.devnull, os.O_RDONLY)
    os.close(found)
    return found


def test_no_descriptor_is_left_open() -> None:
    before = lowest_free_descriptor()
    for _ in range(5):
        with muted():
            pass
    assert lowest_free_descriptor() == before


def test_a_process_without_standard_output_is_served_too() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CLOSED],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr.strip() == "True"
