from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError, OutputError, TrustError
from bartizan.ledger.signing_key import (
    generate_signing_key,
    load_signing_key,
    parse_signing_key,
    write_signing_key,
)
from bartizan.ledger.verifier_key import KeyType
from signed_logs import key

# The pair in the tests of golang.org/x/mod/sumdb/note.
PETER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SECRET_PART = PETER.rsplit("+", 2)[1]


def test_a_key_made_by_go_is_read_and_written() -> None:
    found = parse_signing_key(PETER)
    assert found.verifier_key.text() == PUBLIC
    assert found.secret_text() == PETER


@pytest.mark.parametrize("kind", KeyType)
def test_a_new_key_goes_to_a_file_and_back(tmp_path: Path, kind: KeyType) -> None:
    made = generate_signing_key("example.com/log", kind=kind)
    write_signing_key(made, tmp_path / "log.key")
    assert load_signing_key(f"file:{tmp_path / 'log.key'}") == made
    assert made.verifier_key.kind is kind


def test_a_key_in_use_is_not_overwritten(tmp_path: Path) -> None:
    write_signing_key(key("a"), tmp_path / "log.key")
    with pytest.raises(OutputError, match="exists already"):
        write_signing_key(key("b"), tmp_path / "log.key")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    write_signing_key(key("a"), tmp_path / "log.key")
    (tmp_path / "log.key").chmod(0o644)
    with pytest.raises(TrustError, match="chmod 600"):
        load_signing_key(f"file:{tmp_path / 'log.key'}")


def test_a_key_from_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARTIZAN_TEST_KEY", PETER)
    assert load_signing_key("env:BARTIZAN_TEST_KEY").verifier_key.text() == PUBLIC


def test_every_changed_letter_is_refused_and_no_message_shows_the_secret() -> None:
    for at, letter in enumerate(PETER):
        with pytest.raises(LedgerError) as caught:
            parse_signing_key(PETER[:at] + chr(ord(letter) + 1) + PETER[at + 1 :])
        assert "EKFALV" not in str(caught.value)


def test_every_part_alone_is_refused_and_no_message_shows_the_secret() -> None:
    for start in range(len(PETER)):
        for end in range(start, len(PETER) + 1, 7):
            with pytest.raises(LedgerError) as caught:
                parse_signing_key(PETER[start:end])
            assert "EKFALV" not in str(caught.value)


def test_no_repr_shows_the_secret() -> None:
    made = parse_signing_key(PETER)
    shown = f"{made!r} {made} {made.secret!r}"
    assert SECRET_PART not in shown
    assert "\\x81\\n\\x14" not in shown  # the first bytes of the seed


def test_a_name_that_cannot_be_one_is_refused_before_a_key_is_made() -> None:
    with pytest.raises(LedgerError, match="cannot name a key"):
        generate_signing_key("two words")
