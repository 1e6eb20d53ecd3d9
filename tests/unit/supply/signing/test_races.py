"""The verified bytes are the loaded bytes, whenever somebody meddles with the files.

Nothing waits here: what meddles is called at a known point, between two pieces of the hashing,
between the check and the reading, or between two readings.
"""

import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.core.errors import Error, InputError, TrustError
from unit.supply.signing.signed import Signed, signed

PIECE = 1 << 20
"""Hashed at once; see `crypto.oms.measuring`."""
HONEST = b"honest" * (PIECE // 2)
"""Three pieces, so that there is a point between two of them."""


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2 * PIECE)
        file.write(b"hostile")


def replaced(path: Path) -> None:
    beside = path.with_name("beside")
    beside.write_bytes(HONEST.replace(b"honest", b"fiends"))
    beside.replace(path)


def linked(path: Path) -> None:
    elsewhere = path.parent.parent / "elsewhere"
    elsewhere.write_bytes(b"hostile")
    path.unlink()
    path.symlink_to(elsewhere)


def linked_to_itself(path: Path) -> None:
    """To the very bytes that were signed: a link can lead elsewhere tomorrow."""
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def grown_to_a_terabyte(path: Path) -> None:
    os.truncate(path, 1 << 40)


MEDDLING: dict[str, Callable[[Path], object]] = {
    "overwritten": overwritten,
    "replaced": replaced,
    "cut off": lambda path: os.truncate(path, PIECE),
    "emptied": lambda path: os.truncate(path, 0),
    "grown": lambda path: os.truncate(path, len(HONEST) + 1),
    "grown to a terabyte": grown_to_a_terabyte,
    "a link": linked,
    "a link to itself": linked_to_itself,
    "a pipe": piped,
    "a folder": a_folder,
    "gone": lambda path: path.unlink(),
}


@pytest.fixture
def file(tmp_path: Path) -> Signed:
    """A model that is one file, in a folder of its own."""
    place = tmp_path / "models"
    place.mkdir()
    (place / "m.onnx").write_bytes(HONEST)
    return signed(place, make=lambda folder: folder / "m.onnx")


@pytest.fixture
def folder(tmp_path: Path) -> Signed:
    """A model of two files."""

    def made(place: Path) -> Path:
        model = place / "fraud"
        model.mkdir()
        (model / "a").write_bytes(HONEST)
        (model / "b").write_bytes(HONEST)
        return model

    return signed(tmp_path, make=made)


@pytest.mark.parametrize("how", MEDDLING)
def test_what_is_meddled_with_between_the_check_and_the_reading_is_not_read(
    file: Signed, how: str
) -> None:
    found = file.check()
    MEDDLING[how](file.model)
    with pytest.raises(Error):
        found.read()


@pytest.mark.parametrize("how", MEDDLING)
def test_what_is_meddled_with_between_two_pieces_of_the_hashing_is_never_read(
    file: Signed, how: str
) -> None:
    """Other bytes are found when they are hashed, a path that leads elsewhere when it is read."""
    pieces: list[int] = []

    def meddle(count: int) -> None:
        pieces.append(count)
        if len(pieces) == 1:
            MEDDLING[how](file.model)

    with pytest.raises(Error):
        file.check(progress=meddle).read()
    assert pieces, "the point was never reached"


@pytest.mark.parametrize("how", MEDDLING)
def test_a_file_of_a_folder_that_is_meddled_with_during_the_check_is_never_read(
    folder: Signed, how: str
) -> None:
    done: list[int] = []

    def meddle(count: int) -> None:
        done.append(count)
        if sum(done) >= len(HONEST) and len(done) < 100:
            done.extend([0] * 100)
            MEDDLING[how](folder.model / "b")

    with pytest.raises(Error):
        folder.check(progress=meddle).read("b")
    assert len(done) >= 100, "the point was never reached"


def test_a_file_that_is_added_during_the_check_is_never_read(folder: Signed) -> None:
    def meddle(_: int) -> None:
        (folder.model / "c").write_bytes(b"hostile")

    with pytest.raises(InputError, match="came or went"):
        folder.check(progress=meddle)


def test_a_folder_in_the_way_that_is_turned_to_a_link_gives_no_other_bytes(
    tmp_path: Path,
) -> None:
    made = signed(tmp_path)
    found = made.check()
    shutil.copytree(made.model / "parts", tmp_path / "away")
    (tmp_path / "away" / "one").write_bytes(b"eno")
    shutil.rmtree(made.model / "parts")
    (made.model / "parts").symlink_to(tmp_path / "away")
    with pytest.raises(TrustError, match="changed after"):
        found.read("parts/one")


def test_a_signature_that_is_swapped_during_the_check_changes_nothing(file: Signed) -> None:
    """It was read before, and once."""
    honest = file.check().voucher

    def meddle(_: int) -> None:
        file.signature.path.write_bytes(b"hostile")

    assert file.check(progress=meddle).voucher == honest


def test_bytes_that_come_back_are_the_signed_ones(file: Signed) -> None:
    found = file.check()
    replaced(file.model)
    with pytest.raises(TrustError, match="changed after its signature was checked"):
        found.read()
    file.model.write_bytes(HONEST)
    assert found.read() == HONEST


def test_a_file_that_grew_is_read_no_further_than_it_was(file: Signed) -> None:
    found = file.check()
    grown_to_a_terabyte(file.model)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + (64 << 20), hard))
    try:
        with pytest.raises(InputError, match="consists of holes"):
            found.read()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def test_a_terabyte_of_holes_is_not_hashed(folder: Signed) -> None:
    grown_to_a_terabyte(folder.model / "b")
    with pytest.raises(InputError, match="consists of holes"):
        folder.check()
