"""Files under a passphrase: the same as those of pyrage and of the age command."""

import hashlib
import io
import os
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto import passphrase_stream
from bartizan.crypto.age_header import read_header
from bartizan.crypto.identity import Identities, Passphrase, Recipients, identities_of, new_identity
from bartizan.crypto.sealing import kinds, rotate, seal, unseal

CHUNK = 64 * 1024
SECRET = Passphrase("correct horse")


def sealed(raw: bytes, *, work: int = 4) -> bytes:
    out = io.BytesIO()
    passphrase_stream.encrypt(io.BytesIO(raw), out, passphrase=SECRET, work=work)
    return out.getvalue()


def opened(raw: bytes, *, passphrase: Passphrase = SECRET) -> bytes:
    source, out = io.BytesIO(raw), io.BytesIO()
    header = read_header(source, name="it")
    passphrase_stream.decrypt(source, out, passphrase=passphrase, header=header, name="it")
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 200_000])
def test_pyrage_opens_ours_and_we_open_ours(size: int) -> None:
    raw = hashlib.shake_128(b"x").digest(size)
    made = sealed(raw)
    assert pyrage.passphrase.decrypt(made, SECRET.secret) == raw
    assert opened(made) == raw


@pytest.mark.slow  # pyrage chooses the cost of scrypt itself
def test_we_open_what_pyrage_sealed() -> None:
    raw = os.urandom(CHUNK + 5)
    assert opened(pyrage.passphrase.encrypt(raw, SECRET.secret)) == raw


def test_equal_content_under_one_passphrase_looks_different_each_time() -> None:
    assert sealed(b"x") != sealed(b"x")


def test_a_wrong_passphrase_is_bad_input() -> None:
    with pytest.raises(InputError, match="does not open"):
        opened(sealed(b"x"), passphrase=Passphrase("Correct horse"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b"x",
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        lambda raw: raw.replace(b"\n--- ", b"\n-> X a\n\n--- "),
        lambda raw: raw.replace(b"--- ", b"--- A", 1),
        lambda raw: raw.replace(b" 4\n", b" 04\n"),
        lambda raw: raw.replace(b" 4\n", b" +4\n"),
        lambda raw: raw.replace(b" 4\n", b"\n"),
        lambda raw: raw.replace(b"-> scrypt ", b"-> scrypt A"),
        lambda raw: raw.replace(b"-> scrypt ", b"-> scrypt ="),
        lambda raw: raw[: -CHUNK // 2],
    ],
)
def test_a_changed_file_is_a_matter_of_trust(damage: object) -> None:
    assert callable(damage)
    with pytest.raises(TrustError):
        opened(damage(sealed(bytes(100_000))))


def test_an_empty_chunk_after_a_full_one_is_refused() -> None:
    source, out = io.BytesIO(b""), io.BytesIO()
    passphrase_stream.encrypt(source, out, passphrase=SECRET, work=4)
    # a file that is a full chunk and then an empty last one, which no writer may make
    made = out.getvalue()
    header = read_header(io.BytesIO(made), name="it")
    file_key = passphrase_stream._file_key(header, passphrase=SECRET, name="it", max_work=4)
    nonce = made[header.size_bytes : header.size_bytes + 16]
    cipher = ChaCha20Poly1305(passphrase_stream._derived(file_key, salt=nonce, info=b"payload"))
    full = cipher.encrypt(passphrase_stream._nonce(0, last=False), bytes(CHUNK), None)
    empty = cipher.encrypt(passphrase_stream._nonce(1, last=True), b"", None)
    with pytest.raises(TrustError):
        opened(made[: header.size_bytes + 16] + full + empty)


def test_a_file_that_asks_for_all_memory_is_refused_before_it_gets_any() -> None:
    hostile = sealed(b"x").replace(b" 4\n", b" 40\n")
    with pytest.raises(InputError, match=r"2\^40"):
        opened(hostile)


def test_the_passphrase_is_in_no_repr() -> None:
    assert "horse" not in repr(SECRET)
    with pytest.raises(InputError):
        Passphrase("  ")


def test_a_passphrase_and_a_key_are_not_mixed_up(tmp_path: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "a").write_bytes(b"rows")
    seal(tmp_path / "a", to=tmp_path / "k", lock=Recipients((identity.to_public(),)))
    seal(tmp_path / "a", to=tmp_path / "p", lock=SECRET)
    assert kinds(tmp_path / "p") == ("scrypt",)
    with pytest.raises(InputError, match="sealed with a passphrase"):
        unseal(tmp_path / "p", to=tmp_path / "b", key=Identities((identity,)))
    with pytest.raises(InputError, match="sealed with recipients"):
        unseal(tmp_path / "k", to=tmp_path / "b", key=SECRET)
    assert not (tmp_path / "b").exists()


@pytest.mark.slow  # scrypt at full cost, several times
def test_rotation_from_a_passphrase_to_a_key_and_back_shuts_the_old_one_out(tmp_path: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    keys, lock = Identities((identity,)), Recipients((identity.to_public(),))
    path, raw = tmp_path / "s", os.urandom(300_000)
    (tmp_path / "a").write_bytes(raw)
    seal(tmp_path / "a", to=path, lock=SECRET)
    rotate(path, key=SECRET, lock=lock)
    with pytest.raises(InputError):
        unseal(path, to=tmp_path / "b", key=SECRET)
    unseal(path, to=tmp_path / "b", key=keys)
    rotate(path, key=keys, lock=Passphrase("another"))
    unseal(path, to=tmp_path / "c", key=Passphrase("another"))
    assert (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes() == raw
    assert {p.name for p in tmp_path.iterdir()} == {"a", "b", "c", "s"}


needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="the age command is missing")


@needs_age
def test_the_age_command_opens_ours_and_we_open_what_it_sealed(tmp_path: Path) -> None:
    text, public = new_identity()
    (tmp_path / "key").write_text(text)
    (tmp_path / "key").chmod(0o600)
    keys = identities_of([str(tmp_path / "key")])
    raw = os.urandom(3 * CHUNK)
    (tmp_path / "a").write_bytes(raw)
    seal(tmp_path / "a", to=tmp_path / "ours", lock=Recipients((keys.keys[0].to_public(),)))
    back = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key", tmp_path / "ours"], capture_output=True, check=True
    )
    assert back.stdout == raw
    subprocess.run(
        ["age", "-r", public, "-o", tmp_path / "theirs", tmp_path / "a"],
        check=True,
    )
    unseal(tmp_path / "theirs", to=tmp_path / "b", key=keys)
    assert (tmp_path / "b").read_bytes() == raw
