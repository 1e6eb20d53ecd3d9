"""Time stamps by a real authority, made with openssl, and everything that is none."""

import base64
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

import authority as stamping
from authority import Authority, served
from bartizan.core.errors import ConfigError, LedgerError, UsageError
from bartizan.ledger.anchor import AnchorProof
from bartizan.ledger.anchor_timestamp import TimestampAnchor
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.posting import Posted

pytest.importorskip("rfc3161_client", reason="needs the extra timestamp")
pytestmark = pytest.mark.skipif(
    stamping.OPENSSL is None, reason="needs the openssl command line, to make stamps with"
)

CHECKPOINT = Checkpoint(origin="log.example/data", size=7, root=bytes(range(32)))
TEXT = CHECKPOINT.text()
OTHER = Checkpoint(origin="log.example/data", size=7, root=bytes(range(1, 33))).text()
REPLY = "application/timestamp-reply"


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return stamping.make(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def address(tsa: Authority) -> Iterator[str]:
    with served(lambda body: (200, REPLY, tsa.reply(body))) as url:
        yield url


@pytest.fixture(scope="module")
def proof(tsa: Authority, address: str) -> AnchorProof:
    return TimestampAnchor(url=address, roots=tsa.roots).anchor(TEXT)


def answering(tsa: Authority, posted: Posted) -> TimestampAnchor:
    def send(url: str, body: bytes, *, content_type: str) -> Posted:
        assert content_type == "application/timestamp-query"
        return posted

    return TimestampAnchor(url="http://tsa.example", roots=tsa.roots, send=send)


def test_a_stamp_is_verified_offline_and_tells_what_and_when(
    tsa: Authority, proof: AnchorProof
) -> None:
    found = TimestampAnchor(roots=tsa.roots).verify(proof, text=TEXT)
    assert (found.kind, found.checkpoint) == ("rfc3161", CHECKPOINT)
    assert abs(found.when - datetime.now(tz=UTC)) < timedelta(minutes=2)


def test_openssl_verifies_the_same_stamp_over_the_same_text(
    tsa: Authority, proof: AnchorProof, tmp_path: Path
) -> None:
    (tmp_path / "stamp.tsr").write_bytes(proof.body)
    (tmp_path / "text").write_text(proof.text)
    words = ("ts", "-verify", "-in", "stamp.tsr", "-data", "text")
    root = str(tsa.folder / "root.pem")
    ran = subprocess.run(
        [str(stamping.OPENSSL), *words, "-CAfile", root],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert b"Verification: OK" in ran.stdout + ran.stderr


def test_a_stamp_of_another_text_is_refused(tsa: Authority, proof: AnchorProof) -> None:
    moved = msgspec.structs.replace(proof, text=OTHER)
    with pytest.raises(LedgerError, match="about other bytes"):
        TimestampAnchor(roots=tsa.roots).verify(moved, text=OTHER)
    with pytest.raises(LedgerError, match="another checkpoint"):
        TimestampAnchor(roots=tsa.roots).verify(proof, text=OTHER)


def test_a_stamp_under_another_root_is_refused(proof: AnchorProof, tmp_path: Path) -> None:
    stranger = stamping.make(tmp_path)
    with pytest.raises(LedgerError, match="none of the root certificates"):
        TimestampAnchor(roots=stranger.roots).verify(proof, text=TEXT)


def test_a_certificate_that_had_run_out_at_the_time_of_the_stamp_is_refused(
    tsa: Authority,
) -> None:
    tsa.issue("old", dates=("200101000000Z", "200201000000Z"))
    with (
        served(lambda body: (200, REPLY, tsa.reply(body, signer="old"))) as url,
        pytest.raises(LedgerError, match="not valid at the time"),
    ):
        TimestampAnchor(url=url, roots=tsa.roots).anchor(TEXT)


def test_a_policy_that_was_not_asked_for_is_refused(tsa: Authority, proof: AnchorProof) -> None:
    TimestampAnchor(roots=tsa.roots, policy="1.2.3.4.1").verify(proof, text=TEXT)
    with pytest.raises(LedgerError, match="another policy"):
        TimestampAnchor(roots=tsa.roots, policy="1.2.3.4.2").verify(proof, text=TEXT)


def test_a_replayed_answer_is_refused_by_its_nonce(tsa: Authority, proof: AnchorProof) -> None:
    posted = Posted(status=200, content_type=REPLY, body=proof.body)
    with pytest.raises(LedgerError, match="another request"):
        answering(tsa, posted).anchor(TEXT)


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_an_answer_cut_short_is_refused(tsa: Authority, proof: AnchorProof, cut: int) -> None:
    posted = Posted(status=200, content_type=REPLY, body=proof.body[:cut])
    with pytest.raises(LedgerError, match="cut short"):
        answering(tsa, posted).anchor(TEXT)


def test_a_refusal_is_told_in_the_words_of_the_authority(tsa: Authority) -> None:
    refusal = tsa.reply(b"\x30\x03\x02\x01\x01")  # a request without anything to stamp
    with pytest.raises(LedgerError, match=r"granted no time stamp \(status 2\)"):
        answering(tsa, Posted(status=200, content_type=REPLY, body=refusal)).anchor(TEXT)


@pytest.mark.parametrize(
    ("status", "kind"), [(200, "text/html"), (404, "text/html"), (500, REPLY), (200, "")]
)
def test_a_page_in_place_of_a_stamp_is_refused(tsa: Authority, status: int, kind: str) -> None:
    posted = Posted(status=status, content_type=kind, body=b"<html>Welcome!</html>")
    with pytest.raises(UsageError, match="is no time-stamping authority"):
        answering(tsa, posted).anchor(TEXT)


def test_html_that_claims_to_be_a_stamp_is_refused(tsa: Authority) -> None:
    posted = Posted(status=200, content_type=REPLY, body=b"<html>Welcome!</html>")
    with pytest.raises(LedgerError, match="no time-stamp response"):
        answering(tsa, posted).anchor(TEXT)


def test_a_stamp_of_the_future_is_refused(tsa: Authority, proof: AnchorProof) -> None:
    past = datetime.now(tz=UTC) - timedelta(days=1)
    anchor = TimestampAnchor(roots=tsa.roots, clock=lambda: past)
    with pytest.raises(LedgerError, match="of the future"):
        anchor.verify(proof, text=TEXT)


def test_no_changed_byte_gives_another_time_or_text(tsa: Authority, proof: AnchorProof) -> None:
    anchor = TimestampAnchor(roots=tsa.roots)
    was = anchor.verify(proof, text=TEXT)
    held = 0
    for at in range(len(proof.body)):
        body = bytearray(proof.body)
        body[at] ^= 1
        try:
            now = anchor.verify(msgspec.structs.replace(proof, body=bytes(body)), text=TEXT)
        except LedgerError:
            continue
        held += 1
        assert now == was
    assert held < len(proof.body) // 20  # unsigned bytes: versions, embedded certificates' tails


@pytest.mark.parametrize("roots", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\n"])
def test_roots_that_are_none_are_refused(proof: AnchorProof, roots: bytes) -> None:
    with pytest.raises(ConfigError, match="root certificates in PEM"):
        TimestampAnchor(roots=roots).verify(proof, text=TEXT)


def test_a_policy_that_is_none_is_refused(tsa: Authority, proof: AnchorProof) -> None:
    with pytest.raises(ConfigError, match="policy such as"):
        TimestampAnchor(roots=tsa.roots, policy="strict").verify(proof, text=TEXT)


def test_without_an_address_there_is_nobody_to_ask(tsa: Authority) -> None:
    with pytest.raises(ConfigError, match="address of a time-stamping authority"):
        TimestampAnchor(roots=tsa.roots).anchor(TEXT)


def test_a_server_that_is_down_gives_one_clear_error(tsa: Authority) -> None:
    with served(lambda _: (200, REPLY, b"")) as url:
        pass
    with pytest.raises(UsageError, match="nothing listens there"):
        TimestampAnchor(url=url, roots=tsa.roots).anchor(TEXT)


def test_a_proof_survives_its_file(proof: AnchorProof) -> None:
    raw = msgspec.json.encode(proof)
    assert base64.b64decode(msgspec.json.decode(raw)["body"]) == proof.body
    assert msgspec.json.decode(raw, type=AnchorProof) == proof
