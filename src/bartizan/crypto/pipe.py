"""From what writes to what reads, through memory of a fixed size."""

import os
from collections.abc import Callable
from threading import Thread
from typing import BinaryIO, Protocol


class Writable(Protocol):
    """What can be written to."""

    def write(self, part: bytes, /) -> int:
        """Take the next bytes."""
        ...

    def flush(self) -> None:
        """Pass on what is held back."""
        ...


def through_pipe(fill: Callable[[BinaryIO], object], drain: Callable[[BinaryIO], object]) -> None:
    """Let `fill` write what `drain` reads; what either raises is raised.

    Where `fill` fails, `drain` sees an early end first: its result is to be thrown away.

    Cost: one thread, and what the system keeps of a pipe (64 KiB on Linux).
    """
    outlet, inlet = os.pipe()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with os.fdopen(inlet, "wb") as sink:
                fill(sink)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failed.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        with os.fdopen(outlet, "rb") as source:
            drain(source)
    finally:
        thread.join()
    if failed:
        raise failed[0]
