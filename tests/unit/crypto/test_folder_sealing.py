import errno
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.core.errors import Error, InputError, OutputError, TrustError, UsageError
from bartizan.crypto.folder_sealing import seal_folder, unseal_folder
from bartizan.crypto.identity import (
    Identities,
    Passphrase,
    Recipients,
    identities_of,
    new_identity,
    recipients_of,
)
from bartizan.crypto.safe_file import Steps
from bartizan.crypto.sealing import rotate, seal

WORDS = Passphrase("some words")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "fraud"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "é").write_bytes(b"1" * 200_000)
    (folder / "model.sig").write_bytes(b"{}")
    return folder


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Recipients, Identities]:
    text, public = new_identity()
    (tmp_path / "key").touch(0o600)
    (tmp_path / "key").write_text(text)
    return recipients_of([public]), identities_of([str(tmp_path / "key")])


def held(folder: Path) -> dict[str, bytes]:
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }


def left(place: Path) -> set[str]:
    return {one.name for one in place.iterdir()}


def test_a_folder_goes_there_and_back(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    lock, key = pair
    told: list[int] = []
    made = seal_folder(model, to=tmp_path / "f.tar.age", lock=lock, progress=told.append)
    assert told[-1] == made.source_bytes == 200_002
    found = unseal_folder(made.path, to=tmp_path / "back", key=key)
    assert held(tmp_path / "back") == held(model)
    assert found.size_bytes == 200_002
    assert (tmp_path / "back").stat().st_mode & 0o777 == 0o700


def test_several_recipients_open_it_and_a_rotated_one_opens_for_others(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    lock, key = pair
    _, other = new_identity()
    both = Recipients((*recipients_of([other]).keys, *lock.keys))
    place = seal_folder(model, to=tmp_path / "f.tar.age", lock=both).path
    rotate(place, key=key, lock=WORDS)
    unseal_folder(place, to=tmp_path / "back", key=WORDS)
    assert held(tmp_path / "back") == held(model)
    with pytest.raises(InputError):
        unseal_folder(place, to=tmp_path / "again", key=key)


def test_the_archive_is_the_same_for_the_same_files(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    age = shutil.which("age")
    if age is None:
        pytest.skip("the age program is not installed")
    lock, _ = pair
    copy = shutil.copytree(model, tmp_path / "copy")
    os.utime(copy / "a" / "é", (1, 1))
    (copy / "model.sig").chmod(0o640)
    archives = []
    for folder in (model, copy):
        place = seal_folder(folder, to=tmp_path / f"{folder.name}.tar.age", lock=lock).path
        command = [age, "-d", "-i", str(tmp_path / "key"), str(place)]
        archives.append(subprocess.run(command, capture_output=True, check=True).stdout)
    assert archives[0] == archives[1]
    with tarfile.open(fileobj=io.BytesIO(archives[0])) as found:
        assert found.getnames() == ["a/é", "model.sig"]


def test_what_tar_and_age_made_is_opened(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    age = shutil.which("age-keygen") and shutil.which("age")
    if not age:
        pytest.skip("the age program is not installed")
    public = subprocess.run(
        ["age-keygen", "-y", str(tmp_path / "key")], capture_output=True, check=True, text=True
    ).stdout.strip()
    packed = subprocess.run(
        ["tar", "c", "-C", str(model), "."], capture_output=True, check=True
    ).stdout
    place = tmp_path / "f.tar.age"
    subprocess.run([age, "-r", public, "-o", str(place)], input=packed, check=True)
    unseal_folder(place, to=tmp_path / "back", key=pair[1])
    assert held(tmp_path / "back") == held(model)


def test_a_sealed_folder_that_was_changed_or_cut_off_leaves_nothing(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    lock, key = pair
    place = seal_folder(model, to=tmp_path / "f.tar.age", lock=lock).path
    raw, before = place.read_bytes(), left(tmp_path)
    size = len(raw)
    for changed in (
        *(raw[:cut] for cut in (0, 10, 300, size // 2, size - 16, size - 1)),
        *(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in (30, 300, size // 2, size - 1)),
        raw + b"x",
    ):
        place.write_bytes(changed)
        with pytest.raises(Error):
            unseal_folder(place, to=tmp_path / "back", key=key)
        assert left(tmp_path) == before


def test_a_wrong_key_and_a_wrong_passphrase_are_said_to_be_wrong(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    _, other = new_identity()
    place = seal_folder(model, to=tmp_path / "f.tar.age", lock=recipients_of([other])).path
    with pytest.raises(InputError, match="none of these identities"):
        unseal_folder(place, to=tmp_path / "back", key=pair[1])
    place = seal_folder(model, to=tmp_path / "g.tar.age", lock=WORDS).path
    with pytest.raises(InputError, match="passphrase"):
        unseal_folder(place, to=tmp_path / "back", key=Passphrase("others"))
    assert not (tmp_path / "back").exists()


def test_a_stranger_who_knows_the_recipient_gets_nothing_outside_of_the_place(
    pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as made:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        made.addfile(link)
        made.addfile(tarfile.TarInfo("link/new"))
    (tmp_path / "x.tar").write_bytes(raw.getvalue())
    seal(tmp_path / "x.tar", to=tmp_path / "x.tar.age", lock=pair[0])
    before = left(tmp_path)
    with pytest.raises(TrustError, match="link or another special thing"):
        unseal_folder(tmp_path / "x.tar.age", to=tmp_path / "back", key=pair[1])
    assert left(tmp_path) == before


def test_a_place_that_is_taken_is_refused(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    lock, key = pair
    place = seal_folder(model, to=tmp_path / "f.tar.age", lock=lock).path
    with pytest.raises(UsageError, match="exists already"):
        seal_folder(model, to=place, lock=lock)
    with pytest.raises(UsageError, match="lies in the folder"):
        seal_folder(model, to=model / "a" / "f.tar.age", lock=lock)
    with pytest.raises(UsageError, match="expected a folder"):
        seal_folder(model / "model.sig", to=tmp_path / "x", lock=lock)
    with pytest.raises(UsageError, match="never overwritten"):
        unseal_folder(place, to=model, key=key)
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(UsageError, match="never overwritten"):
        unseal_folder(place, to=tmp_path / "dangling", key=key)
    with pytest.raises(OutputError, match="cannot write"):
        unseal_folder(place, to=tmp_path / "no" / "back", key=key)


def test_a_folder_with_a_link_is_not_sealed(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    (model / "link").symlink_to("model.sig")
    before = left(tmp_path)
    with pytest.raises(TrustError, match="is a link"):
        seal_folder(model, to=tmp_path / "f.tar.age", lock=pair[0])
    assert left(tmp_path) == before


def test_a_file_that_grows_meanwhile_is_an_error_and_nothing_is_left(
    model: Path, pair: tuple[Recipients, Identities], tmp_path: Path
) -> None:
    before = left(tmp_path)

    def meddle(done: int) -> None:
        if done == 200_000:
            (model / "a" / "new").write_bytes(b"x")

    with pytest.raises(InputError, match="came or went"):
        seal_folder(model, to=tmp_path / "f.tar.age", lock=pair[0], progress=meddle)
    assert left(tmp_path) == before


def full(handle: int, raw: bytes) -> None:
    os.write(handle, raw[:10])
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(handle: int, raw: bytes) -> None:
    os.write(handle, raw[:10])
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("write", "expected"), [(full, OutputError), (interrupted, KeyboardInterrupt)]
)
def test_a_full_disk_and_an_interruption_leave_no_part_of_the_plaintext(
    model: Path,
    pair: tuple[Recipients, Identities],
    tmp_path: Path,
    write: Callable[[int, bytes], None],
    expected: type[BaseException],
) -> None:
    place = seal_folder(model, to=tmp_path / "f.tar.age", lock=pair[0]).path
    before = left(tmp_path)
    with pytest.raises(expected):
        unseal_folder(place, to=tmp_path / "back", key=pair[1], steps=Steps(write=write))
    assert left(tmp_path) == before
