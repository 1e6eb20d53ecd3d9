import io
import struct
import zipfile
import zlib

import pytest

from bartizan.formats.picture_end import declared_size, end_of, picture_format, smuggled

JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x04cd" + b"\x01\xff\x00\x02\xff\xd0\x03" + b"\xff\xd9"
)
"""A JPEG by its markers: an APP0 segment, a scan with a stuffed byte and a restart, the end."""


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">II5B", 7, 5, 8, 0, 0, 0, 0))
PNG += chunk(b"IEND", b"")


@pytest.mark.parametrize("raw", [JPEG, PNG])
def test_the_end_is_where_the_picture_ends_whatever_follows(raw: bytes) -> None:
    assert end_of(raw).at == len(raw)
    assert end_of(raw + b"tail").at == len(raw)


@pytest.mark.parametrize("raw", [JPEG, PNG])
def test_a_picture_that_is_cut_off_has_no_end(raw: bytes) -> None:
    for size in range(8, len(raw)):
        assert end_of(raw[:size]).at is None


def test_passes_are_counted() -> None:
    assert end_of(JPEG).scans == 1
    assert end_of(JPEG[:-2] + b"\xff\xda\x00\x04cd\x01" * 3 + b"\xff\xd9").scans == 4


def test_the_declared_size_is_read_from_the_head() -> None:
    assert declared_size(PNG) == (7, 5)
    assert declared_size(PNG[:20]) is None
    assert declared_size(JPEG) is None


@pytest.mark.parametrize(
    ("tail", "what"),
    [
        (b"", ""),
        (b"\0" * 50, ""),
        (b"\r\n", ""),
        (b"\xff\xd8\xff\xe0", ""),
        (b"hello", "5 bytes after its end"),
        (b"%PDF-1.4", "a PDF document"),
        (b"<?php", "a web page or a script"),
        (b"PK\x05\x06", "4 bytes after its end"),
    ],
)
def test_what_follows_a_picture_is_named(tail: bytes, what: str) -> None:
    assert smuggled(JPEG + tail, end=len(JPEG)) == what


def test_an_archive_is_found_before_and_after_the_end() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", "b")
    assert smuggled(PNG + file.getvalue(), end=len(PNG)) == "a zip archive"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (PNG, "png"),
        (JPEG, "jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"  <!DOCTYPE html>", "html"),
        (b"<?xml?><svg>", "svg"),
        (b"PK\x03\x04", "zip"),
        (b"", "unknown"),
    ],
)
def test_formats_are_told_by_content(raw: bytes, name: str) -> None:
    assert picture_format(raw) == name
