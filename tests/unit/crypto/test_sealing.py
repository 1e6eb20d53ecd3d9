"""Sealed files: what goes in comes out, and nothing else ever appears."""

import errno
import hashlib
import os
import random
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pyrage
import pytest

from bartizan.core.errors import InputError, OutputError, TrustError, UsageError
from bartizan.crypto import landing as landing_room
from bartizan.crypto.identity import Identities, Recipients
from bartizan.crypto.landing import landing
from bartizan.crypto.sealing import kinds, rotate, seal, unseal

CHUNK = 64 * 1024
"""age encrypts in pieces of this size: lengths around it are the edges."""
LENGTHS = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7)


def content(size: int) -> bytes:
    """Bytes that look like nothing, the same each time."""
    return hashlib.shake_128(b"content").digest(size)


def pair() -> tuple[Recipients, Identities]:
    """A new key."""
    identity = pyrage.x25519.Identity.generate()
    return Recipients((identity.to_public(),)), Identities((identity,))


@pytest.fixture(scope="module")
def key() -> tuple[Recipients, Identities]:
    return pair()


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(content(200_000))
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("size", LENGTHS)
def test_what_was_sealed_to_a_recipient_opens_with_its_identity(
    tmp_path: Path, key: tuple[Recipients, Identities], size: int
) -> None:
    path = tmp_path / "a"
    path.write_bytes(content(size))
    sealed = seal(path, to=tmp_path / "b", lock=key[0])
    opened = unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])
    assert (tmp_path / "c").read_bytes() == content(size)
    assert sealed.source_bytes == opened.size_bytes == size
    assert sealed.size_bytes == opened.source_bytes == (tmp_path / "b").stat().st_size


def test_each_of_several_recipients_can_open(tmp_path: Path, plain: Path) -> None:
    pairs = [pair() for _ in range(3)]
    seal(plain, to=tmp_path / "b", lock=Recipients(tuple(p[0].keys[0] for p in pairs)))
    for number, (_, identity) in enumerate(pairs):
        unseal(tmp_path / "b", to=tmp_path / f"c{number}", key=identity)
        assert (tmp_path / f"c{number}").read_bytes() == plain.read_bytes()
    assert kinds(tmp_path / "b") == ("X25519",) * 3


def test_sealed_and_opened_files_belong_to_their_owner_alone(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    old = os.umask(0)
    try:
        seal(plain, to=tmp_path / "b", lock=key[0])
        unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])
        rotate(tmp_path / "b", key=key[1], lock=key[0])
    finally:
        os.umask(old)
    for name in ("b", "c"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert names(tmp_path) == {"rows.csv", "b", "c"}


def test_the_sealed_file_shows_nothing_of_the_content(
    tmp_path: Path, key: tuple[Recipients, Identities]
) -> None:
    (tmp_path / "a").write_bytes(b"account,amount\n" * 10_000)
    seal(tmp_path / "a", to=tmp_path / "b", lock=key[0])
    assert b"account" not in (tmp_path / "b").read_bytes()


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def payload(raw: bytes) -> int:
    """Where the nonce begins."""
    return raw.index(b"\n", raw.index(b"\n--- ") + 1) + 1


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "first byte of the nonce": lambda raw: flipped(raw, payload(raw)),
    "first chunk": lambda raw: flipped(raw, payload(raw) + 20),
    "second chunk": lambda raw: flipped(raw, payload(raw) + 16 + CHUNK + 16 + 5),
    "last byte": lambda raw: flipped(raw, len(raw) - 1),
    "mac": lambda raw: flipped(raw, raw.index(b"\n--- ") + 10),
    "cut within a chunk": lambda raw: raw[: payload(raw) + 100_000],
    "cut after a chunk": lambda raw: raw[: payload(raw) + 16 + CHUNK + 16],
    "cut after the nonce": lambda raw: raw[: payload(raw) + 16],
    "cut within the nonce": lambda raw: raw[: payload(raw) + 7],
    "cut within the header": lambda raw: raw[:60],
    "bytes at the end": lambda raw: raw + b"x",
    "a chunk twice": lambda raw: raw + raw[payload(raw) + 16 : payload(raw) + 32 + CHUNK],
    "chunks swapped": lambda raw: (
        raw[: payload(raw) + 16]
        + raw[payload(raw) + 32 + CHUNK : payload(raw) + 48 + 2 * CHUNK]
        + raw[payload(raw) + 16 : payload(raw) + 32 + CHUNK]
        + raw[payload(raw) + 48 + 2 * CHUNK :]
    ),
}


@pytest.mark.parametrize("where", DAMAGE)
def test_a_changed_or_cut_file_leaves_nothing_and_is_a_matter_of_trust(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities], where: str
) -> None:
    seal(plain, to=tmp_path / "b", lock=key[0])
    raw = (tmp_path / "b").read_bytes()
    (tmp_path / "b").write_bytes(DAMAGE[where](raw))
    with pytest.raises(TrustError, match="changed or cut off"):
        unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])
    with pytest.raises(TrustError, match="changed or cut off"):
        rotate(tmp_path / "b", key=key[1], lock=key[0])
    assert names(tmp_path) == {"rows.csv", "b"}
    assert (tmp_path / "b").read_bytes() == DAMAGE[where](raw)


def test_an_identity_that_is_not_a_recipient_opens_nothing(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    seal(plain, to=tmp_path / "b", lock=key[0])
    with pytest.raises(InputError, match="among the recipients"):
        unseal(tmp_path / "b", to=tmp_path / "c", key=pair()[1])
    assert names(tmp_path) == {"rows.csv", "b"}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "was sealed"),
        (b"a,b\n1,2\n", "was sealed"),
        (os.urandom(3), "was sealed"),
        (b"age-encryption.org/v9\n-> X\n", "version 1"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "armoured"),
    ],
)
def test_what_is_no_sealed_file_is_bad_input(
    tmp_path: Path, key: tuple[Recipients, Identities], raw: bytes, says: str
) -> None:
    (tmp_path / "b").write_bytes(raw)
    with pytest.raises(InputError, match=says):
        unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])
    assert names(tmp_path) == {"b"}


def test_a_header_without_end_does_not_fill_the_memory(
    tmp_path: Path, key: tuple[Recipients, Identities]
) -> None:
    (tmp_path / "b").write_bytes(b"age-encryption.org/v1\n" + b"-> x\n" * 500_000)
    with pytest.raises(TrustError):
        unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])


def test_the_advice_for_armoured_files_works(
    tmp_path: Path, key: tuple[Recipients, Identities]
) -> None:
    (tmp_path / "t").write_bytes(pyrage.encrypt(b"x", list(key[0].keys), armored=True))
    line = f"sed '/^-----/d' {tmp_path / 't'} | base64 -d > {tmp_path / 'b'}"
    subprocess.run(line, shell=True, check=True)  # noqa: S602 - the line of the message
    unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])
    assert (tmp_path / "c").read_bytes() == b"x"


def test_an_existing_file_stays_unless_it_may_be_replaced(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(UsageError, match="--force"):
        seal(plain, to=tmp_path / "b", lock=key[0])
    assert (tmp_path / "b").read_text() == "mine"
    seal(plain, to=tmp_path / "b", lock=key[0], force=True)
    unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])
    assert names(tmp_path) == {"rows.csv", "b", "c"}


@pytest.mark.parametrize("nameless", [True, False])
def test_a_file_that_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, *, nameless: bool
) -> None:
    place = tmp_path / "b"

    def write() -> None:
        with landing(place, nameless=nameless) as file:
            file.write(b"mine")
            place.write_text("another's")

    with pytest.raises(UsageError, match="exists"):
        write()
    assert place.read_text() == "another's"
    assert names(tmp_path) == {"b"}


@pytest.mark.parametrize("nameless", [True, False])
@pytest.mark.parametrize("force", [True, False])
def test_a_failed_block_leaves_nothing(tmp_path: Path, *, nameless: bool, force: bool) -> None:
    def write() -> None:
        with landing(tmp_path / "b", force=force, nameless=nameless) as file:
            file.write(b"half")
            file.flush()
            message = "broken"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        write()
    assert names(tmp_path) == set()
    with landing(tmp_path / "b", force=force, nameless=nameless) as file:
        file.write(b"whole")
    assert (tmp_path / "b").read_bytes() == b"whole"
    assert names(tmp_path) == {"b"}


@pytest.mark.skipif(not landing_room._NAMELESS, reason="this system has no files without names")
def test_a_killed_process_leaves_no_part_of_the_content(tmp_path: Path) -> None:
    with landing(tmp_path / "b") as file:
        file.write(b"half")
        file.flush()
        assert names(tmp_path) == set()


def test_the_source_is_never_the_output(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    (tmp_path / "soft").symlink_to(plain)
    (tmp_path / "hard").hardlink_to(plain)
    for to in (plain, tmp_path / "soft", tmp_path / "hard", tmp_path / "." / "rows.csv"):
        with pytest.raises(UsageError, match="is the file that is read"):
            seal(plain, to=to, lock=key[0], force=True)
    assert plain.read_bytes() == content(200_000)


def test_a_link_or_a_folder_is_no_place_even_with_force(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder"):
        with pytest.raises(UsageError, match=r"is a link|regular"):
            seal(plain, to=tmp_path / name, lock=key[0], force=True)
    assert not (tmp_path / "elsewhere").exists()


def test_a_linked_file_is_not_rotated(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    seal(plain, to=tmp_path / "b", lock=key[0])
    (tmp_path / "link").symlink_to(tmp_path / "b")
    with pytest.raises(UsageError, match="is a link"):
        rotate(tmp_path / "link", key=key[1], lock=key[0])


def test_a_source_that_is_no_regular_file_or_is_missing_is_refused_at_once(
    tmp_path: Path, key: tuple[Recipients, Identities]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder", "missing"):
        with pytest.raises(InputError):
            seal(tmp_path / name, to=tmp_path / "b", lock=key[0])
    assert not (tmp_path / "b").exists()


def test_a_folder_that_is_missing_is_an_output_error(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        seal(plain, to=tmp_path / "no" / "b", lock=key[0])


def test_a_source_that_grows_while_it_is_sealed_is_refused(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    def grow(_: int) -> None:
        with plain.open("ab") as file:
            file.write(b"x")

    with pytest.raises(InputError, match="changed while it was read"):
        seal(plain, to=tmp_path / "b", lock=key[0], progress=grow)
    assert names(tmp_path) == {"rows.csv"}


def test_an_interrupt_is_passed_on_and_leaves_nothing(
    tmp_path: Path, plain: Path, key: tuple[Recipients, Identities]
) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal(plain, to=tmp_path / "b", lock=key[0], progress=stop)
    seal(plain, to=tmp_path / "b", lock=key[0])
    before = (tmp_path / "b").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        unseal(tmp_path / "b", to=tmp_path / "c", key=key[1], progress=stop)
    with pytest.raises(KeyboardInterrupt):
        rotate(tmp_path / "b", key=key[1], lock=key[0], progress=stop)
    assert names(tmp_path) == {"rows.csv", "b"}
    assert (tmp_path / "b").read_bytes() == before


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this process may not grow past 100 kB: what a full disk looks like to a writer."""
    fdopen = os.fdopen

    class Full:
        def __init__(self, file: Any) -> None:
            self._file = file

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, part: bytes) -> int:
            if self._file.tell() + len(part) > 100_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return int(self._file.write(part))

    def opened(handle: int, mode: str, **more: Any) -> Any:
        file = fdopen(handle, mode, **more)
        regular = stat.S_ISREG(os.fstat(handle).st_mode)
        return Full(file) if regular and mode == "wb" else file

    monkeypatch.setattr(os, "fdopen", opened)


def test_a_full_disk_leaves_nothing_and_says_so(
    tmp_path: Path,
    plain: Path,
    key: tuple[Recipients, Identities],
    request: pytest.FixtureRequest,
) -> None:
    seal(plain, to=tmp_path / "b", lock=key[0])
    before = (tmp_path / "b").read_bytes()
    request.getfixturevalue("small_disk")
    with pytest.raises(OutputError, match="disk is full"):
        seal(plain, to=tmp_path / "c", lock=key[0])
    with pytest.raises(OutputError, match="disk is full"):
        unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])
    with pytest.raises(OutputError, match="disk is full"):
        rotate(tmp_path / "b", key=key[1], lock=key[0])
    assert names(tmp_path) == {"rows.csv", "b"}
    assert (tmp_path / "b").read_bytes() == before


def test_no_damage_of_a_small_file_opens_or_ends_in_another_error(
    tmp_path: Path, key: tuple[Recipients, Identities]
) -> None:
    (tmp_path / "a").write_bytes(b"rows")
    seal(tmp_path / "a", to=tmp_path / "b", lock=key[0])
    raw, chance = (tmp_path / "b").read_bytes(), random.Random(1)  # noqa: S311 - repeats
    stuff = (b"\n", b"-> ", b"--- ", b"-> scrypt AAAA 18\n", b"A" * 70, b"-> X25519\n", b"\xff")
    for _ in range(150):
        at, width = chance.randrange(len(raw)), chance.randrange(1, 40)
        cut = raw[:at] + raw[at + width :]
        (tmp_path / "b").write_bytes(
            chance.choice((cut, raw[:at] + chance.choice(stuff) + raw[at:]))
        )
        with pytest.raises((TrustError, InputError)):
            unseal(tmp_path / "b", to=tmp_path / "c", key=key[1])
    assert names(tmp_path) == {"a", "b"}
