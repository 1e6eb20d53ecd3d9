"""Archives around a pickle, and files that are recognised and not read."""

import io
import struct
import tarfile
import zipfile
import zlib

from bartizan.supply.planted.case import Planted, command, honest, hostile
from bartizan.supply.planted.pickled import RUNS, RUNS_NOTHING

_UNREAD = "archive.unread"


def zips() -> tuple[Planted, ...]:
    """As PyTorch writes them today."""
    return (
        honest("a list in a pickle in a zip archive", _zip(RUNS_NOTHING)),
        command("a command in a pickle in a zip archive", _zip(RUNS)),
        hostile(
            "a zip archive behind something else",
            b"#!/bin/sh\n" + _zip(RUNS_NOTHING),
            verdict="suspicious",
            rule="zip.prefix",
        ),
    )


def tars() -> tuple[Planted, ...]:
    """As NeMo writes them."""
    return (
        honest("a list in a pickle in a tar archive", _tar("model.pkl", RUNS_NOTHING)),
        command("a command in a pickle in a tar archive", _tar("model.pkl", RUNS)),
        hostile(
            "a member of a tar archive that leaves its folder",
            _tar("../model.pkl", RUNS_NOTHING),
            verdict="malicious",
            rule="tar.name",
        ),
    )


def seven_zips() -> tuple[Planted, ...]:
    """Read where libarchive is installed, and nowhere clean where it is not."""
    return (
        honest("a list in a pickle in a 7z archive", _seven_zip(RUNS_NOTHING), instead=_UNREAD),
        command("a command in a pickle in a 7z archive", _seven_zip(RUNS), instead=_UNREAD),
    )


def unread_files() -> tuple[Planted, ...]:
    """Nobody here opens them."""
    return (
        Planted(
            what="a RAR archive",
            raw=b"Rar!\x1a\x07\x01\x00",
            hostile=False,
            verdict="inconclusive",
            rule=_UNREAD,
        ),
        hostile(
            "a program of Linux",
            b"\x7fELF\x02\x01\x01".ljust(64, b"\0"),
            verdict="suspicious",
            rule="file.native",
        ),
    )


def _zip(raw: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("archive/data.pkl"), raw, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _tar(name: str, raw: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(raw)
        archive.addfile(member, io.BytesIO(raw))
    return buffer.getvalue()


def _seven_zip(raw: bytes) -> bytes:
    """One file, stored as it is.

    Source:
        7-Zip 24, DOC/7zFormat.txt: PackInfo, UnPackInfo with one coder that copies, SubStreamsInfo
        with a checksum, FilesInfo with a name. Numbers below 128 are one byte.
    """
    size, checksum = bytes([len(raw)]), struct.pack("<I", zlib.crc32(raw))
    packed = b"\x06\0\1\x09" + size + b"\0"
    folder = b"\x07\x0b\1\0\1\1\0\x0c" + size + b"\0"
    streams = b"\x08\x0a\1" + checksum + b"\0"
    name = b"\0" + "m.pkl\0".encode("utf-16-le")
    files = b"\x05\1\x11" + bytes([len(name)]) + name + b"\0"
    header = b"\1\4" + packed + folder + streams + b"\0" + files + b"\0"
    start = struct.pack("<QQI", len(raw), len(header), zlib.crc32(header))
    front = b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start))
    return front + start + raw + header
