"""What the process that reads hostile files may do: nothing but compute, for a while."""

import resource
import sys
from typing import Any

from bartizan.core.record import Record

_FORBIDDEN = frozenset(
    {
        *("compile", "exec", "import", "open", "pickle.find_class"),
        *("ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle"),
    }
)
"""Events of Python's audit that reading bytes never needs once everything is imported."""
_FAMILIES = frozenset({"ftplib", "os", "resource", "shutil", "socket", "subprocess", "urllib"})
"""Of events, by what stands before the dot."""


class Limits(Record, frozen=True, kw_only=True):
    """Of the reading process."""

    memory_bytes: int = 1 << 30
    """Address space. Python with all scanners takes a fifth of it."""
    cpu_s: int = 120
    """For one file. The largest budget of instructions takes half of it."""
    files: int = 32
    """Open at once: the three of a process, the socket, one file, and what Python keeps."""


def confine(limits: Limits) -> None:
    """Give up what reading does not need, for the rest of this process.

    The limits cannot be raised again; that of CPU grows from file to file.

    An audit hook cannot be taken away again, but native code could go around it: it is a second
    wall, not the only one.

    Source: Python documentation, audit events table; getrlimit(2).
    """
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (value, value))
    sys.addaudithook(_refuse)


def allow_cpu(seconds: int) -> None:
    """Let this process compute for so many more seconds; then the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    wanted = int(used.ru_utime + used.ru_stime) + 1 + seconds
    _, fixed = resource.getrlimit(resource.RLIMIT_CPU)
    soft = wanted if fixed == resource.RLIM_INFINITY else min(wanted, fixed)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, fixed))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """End whatever tries to do something else than compute."""
    if event == "resource.setrlimit" and arguments[0] == resource.RLIMIT_CPU:
        return
    if event in _FORBIDDEN or event.partition(".")[0] in _FAMILIES:
        message = f"a process that only reads files was about to do {event}"
        raise PermissionError(message)
