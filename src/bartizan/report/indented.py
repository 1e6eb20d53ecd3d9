"""JSON that people read too: two blanks an indent, and a line feed at the end."""

import json

import msgspec

from bartizan.core.record import Record, encode


def indented(value: object) -> bytes:
    """What `json.dumps` takes; keys stay in their order."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def indented_record(record: Record) -> bytes:
    """A record as it is stored, but for the indent; equal records give equal bytes."""
    return msgspec.json.format(encode(record), indent=2) + b"\n"
