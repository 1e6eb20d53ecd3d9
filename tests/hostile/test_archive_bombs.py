"""Bombs are known before they go off: five seconds and 200 MB at most, each in its own process."""

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boxes import zip_of
from contract.sources import ROOT

pytestmark = pytest.mark.slow
CPU_SECONDS = 5.0
RESIDENT_BYTES = 200 << 20
CHILD = """
import json, os, sys, time
from bartizan.formats.content import Window
from boxes import opened

descriptor = os.open(sys.argv[1], os.O_RDONLY)
began = time.process_time()
found = opened(Window.of_file(descriptor), kept_bytes=0)
used = time.process_time() - began
status = open("/proc/self/status").read()  # getrusage counts the process before exec as well
peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
print(json.dumps([found.verdict, used, peak]))
"""


def zeros(total: int) -> bytes:
    """Zeros in gzip, a thousand to one."""
    packer, piece = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(1 << 22)
    return b"".join(packer.compress(piece) for _ in range(total >> 22)) + packer.flush()


def many_members() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"x")
    return target.getvalue()


def many_tar_members() -> bytes:
    block = tarfile.TarInfo("x").tobuf()
    return gzip.compress(block * 100_000 + bytes(1024))


def many_numbers() -> bytes:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }"
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + bytes(80)


def deep() -> bytes:
    raw = b"payload"
    for _ in range(10):
        raw = zip_of({f"{i}.zip": raw for i in range(10)}, compression=zipfile.ZIP_DEFLATED)
    return raw


BOMBS: dict[str, Callable[[], bytes]] = {
    "ratio of 1000": lambda: zeros(1 << 30),
    "members": many_members,
    "members of tar": many_tar_members,
    "header": many_numbers,
    "levels": deep,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_inconclusive_in_little_time_and_memory(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[kind]())
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found: list[Any] = json.loads(done.stdout)
    verdict, seconds, resident = found
    assert verdict == "inconclusive"
    assert seconds < CPU_SECONDS
    assert resident < RESIDENT_BYTES
