"""Where a picture ends in its file, and what is hidden around it."""

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Literal, TypeAlias

PictureFormat: TypeAlias = Literal[
    "png", "jpeg", "gif", "bmp", "webp", "tiff", "svg", "pdf", "zip", "html", "unknown"
]
_MAGICS: tuple[tuple[bytes, PictureFormat], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"BM", "bmp"),
)
_SCRIPT = re.compile(rb"<script|<\?php|<html|<!doctype html", re.IGNORECASE)
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""The next marker of a JPEG file that is no restart and no stuffed byte (ITU-T T.81, B.1.1)."""
_BARE = frozenset((0x01, 0xD8))
"""Markers without a length: TEM and SOI."""
_SOS, _EOI = 0xDA, 0xD9
_ZIP_TAIL = 65_557
"""Bytes from the end in which a zip archive says where its contents begin (22 + 65,535)."""


@dataclass(frozen=True)
class End:
    """How a file of one picture is built."""

    at: int | None
    """Byte after the picture; none = it does not end: the file is cut off or damaged."""
    scans: int = 1
    """Passes over the picture; a progressive JPEG has about ten."""


def picture_format(raw: bytes) -> PictureFormat:
    """What a file is by its first bytes.

    Example:
        >>> picture_format(b"GIF89a..."), picture_format(b"<svg xmlns=")
        ('gif', 'svg')
    """
    for magic, name in _MAGICS:
        if raw.startswith(magic):
            return name
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "webp"
    head = raw[:1024].lstrip().lower()
    if b"<svg" in head:
        return "svg"
    return "html" if _SCRIPT.search(head) else "unknown"


def declared_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height that a PNG file declares in its head; none for others."""
    if not raw.startswith(b"\x89PNG\r\n\x1a\n") or len(raw) < 24:
        return None
    return int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")


def end_of(raw: bytes) -> End:
    """Where the picture of a PNG or JPEG file ends.

    Cost: linear in the file; nothing is unpacked.

    Source:
        PNG specification (third edition), 5.3; ITU-T T.81, annex B.
    """
    return _png_end(raw) if raw.startswith(b"\x89PNG") else _jpeg_end(raw)


def _png_end(raw: bytes) -> End:
    at = 8
    while at + 12 <= len(raw):
        size = int.from_bytes(raw[at : at + 4], "big")
        kind = raw[at + 4 : at + 8]
        at += 12 + size
        if kind == b"IEND":
            return End(at if at <= len(raw) else None)
    return End(None)


def _jpeg_end(raw: bytes) -> End:
    at, scans = 2, 0
    while (match := _MARKER.search(raw, at)) is not None:
        marker, at = match.group()[-1], match.end()
        if marker == _EOI:
            return End(at, scans)
        if marker in _BARE:
            continue
        scans += marker == _SOS
        at += int.from_bytes(raw[at : at + 2], "big")
    return End(None, scans)


def smuggled(raw: bytes, *, end: int) -> str:
    """What a file holds besides its picture; empty where that is nothing.

    Padding with zeros or blanks is nothing, and so is a second JPEG picture, as phones append.

    Args:
        raw: The whole file.
        end: Byte after the picture.

    Returns:
        A few words.
    """
    if b"PK\x05\x06" in raw[-_ZIP_TAIL:] and zipfile.is_zipfile(io.BytesIO(raw)):
        return "a zip archive"
    if b"%PDF-" in raw[:1024] or b"%PDF-" in raw[end:]:
        return "a PDF document"
    if _SCRIPT.search(raw):
        return "a web page or a script"
    tail = raw[end:]
    if not tail.strip(b"\0 \r\n\t") or tail.lstrip(b"\0").startswith(b"\xff\xd8\xff"):
        return ""
    return f"{len(tail):,} bytes after its end"
