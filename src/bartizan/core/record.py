"""Records: immutable facts with one encoding."""

import hashlib
from typing import TypeVar

import msgspec

from bartizan.core.errors import Error, InputError


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every record. Reading skips fields that a newer version added."""


class UserInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a person writes: an unknown field is a mistake and is refused."""


R = TypeVar("R")

_ENCODER = msgspec.json.Encoder(order="deterministic")


def encode(record: object) -> bytes:
    """Encode a record as JSON; equal records give equal bytes."""
    return _ENCODER.encode(record)


def decode(raw: bytes, *, kind: type[R]) -> R:
    """Decode one record.

    Raises:
        InputError: the bytes are not such a record; the message names the place.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Error) as error:
        message = f"expected a stored {kind.__name__} record, got something else: {error}"
        raise InputError(message) from error


def digest(raw: bytes) -> str:
    """SHA-256 of bytes as they are stored, as ``sha256:<hex>``. Never of a re-encoding."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()
