"""Runs the command line of an installed program over and over, without its start.

    python peer_host.py PROGRAM SECONDS MEMORY

It is run by the Python of the program's own environment and needs nothing else. Each line of its
input is a JSON list of arguments. The program is imported once, and a copy of that process (fork)
runs it for each line, as the shell would: its own main function, its own exit code. That spares it
one or two seconds of start for each file. Each answer is a line of JSON.
"""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from tempfile import TemporaryDirectory
from typing import Any

BROKE = 70
"""Exit code of a program that ended with an exception nobody caught. Python's own is 1, which is
what scanners say of a file that is unsafe; EX_SOFTWARE of sysexits.h."""


def main() -> None:
    """Answer until the input ends."""
    name, limit_s, limit_bytes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    began = time.perf_counter()
    (entry,) = entry_points(group="console_scripts", name=name)
    program = entry.load()
    _say({"start_s": time.perf_counter() - began})
    resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
    for line in sys.stdin:
        _say(_asked(program, [name, *json.loads(line)], limit_s=limit_s))


def _asked(program: Callable[[], Any], words: list[str], *, limit_s: int) -> dict[str, Any]:
    """Run it once."""
    with TemporaryDirectory() as scratch:
        began = time.perf_counter()
        child = os.fork()
        if not child:
            os.chdir(scratch)
            signal.alarm(limit_s)  # it ends the copy, wherever it is
            _run(program, words)
        _, status, used = os.wait4(child, 0)
        wall = time.perf_counter() - began
    return {
        "code": os.waitstatus_to_exitcode(status),
        "wall_s": wall,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_bytes": used.ru_maxrss * 1024,
    }


def _run(program: Callable[[], Any], words: list[str]) -> None:
    """Become the program; this never returns."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    sys.argv = words
    code: Any = BROKE
    try:
        code = program()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 (whatever it is, the program did not say anything)
        os._exit(BROKE)
    sys.stdout.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
