"""Keep what a library written in C says away from the user's standard output."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_STDOUT = 1
"""File descriptor of standard output."""


@contextmanager
def muted() -> Iterator[None]:
    """Nothing that C code prints inside this block reaches standard output.

    HiGHS prints a line while it mends a solution, whatever its options say; in the middle of
    `--json` that line would break whoever reads on. C buffers its output, so the buffers are
    emptied on both sides of the block. Where there is no standard output, nothing is done.

    Cost:
        Six calls of the system: microseconds, against milliseconds for the smallest program.
        What other threads print meanwhile is lost too: attacks print nothing.
    """
    try:
        kept = os.dup(_STDOUT)
    except OSError:  # closed, as for a service
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        _flush()
        os.dup2(nowhere, _STDOUT)
        yield
    finally:
        _flush()
        os.dup2(kept, _STDOUT)
        os.close(nowhere)
        os.close(kept)


def _flush() -> None:
    """Empty the buffers of C's own output."""
    if os.name == "posix":  # elsewhere each library has a C of its own
        ctypes.CDLL(None).fflush(None)
