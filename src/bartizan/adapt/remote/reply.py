"""Reads what a server answers, within limits of size and time, and without what was secret."""

from collections.abc import Callable, Iterable
from typing import Any

from bartizan.core.errors import ModelError

ANSWER_BYTES = 64 << 20
"""Largest answer: a million scores as text fit several times over."""
_PIECE = 64 << 10
"""Bytes read at a time, so that little is unpacked before the size is looked at again."""
_SHORTEST = 8
"""Characters of a secret that is looked for in answers; shorter ones, and numbers, could be part
of a score."""
_BLACKED = b"[credential]"


def read_reply(
    answer: Any, *, where: str, late: Callable[[], bool], limit_bytes: int = ANSWER_BYTES
) -> bytes | None:
    """Read the whole body of an answer.

    A server that sends one byte now and then never runs into the timeout of a socket, and a
    packed answer can be a thousand times as large as what was sent.

    Args:
        answer: Of urllib3, not yet read.
        where: Who answers, for messages.
        late: Whether the time for one answer is up.
        limit_bytes: Most that is read, unpacked.

    Returns:
        The body; none if time was up first.

    Raises:
        ModelError: it is longer than the limit.
    """
    raw = bytearray()
    while piece := answer.read1(_PIECE, decode_content=True):
        raw += piece
        if len(raw) > limit_bytes:
            message = f"{where} answered with more than {limit_bytes >> 20} MiB; ask for less"
            raise ModelError(message)
        if late():
            return None
    return bytes(raw)


def blacked(raw: bytes, *, secrets: Iterable[str]) -> bytes:
    """An answer in which credentials that the server repeats are blacked out.

    What a server answers is quoted in messages, and messages end up in reports.

    Args:
        raw: The answer.
        secrets: What was sent.
    """
    for secret in secrets:
        if len(secret) >= _SHORTEST and not secret.replace(".", "").isdigit():
            raw = raw.replace(secret.encode(), _BLACKED)
    return raw
