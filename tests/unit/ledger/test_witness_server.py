"""A witness behind HTTP: the protocol to the letter, and callers of every kind."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bartizan.core.errors import UsageError
from bartizan.ledger.cosignature import verifier_of
from bartizan.ledger.note import extend_note, open_note
from bartizan.ledger.submission import SUBMISSION_BYTES
from bartizan.ledger.verifier_key import parse_verifier_key
from bartizan.ledger.witness_home import open_witness
from bartizan.ledger.witness_server import WitnessServer
from story import Story
from unit.ledger.trees import numbered

STORY = Story(numbered(12))
POST = b"POST /add-checkpoint HTTP/1.1\r\nhost: w\r\n"


@contextmanager
def running(server: WitnessServer) -> Iterator[WitnessServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def server(tmp_path: Path, told: list[str]) -> Iterator[WitnessServer]:
    witness = open_witness(tmp_path, name="witness.example/w1", logs=[STORY.verifier])
    with running(WitnessServer(witness, request_s=0.5, tell=told.append)) as found:
        yield found


@contextmanager
def line_to(server: WitnessServer) -> Iterator[socket.socket]:
    host, port = server.server_address[:2]
    with socket.create_connection((str(host), port), timeout=10) as line:
        yield line


def said(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The next answer on a line."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = line.recv(4096)
        assert piece, f"the line ended after {raw!r}"
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in rest)}
    while len(body) < int(headers["content-length"]):
        body += line.recv(4096)
    return int(first.split()[1]), headers, body


def ask(server: WitnessServer, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    with line_to(server) as line:
        line.sendall(raw)
        return said(line)


def posting(body: bytes) -> bytes:
    return POST + b"content-length: %d\r\n\r\n" % len(body) + body


def test_a_submission_is_cosigned_by_the_key_that_the_server_names(server: WitnessServer) -> None:
    status, headers, body = ask(server, b"GET / HTTP/1.1\r\nhost: w\r\n\r\n")
    assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
    key = parse_verifier_key(body.decode().rstrip("\n"))
    status, _, lines = ask(server, posting(STORY.submission(0, 7)))
    whole = extend_note(STORY.note(7), lines=lines[:-1].split(b"\n"))
    opened = open_note(whole, verifiers=[verifier_of(key)])
    assert (status, len(opened.signatures)) == (200, 1)


def test_a_conflict_has_the_type_and_the_body_of_the_specification(server: WitnessServer) -> None:
    ask(server, posting(STORY.submission(0, 7)))
    status, headers, body = ask(server, posting(STORY.submission(3, 9)))
    assert (status, headers["content-type"], body) == (409, "text/x.tlog.size", b"7\n")


def test_one_connection_serves_many_requests(server: WitnessServer) -> None:
    with line_to(server) as line:
        for old, new in ((0, 3), (3, 5), (4, 6), (5, 12)):
            line.sendall(posting(STORY.submission(old, new)))
            assert said(line)[0] == (409 if old == 4 else 200)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (POST + b"content-length: %d\r\n\r\n" % (SUBMISSION_BYTES + 1), 413),
        (POST + b"content-length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (POST + b"content-length: -1\r\n\r\n", 400),
        (POST + b"content-length: 1_0\r\n\r\n", 400),
        (POST + "content-length: \u00b2\r\n\r\n".encode("latin-1"), 400),
        (POST + b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc", 400),
        (POST + b"transfer-encoding: chunked\r\n\r\n5\r\nold 0\r\n0\r\n\r\n", 411),
        (POST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\nold 0", 411),
        (POST + b"\r\n", 411),
        (posting(b""), 400),
        (posting(b"\0" * 1000), 400),
        (posting(b"\xff\xfe"), 400),
        (b"POST /other HTTP/1.1\r\ncontent-length: 0\r\n\r\n", 404),
        (b"GET /add-checkpoint HTTP/1.1\r\n\r\n", 404),
        (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", 404),
        (b"DELETE / HTTP/1.1\r\n\r\n", 501),
        (b"<script> / HTTP/1.1\r\n\r\n", 501),
        (b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"nonsense\r\n\r\n", 400),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else str(value),
)
def test_whatever_else_is_sent_gets_one_line_of_plain_text(
    server: WitnessServer, told: list[str], raw: bytes, status: int
) -> None:
    found, headers, body = ask(server, raw)
    assert found == status
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert body.endswith(b"\n")
    assert 0 < len(body) < 300
    assert b"Traceback" not in body
    assert b"script" not in body
    assert not any(one in str(told) for one in ("script", "passwd", "nonsense"))
    assert headers["server"] == "bartizan"


def test_a_body_behind_a_refusal_is_not_taken_for_the_next_request(server: WitnessServer) -> None:
    hidden = b"GET / HTTP/1.1\r\nhost: w\r\n\r\n"
    for path in (b"GET / HTTP/1.1\r\n", b"POST /other HTTP/1.1\r\n"):
        with line_to(server) as line:
            line.sendall(path + b"content-length: %d\r\n\r\n" % len(hidden) + hidden)
            said(line)
            more = b""
            with suppress(ConnectionResetError):
                more = line.recv(10)
            assert more == b""


@pytest.mark.parametrize(
    "head", [b"", b"POST /add-che", POST, POST + b"content-length: 1000\r\n\r\nold 0"]
)
def test_a_caller_who_dawdles_is_cut_off_and_others_are_served(
    server: WitnessServer, head: bytes
) -> None:
    with line_to(server) as slow:
        slow.sendall(head)
        began = time.monotonic()
        assert ask(server, posting(STORY.submission(0, 7)))[0] == 200
        slow.settimeout(5)
        over = False
        while not over and time.monotonic() - began < 5:
            time.sleep(0.05)
            try:
                slow.sendall(b"x")  # one letter now and then
                slow.setblocking(False)
                over = slow.recv(4096) == b""
            except BlockingIOError:
                continue
            except OSError:
                over = True
        assert over
        assert time.monotonic() - began < 4


def test_a_caller_who_leaves_in_the_middle_changes_nothing(server: WitnessServer) -> None:
    raw = posting(STORY.submission(0, 7))
    with line_to(server) as line:
        line.sendall(raw[:-5])
    assert ask(server, posting(STORY.submission(7, 9)))[2] == b"0\n"


def test_more_connections_than_there_is_room_for_are_turned_away_and_later_served(
    tmp_path: Path,
) -> None:
    witness = open_witness(tmp_path, name="witness.example/w1", logs=[STORY.verifier])
    with running(WitnessServer(witness, request_s=0.4, connections=2)) as server:
        with line_to(server) as one, line_to(server) as two:
            one.sendall(b"POST")
            two.sendall(b"POST")
            time.sleep(0.1)
            with line_to(server) as third:
                assert third.recv(10) == b""
        time.sleep(0.6)
        assert ask(server, posting(STORY.submission(0, 7)))[0] == 200


def test_it_listens_on_this_machine_alone_unless_told_otherwise(server: WitnessServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")


def test_a_place_that_is_taken_is_told(server: WitnessServer) -> None:
    port = int(server.server_address[1])
    for where, at in (("127.0.0.1", port), ("192.0.2.1", 0), ("127.0.0.1", 70_000)):
        with pytest.raises(UsageError, match="cannot listen on"):
            WitnessServer(server.witness, host=where, port=at)
