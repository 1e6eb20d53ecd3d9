"""What reads hostile files can compute and nothing else, and its end is not ours."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bartizan.core.errors import InputError
from bartizan.supply.scan.confined import Confined

ESCAPES = {
    "open a file": "open('/etc/hostname')",
    "write a file": "open('written', 'w')",
    "list a folder": "import os; os.listdir('/')",
    "run a command": "os.system('true')",
    "start a process": "subprocess.Popen(['true'])",
    "become another program": "os.execv('/bin/true', ['true'])",
    "look a name up": "socket.getaddrinfo('localhost', 80)",
    "connect": "socket.create_connection(('127.0.0.1', 9))",
    "import a module": "import this",
    "unpickle a name": "pickle.loads(b'cos\\nsystem\\n.')",
    "run text as code": "eval('1')",
    "load a library": "ctypes.CDLL(None)",
    "call into the system": "ctypes.pythonapi.system(b'true')",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))",
}


@contextmanager
def opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def run(code: str) -> subprocess.CompletedProcess[str]:
    start = (
        "import ctypes, os, pickle, resource, socket, subprocess, sys\n"
        "from bartizan.supply.scan.limits import Limits, allow_cpu, confine\n"
    )
    return subprocess.run(
        [sys.executable, "-c", start + code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("code", ESCAPES.values(), ids=ESCAPES)
def test_a_confined_process_cannot(code: str, tmp_path: Path) -> None:
    written = code.replace("written", str(tmp_path / "written"))
    done = run(f"confine(Limits())\n{written}\nprint('escaped')")
    assert "escaped" not in done.stdout
    assert "PermissionError" in done.stderr
    assert not (tmp_path / "written").exists()


def test_the_same_steps_succeed_where_nothing_is_confined(tmp_path: Path) -> None:
    written = f"open('{tmp_path}/written', 'w'); os.listdir('/'); eval('1'); print('escaped')"
    assert "escaped" in run(written).stdout


def test_a_confined_process_has_no_more_memory_than_its_limit() -> None:
    done = run("confine(Limits(memory_bytes=200 << 20))\nx = bytearray(300 << 20)\nprint('got')")
    assert "MemoryError" in done.stderr


def test_a_confined_process_ends_when_its_time_is_used_up() -> None:
    done = run("allow_cpu(1)\nwhile True: pass")
    assert done.returncode == -signal.SIGXCPU


def test_a_file_is_read_under_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with Confined() as reader, opened(path) as descriptor:
        answer = reader.read(descriptor, path="file")
    assert answer.sha256 == f"sha256:{hashlib.sha256(b'content').hexdigest()}"
    assert answer.read.size_bytes == 7


def test_the_process_that_reads_is_confined_before_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with Confined() as reader, opened(path) as descriptor:
        reader.read(descriptor, path="file")
        assert reader._process is not None
        said = Path(f"/proc/{reader._process.pid}/limits").read_text()
    limits = {line[:26].strip(): line[26:].split()[:2] for line in said.splitlines()[1:]}
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max processes"] == ["0", "0"]
    assert limits["Max address space"] == [str(1 << 30)] * 2


def test_a_file_that_is_rewritten_in_place_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"[" + b"1," * 30_000_000 + b"1]")
    with Confined() as reader, opened(path) as descriptor:
        reader.read(descriptor, path="warm")
        writer = threading.Timer(0.05, lambda: os.utime(path, (0, 0)))
        writer.start()
        with pytest.raises(InputError, match="changed while it was read"):
            reader.read(descriptor, path="file")
        writer.join()


def test_a_process_that_dies_costs_one_file_only(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with Confined() as reader, opened(path) as descriptor:
        reader.read(descriptor, path="first")
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
        with pytest.raises(InputError, match="SIGKILL"):
            reader.read(descriptor, path="second")
        assert reader.read(descriptor, path="third").read.size_bytes == 7


def test_the_process_ends_with_its_context(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with Confined() as reader, opened(path) as descriptor:
        reader.read(descriptor, path="file")
        process = reader._process
    assert process is not None
    assert process.poll() is not None
