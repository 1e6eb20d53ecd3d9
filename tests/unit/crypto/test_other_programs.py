"""Sealed files and folders go both ways between us and every other program for the age format.

pyrage is always here; age and rage are asked where they are installed.
"""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pyrage
import pytest

from bartizan.crypto.folder_sealing import seal_folder, unseal_folder
from bartizan.crypto.identity import Identities, Recipients
from bartizan.crypto.sealing import seal, unseal

SIZES = (0, 65_536, 65_537, 300_000)
"""Around one chunk of the format, and several."""


class Program:
    """Another program."""

    def __init__(self, name: str, *, folder: Path) -> None:
        self._name = name
        self._identity = pyrage.x25519.Identity.generate()
        self._key = folder / "key"
        self._key.write_text(str(self._identity))

    @property
    def lock(self) -> Recipients:
        return Recipients((self._identity.to_public(),))

    @property
    def key(self) -> Identities:
        return Identities((self._identity,))

    def opened(self, raw: bytes) -> bytes:
        if self._name == "pyrage":
            return bytes(pyrage.decrypt(raw, [self._identity]))
        return self._run("-d", "-i", str(self._key), given=raw)

    def sealed(self, raw: bytes) -> bytes:
        if self._name == "pyrage":
            return bytes(pyrage.encrypt(raw, [self._identity.to_public()]))
        return self._run("-r", str(self._identity.to_public()), given=raw)

    def _run(self, *arguments: str, given: bytes) -> bytes:
        command = [self._name, *arguments]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout


@pytest.fixture(params=["pyrage", "age", "rage"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    if request.param != "pyrage" and shutil.which(request.param) is None:
        pytest.skip(f"the program {request.param} is not installed")
    return Program(request.param, folder=tmp_path)


@pytest.mark.parametrize("size", SIZES)
def test_a_file_goes_both_ways(program: Program, tmp_path: Path, size: int) -> None:
    raw = bytes(range(256)) * (size // 256) + bytes(size % 256)
    (tmp_path / "model").write_bytes(raw)
    ours = seal(tmp_path / "model", to=tmp_path / "ours.age", lock=program.lock).path
    assert program.opened(ours.read_bytes()) == raw
    (tmp_path / "theirs.age").write_bytes(program.sealed(raw))
    back = unseal(tmp_path / "theirs.age", to=tmp_path / "back", key=program.key).path
    assert back.read_bytes() == raw


def test_a_folder_goes_both_ways(program: Program, tmp_path: Path) -> None:
    model = tmp_path / "model"
    (model / "parts").mkdir(parents=True)
    files = {"model.sig": b"{}", "parts/é": bytes(100_000)}
    for name, raw in files.items():
        (model / name).write_bytes(raw)
    ours = seal_folder(model, to=tmp_path / "ours.tar.age", lock=program.lock).path
    with tarfile.open(fileobj=io.BytesIO(program.opened(ours.read_bytes()))) as archive:
        assert sorted(archive.getnames()) == sorted(files)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(model, arcname=".")
    (tmp_path / "theirs.tar.age").write_bytes(program.sealed(packed.getvalue()))
    unseal_folder(tmp_path / "theirs.tar.age", to=tmp_path / "back", key=program.key)
    found = {name: (tmp_path / "back" / name).read_bytes() for name in files}
    assert found == files
