"""Other people's servers: slow, endless, silent, or not there."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from authority import served
from bartizan.core.errors import ConfigError, UsageError
from bartizan.ledger.posting import Posted, post

KIND = "text/plain"


@contextmanager
def raw_server(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A socket that says what it likes to its one caller."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            with suppress(OSError):
                line, _ = door.accept()
                with line, suppress(OSError):
                    line.recv(65_536)
                    talk(line, over)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}/add"
        finally:
            over.set()
            thread.join()


def test_body_type_and_status_come_back_as_sent() -> None:
    with served(lambda body: (409, "text/x.tlog.size; charset=utf-8", body[::-1])) as url:
        assert post(url, b"abc", content_type=KIND) == Posted(
            status=409, content_type="text/x.tlog.size", body=b"cba"
        )


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with raw_server(
        lambda line, _: line.sendall(
            b"HTTP/1.1 307 X\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n"
        )
    ) as url:
        assert post(url, b"", content_type=KIND).status == 307


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n",
    ],
    ids=["nothing", "in the headers", "a body without end", "in the body"],
)
def test_a_server_that_dribbles_is_cut_off_in_time(head: bytes) -> None:
    def dribble(line: socket.socket, over: threading.Event) -> None:
        line.sendall(head)
        while not over.wait(0.05):
            line.sendall(b"x")

    with raw_server(dribble) as url:
        began = time.monotonic()
        with pytest.raises(UsageError, match="took too long"):
            post(url, b"", content_type=KIND, timeout_s=0.4)
        assert time.monotonic() - began < 5


def test_a_server_that_says_nothing_is_cut_off_in_time() -> None:
    def wait(_: socket.socket, over: threading.Event) -> None:
        over.wait(5)

    with raw_server(wait) as url, pytest.raises(UsageError, match="took too long"):
        post(url, b"", content_type=KIND, timeout_s=0.3)


def test_an_endless_answer_is_cut_off_at_the_limit() -> None:
    def pour(line: socket.socket, over: threading.Event) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            line.sendall(b"x" * 4096)

    with raw_server(pour) as url, pytest.raises(UsageError, match="more than 9999 bytes"):
        post(url, b"", content_type=KIND, limit_bytes=9999)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"])
def test_a_line_that_breaks_is_no_answer(said: bytes) -> None:
    with (
        raw_server(lambda line, _: line.sendall(said)) as url,
        pytest.raises(UsageError, match="the line broke"),
    ):
        post(url, b"", content_type=KIND)


def test_nobody_there_is_told_so() -> None:
    with raw_server(lambda *_: None) as url, suppress(UsageError):
        post(url, b"", content_type=KIND)
    with pytest.raises(UsageError, match="nothing listens there"):
        post(url, b"", content_type=KIND)


@pytest.mark.parametrize(
    "url", ["", "witness.example", "ftp://witness.example", "http://", "http://[::1", "http://a:x/"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="expected an address"):
        post(url, b"", content_type=KIND)


def test_credentials_in_an_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError, match="holds credentials") as caught:
        post("https://me:hunter2@witness.example", b"", content_type=KIND)
    assert "hunter2" not in str(caught.value)
