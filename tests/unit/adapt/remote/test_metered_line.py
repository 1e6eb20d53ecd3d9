"""Servers that never come to an end: each is given up in time, and says so in one sentence."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bartizan.adapt.remote.metered_line import Allowance
from bartizan.adapt.remote.reply import ANSWER_BYTES
from bartizan.adapt.remote.transport import Limits, Transport
from bartizan.core.errors import ModelError

TIMEOUT_S = 0.3
GENEROUS_S = 3.0
"""Far beyond the timeout, far below what each of these servers would take without it."""
PAUSE_S = 0.05
START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = START + b"transfer-encoding: chunked\r\n\r\n"

Talk = Callable[[socket.socket], None]


@contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """A server that reads one question a connection and then talks as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(line,), daemon=True).start()

        def answer(line: socket.socket) -> None:
            with line:
                try:
                    line.recv(1 << 16)
                    talk(line)
                except OSError:
                    return  # the other side has given up

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/m"
        server.shutdown(socket.SHUT_RDWR)


def asking(url: str, *, retries: int = 0) -> Transport:
    limits = Limits(timeout_s=TIMEOUT_S, retries=retries)
    return Transport(url=url, limits=limits, sleep=lambda _: None)


def drip(first: bytes, again: bytes) -> Talk:
    """Something now and then, for half a minute."""

    def talk(line: socket.socket) -> None:
        line.sendall(first)
        for _ in range(600):
            line.sendall(again)
            time.sleep(PAUSE_S)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        drip(START + b"x-slow: ", b"a"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(CHUNKED, b"1\r\n \r\n"),
        drip(CHUNKED, b"0"),
        drip(START + b"content-length: 1000\r\n\r\n", b" "),
        drip(b"", b""),
    ],
    ids=["header", "continue", "chunks", "length of a chunk", "body", "silence"],
)
def test_a_server_that_drips_is_given_up_in_time(talk: Talk) -> None:
    with talking(talk) as url:
        began = time.monotonic()
        with pytest.raises(ModelError, match=r"no answer after 1 tries \(.*longer than timeout_s"):
            asking(url).get()
        assert time.monotonic() - began < GENEROUS_S


def test_every_try_has_the_whole_time() -> None:
    asked: list[float] = []

    def slow_then_well(line: socket.socket) -> None:
        asked.append(time.monotonic())
        if len(asked) > 1:
            line.sendall(START + b"content-length: 2\r\n\r\n{}")
        else:
            drip(START + b"x-slow: ", b"a")(line)

    with talking(slow_then_well) as url:
        assert asking(url, retries=1).get() == {}
    assert len(asked) == 2


def test_a_chunk_whose_length_never_ends_does_not_fill_the_memory() -> None:
    def talk(line: socket.socket) -> None:
        line.sendall(CHUNKED + b"1;")
        for _ in range(4000):
            line.sendall(b"a" * (1 << 16))

    with talking(talk) as url, pytest.raises(ModelError, match=r"no answer|more than 64 MiB"):
        asking(url).get()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (START + b"content-length: 100\r\n\r\n{}", "more expected"),
        (START + b"content-length: 2\r\ncontent-length: 50\r\n\r\n{}", "multiple unmatching"),
        (b"\x00\xff\r\n\r\n", "BadStatusLine"),
        (START + b"".join(b"x-%d: 1\r\n" % n for n in range(300)) + b"\r\n{}", "100 headers"),
        (b"", "without response"),
    ],
    ids=["too short", "two lengths", "no status", "too many headers", "hangs up"],
)
def test_an_answer_that_breaks_the_protocol_is_one_clear_error(answer: bytes, says: str) -> None:
    with talking(lambda line: line.sendall(answer)) as url, pytest.raises(ModelError, match=says):
        asking(url).get()


def test_what_comes_after_an_answer_belongs_to_no_question() -> None:
    def talk(line: socket.socket) -> None:
        line.sendall(START + b"content-length: 2\r\n\r\n{}" + START + b"content-length: 1\r\n\r\n3")
        line.recv(1 << 16)

    with talking(talk) as url:
        transport = asking(url, retries=2)
        assert transport.get() == {}
        assert transport.get() == {}


def test_an_allowance_is_spent_and_begins_anew() -> None:
    now = [0.0]
    allowance = Allowance(where="it", clock=lambda: now[0])
    allowance.begin(timeout_s=2.0, size_bytes=ANSWER_BYTES)
    now[0] = 1.5
    assert allowance.seconds() == 0.5
    now[0] = 2.0
    with pytest.raises(TimeoutError):
        allowance.seconds()
    with pytest.raises(ModelError, match="it answered with more than 64 MiB"):
        allowance.spend(2 * ANSWER_BYTES)
    allowance.begin(timeout_s=2.0, size_bytes=ANSWER_BYTES)
    assert allowance.seconds() == 2.0
    allowance.spend(ANSWER_BYTES)
