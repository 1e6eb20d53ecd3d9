"""Files of holes are refused before hours are spent on them, by all that reads whole files."""

import hashlib
from pathlib import Path

import pyrage
import pytest

from bartizan.core.errors import InputError
from bartizan.crypto.holes import holes
from bartizan.crypto.identity import Recipients
from bartizan.crypto.oms.measuring import measured
from bartizan.crypto.sealing import seal


def sparse(path: Path, size_bytes: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size_bytes)
    return path


def test_a_terabyte_of_holes_is_neither_hashed_nor_sealed(tmp_path: Path) -> None:
    path = sparse(tmp_path / "model.bin", 1 << 40)
    with pytest.raises(InputError, match="consists of holes"):
        measured(path)
    with pytest.raises(InputError, match="consists of holes"):
        measured(tmp_path)
    lock = Recipients((pyrage.x25519.Identity.generate().to_public(),))
    with pytest.raises(InputError, match="consists of holes"):
        seal(path, to=tmp_path / "model.age", lock=lock)
    assert not (tmp_path / "model.age").exists()


def test_a_small_file_is_read_holes_or_not(tmp_path: Path) -> None:
    found = measured(sparse(tmp_path / "model.bin", 1 << 20))
    assert found.files[0].digest == hashlib.sha256(bytes(1 << 20)).digest()


def test_a_large_file_that_occupies_a_thousandth_is_read(tmp_path: Path) -> None:
    path = sparse(tmp_path / "model.bin", 2_000_000_000)
    assert holes(path.stat())
    with path.open("r+b") as file:
        file.write(b"x" * 2_100_000)
    assert holes(path.stat()) == ""
