"""Archives put together by hand, so that their parts may contradict each other."""

import struct
import zlib
from dataclasses import dataclass

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
ENCRYPTED = 1
"""Bit 0 of an entry's flags."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A member of a zip file: what its two headers say, and what there is."""

    name: str
    raw: bytes
    """As it lies in the archive."""
    method: int = 0
    """0 = stored, 8 = deflate, 12 = bzip2, 14 = lzma."""
    size: int | None = None
    """Unpacked, as the headers say; None = as long as `raw`."""
    crc: int | None = None
    local_name: str | None = None
    local_flags: int = 0
    central_flags: int = 0
    local: bool = True
    """Whether it has a header of its own at all."""
    central: bool = True
    """Whether the directory names it."""

    def headers(self, offset: int) -> tuple[bytes, bytes]:
        """The header in front of it, and its line in the directory."""
        size = len(self.raw) if self.size is None else self.size
        crc = zlib.crc32(self.raw) if self.crc is None else self.crc
        facts = struct.pack("<HHHIII", self.method, 0, 0x21, crc, len(self.raw), size)
        name = self.name.encode()
        other = name if self.local_name is None else self.local_name.encode()
        front = _LOCAL + struct.pack("<HH", 20, self.local_flags) + facts
        front += struct.pack("<HH", len(other), 0) + other
        line = _CENTRAL + struct.pack("<HHH", 20, 20, self.central_flags) + facts
        line += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, offset) + name
        return front, line


def zipped(entries: tuple[Entry, ...], *, before: bytes = b"", shift: int = 0) -> bytes:
    """A zip file.

    Args:
        entries: In order.
        before: Bytes in front of it.
        shift: Added to all offsets; the length of `before`, or 0 as if nothing stood there.
    """
    parts, lines, offset = [before], [], shift
    for entry in entries:
        front, line = entry.headers(offset)
        if entry.local:
            parts += [front, entry.raw]
            offset += len(front) + len(entry.raw)
        if entry.central:
            lines.append(line)
    directory = b"".join(lines)
    count = min(len(lines), 0xFFFF)
    end = _END + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), offset, 0)
    return b"".join([*parts, directory, end])


def deflated(raw: bytes) -> bytes:
    """Bytes as method 8 of a zip file keeps them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(raw) + packer.flush()


def zeros(mebibytes: int) -> bytes:
    """So many zeros, deflated: a thousandth of their size, made from one piece repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first * mebibytes + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def lz4_frame(raw: bytes) -> bytes:
    """A frame of LZ4 whose blocks are stored as they are.

    Source: LZ4 Frame Format Description 1.6.2. Descriptor 0x60 = version 1, blocks independent;
    0x70 = blocks of up to 4 MiB.
    """
    descriptor = b"\x60\x70"
    blocks = b""
    for start in range(0, len(raw), 4 << 20):
        part = raw[start : start + (4 << 20)]
        blocks += struct.pack("<I", len(part) | 1 << 31) + part
    check = bytes([_xxh32(descriptor) >> 8 & 0xFF])
    return b"\x04\x22\x4d\x18" + descriptor + check + blocks + bytes(4)


def _xxh32(raw: bytes) -> int:
    """The hash of fewer than 16 bytes. Source: xxHash fast digest algorithm, 0.1.1."""
    first, second, third, fourth, fifth = (
        2654435761,
        2246822519,
        3266489917,
        668265263,
        374761393,
    )
    mask = 0xFFFFFFFF
    value = (fifth + len(raw)) & mask
    whole = len(raw) // 4 * 4
    for (word,) in struct.iter_unpack("<I", raw[:whole]):
        value = _turned(value + word * third & mask, 17) * fourth & mask
    for byte in raw[whole:]:
        value = _turned(value + byte * fifth & mask, 11) * first & mask
    value = (value ^ value >> 15) * second & mask
    value = (value ^ value >> 13) * third & mask
    return value ^ value >> 16


def _turned(value: int, by: int) -> int:
    return (value << by | value >> (32 - by)) & 0xFFFFFFFF


def seven_zip(name: str, raw: bytes) -> bytes:
    """A 7z archive of one file that is stored as it is.

    Source: 7zFormat.txt of the LZMA SDK. Sizes below 128 are one byte, others are written out.
    """
    size = _number(len(raw))
    packed = b"\x06\x00\x01\x09" + size + b"\x00"
    folder = b"\x07\x0b\x01\x00" + b"\x01\x01\x00" + b"\x0c" + size + b"\x00"
    streams = b"\x08\x0a\x01" + struct.pack("<I", zlib.crc32(raw)) + b"\x00"
    label = b"\x00" + (name + "\0").encode("utf-16-le")
    files = b"\x05\x01\x11" + _number(len(label)) + label + b"\x00"
    header = b"\x01\x04" + packed + folder + streams + b"\x00" + files + b"\x00"
    start = struct.pack("<QQI", len(raw), len(header), zlib.crc32(header))
    magic = b"7z\xbc\xaf\x27\x1c\x00\x04"
    return magic + struct.pack("<I", zlib.crc32(start)) + start + raw + header


def _number(value: int) -> bytes:
    """A number of 7z below 2^14."""
    if value < 0x80:
        return bytes([value])
    return bytes([0x80 | value >> 8, value & 0xFF])
