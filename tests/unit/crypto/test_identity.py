"""Keys are found where a person says, and are never shown."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bartizan.core.errors import Error, InputError, TrustError, UsageError
from bartizan.crypto.identity import (
    Passphrase,
    Recipients,
    identities_of,
    new_identity,
    passphrase_of,
    recipients_of,
)
from bartizan.crypto.sealing import seal, unseal

TEXT, PUBLIC = new_identity()
SECRET = TEXT.splitlines()[1]


def kept(path: Path, text: str, *, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_identities_come_from_a_path_a_file_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept(tmp_path / "key", TEXT)
    monkeypatch.setenv("SEAL_KEY", SECRET)
    found = identities_of([str(path), f"file:{path}", "env:SEAL_KEY"])
    assert [str(key.to_public()) for key in found.keys] == [PUBLIC] * 3


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o622, 0o610])
def test_a_key_or_passphrase_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = kept(tmp_path / "key", TEXT, mode=mode)
    with pytest.raises(TrustError, match="chmod 600"):
        identities_of([str(path)])
    with pytest.raises(TrustError, match="chmod 600"):
        passphrase_of(f"file:{path}")


def test_public_keys_may_be_read_by_everybody(tmp_path: Path) -> None:
    path = kept(tmp_path / "team", f"# team\n\n{PUBLIC}\n{new_identity()[1]}\n", mode=0o644)
    assert len(recipients_of([f"file:{path}", PUBLIC]).keys) == 3


@pytest.mark.parametrize("call", [identities_of, recipients_of])
def test_a_private_key_on_the_command_line_is_refused_and_not_repeated(call: object) -> None:
    assert callable(call)
    for given in (SECRET, SECRET.lower()):
        with pytest.raises(UsageError, match="private key") as caught:
            call([given])
        assert SECRET[20:] not in str(caught.value).upper()


def test_a_file_of_private_keys_given_as_recipients_is_refused(tmp_path: Path) -> None:
    path = kept(tmp_path / "key", TEXT)
    with pytest.raises(UsageError, match="private key") as caught:
        recipients_of([f"file:{path}"])
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("text", ["AGE-SECRET-KEY-1QQQQ", "word\n", "-----BEGIN X-----\nAAAA\n"])
def test_what_is_no_private_key_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        identities_of([str(kept(tmp_path / "key", text))])
    assert "QQQQ" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "given",
    ["age1qqqq", "ssh-ed25519 AAAA", "me@example.org", pytest.param(PUBLIC[:-1], id="cut off")],
)
def test_what_is_no_public_key_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="public key"):
        recipients_of([given])


def test_a_key_for_nobody_and_nothing_to_open_with_are_refused(tmp_path: Path) -> None:
    path = kept(tmp_path / "key", "# nothing\n")
    with pytest.raises(UsageError, match="at least one recipient"):
        recipients_of([f"file:{path}"])
    with pytest.raises(UsageError, match="at least one identity"):
        identities_of([str(path)])


def test_references_that_lead_nowhere_say_where(tmp_path: Path) -> None:
    for given in ("env:NO_SUCH_VARIABLE", f"file:{tmp_path / 'no'}", f"file:{tmp_path}"):
        with pytest.raises(Error):
            identities_of([given])
        with pytest.raises(Error):
            passphrase_of(given)
    (tmp_path / "raw").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "raw").chmod(0o600)
    with pytest.raises(UsageError, match="holds no key"):
        identities_of([str(tmp_path / "raw")])


def test_a_passphrase_keeps_its_blanks_and_loses_one_line_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = " two words "
    path = kept(tmp_path / "p", words + "\n")
    assert passphrase_of(f"file:{path}") == Passphrase(words)
    monkeypatch.setenv("SEAL_WORDS", words)
    assert passphrase_of("env:SEAL_WORDS") == Passphrase(words)


def test_a_passphrase_on_the_command_line_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        passphrase_of("hunter2")
    assert "hunter2" not in str(caught.value)


needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is missing")


def ssh_key(path: Path, *, kind: str, words: str = "") -> Path:
    line = ["ssh-keygen", "-q", "-t", kind, "-N", words, "-C", "me", "-f", str(path)]
    subprocess.run(line, check=True)
    return path


@needs_ssh
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_ssh_keys_serve_as_well(tmp_path: Path, kind: str) -> None:
    path = ssh_key(tmp_path / "id", kind=kind)
    raw = os.urandom(100)
    (tmp_path / "a").write_bytes(raw)
    lock = recipients_of([f"file:{path}.pub"])
    assert isinstance(lock, Recipients)
    seal(tmp_path / "a", to=tmp_path / "b", lock=lock)
    unseal(tmp_path / "b", to=tmp_path / "c", key=identities_of([str(path)]))
    assert (tmp_path / "c").read_bytes() == raw


@needs_ssh
def test_an_ssh_key_with_a_passphrase_is_refused_with_advice(tmp_path: Path) -> None:
    path = ssh_key(tmp_path / "id", kind="ed25519", words="secret")
    with pytest.raises(InputError, match="passphrase of its own"):
        identities_of([str(path)])
