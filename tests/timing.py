"""How long something takes, on machines that do other things as well."""

import gc
from collections.abc import Callable
from time import process_time
from typing import TypeVar

TRIES = 3
"""One slow try says more about the machine than about the code."""
_Made = TypeVar("_Made")


def within(seconds: float, call: Callable[[], _Made]) -> _Made:
    """What a call gives; it fails unless one of three calls takes less CPU time than this."""
    took, made = least(call, enough=seconds)
    assert took < seconds, f"{took:.2f} s at best, where {seconds} s are allowed"
    return made


def least(call: Callable[[], _Made], *, enough: float = 0.0) -> tuple[float, _Made]:
    """CPU seconds of the fastest of three calls, or of the first that is fast enough, and its gift.

    Nothing is collected meanwhile: a collection looks at all that a thousand tests have left.
    """
    best = float("inf")
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(TRIES):
            began = process_time()
            made = call()
            best = min(best, process_time() - began)
            if best < enough:
                break
    finally:
        if collecting:
            gc.enable()
    return best, made
