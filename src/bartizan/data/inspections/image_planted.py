"""A hostile file of a picture, for the control of `data.images`."""

import io
import struct
import zipfile
import zlib
from typing import Any

import polars as pl

from bartizan.adapt.images.safety import facts_of


def picture() -> bytes:
    """A PNG file of 2 x 2 grey pixels, black and white.

    Source:
        PNG specification, third edition, 5.3 and 11.2.
    """
    head = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0\0\xff\0\xff\0")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )


def planted_row(schema: Any) -> pl.DataFrame:
    """The facts, as read, about a picture that is an archive too; one row of that schema."""
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("passenger.txt", "planted")
    facts = facts_of(picture() + hidden.getvalue(), name="planted.png")
    row = {
        "file": "planted.png",
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "mode": facts.mode,
        "bytes": facts.size_bytes,
        "problem": facts.problem,
        "hostile": facts.hostile,
        "personal": facts.personal,
        "decoded": False,
    }
    return pl.DataFrame([row], schema=schema)
