"""A draft knows whether a person has gone on with it, so that no later one is put in its place."""

import hashlib
import re
from pathlib import Path

from bartizan.report.save import put

_SEAL = re.compile(rb"\n<!-- drawn up as sha256:([0-9a-f]{64}) -->\n\Z")


def sealed(raw: bytes) -> bytes:
    """A draft with the digest of its own text at its end.

    Example:
        >>> touched(sealed(b"# A draft")), touched(sealed(b"# A draft").replace(b"A", b"My"))
        (False, True)
    """
    return raw + b"\n<!-- drawn up as sha256:%s -->\n" % _digest(raw)


def touched(raw: bytes) -> bool:
    """Whether somebody changed a draft, or it is none."""
    seal = _SEAL.search(raw)
    return seal is None or seal[1] != _digest(raw[: seal.start()])


def put_draft(place: Path, raw: bytes) -> Path:
    """Put a document in place, or beside one that a person has gone on with.

    Returns:
        Where it is now.

    Raises:
        OutputError: it cannot be written.
    """
    if place.suffix == ".md" and place.exists() and touched(place.read_bytes()):
        place = place.with_suffix(".new.md")
    put(place, raw)
    return place


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).hexdigest().encode()
