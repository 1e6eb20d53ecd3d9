"""Files that are two things at once, and packings around packings."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Iterator

from hostile_artifacts.archives import Entry, deflated, zipped
from hostile_artifacts.case import CONTAINER, Build, Case, Least
from hostile_artifacts.opcodes import BENIGN, COMMAND, payload, whole

_TEXT = f"cos\nsystem\n(S'{COMMAND}'\ntR.".encode()
"""The payload of protocol 0: text, so that it fits wherever a text does."""
_BLOCK = 512


def _tar(*members: tuple[tarfile.TarInfo, bytes], kind: int = tarfile.GNU_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        for about, raw in members:
            about.size = len(raw)
            archive.addfile(about, io.BytesIO(raw))
    return buffer.getvalue()


def _member(name: str, *, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    about.type, about.linkname = kind, target
    return about


def _checked(header: bytes) -> bytes:
    """A header of a tar archive with the checksum that belongs to it."""
    blank = header[:148] + b" " * 8 + header[156:]
    return header[:148] + b"%06o\0 " % sum(blank) + header[156:]


def _tar_that_is_a_pickle() -> bytes:
    """The name of the first member, which a tar begins with, is a pickle."""
    raw = _tar((_member("x"), b"hello\n"))
    return _checked(_TEXT.ljust(100, b"\0") + raw[100:_BLOCK]) + raw[_BLOCK:]


def _extended(fields: dict[str, str]) -> bytes:
    """A member whose record of PAX says something else than its header."""
    about = _member("harmless.txt")
    about.pax_headers = fields
    return _tar((about, payload()), kind=tarfile.PAX_FORMAT)


def _prefixed() -> bytes:
    """The old header keeps the beginning of a name in a place of its own."""
    raw = _tar((_member("model.pkl"), b"text\n"), kind=tarfile.USTAR_FORMAT)
    return _checked(raw[:345] + b"../..".ljust(155, b"\0") + raw[500:_BLOCK]) + raw[_BLOCK:]


def _large_number() -> bytes:
    """A size in base 256, where others are octal."""
    raw = _tar((_member("data.pkl"), payload()))
    size = b"\x80" + len(payload()).to_bytes(11, "big")
    return _checked(raw[:124] + size + raw[136:_BLOCK]) + raw[_BLOCK:]


def _tars() -> dict[str, tuple[str, Build]]:
    """Tar archives that reach out of their folder, or have a second one behind them."""
    raw = payload()
    link = _member("models", kind=tarfile.SYMTYPE, target="../../nonexistent")
    return {
        "tar-that-is-a-pickle": ("polyglot", _tar_that_is_a_pickle),
        "tar-name-that-pax-changes": ("tar-name", lambda: _extended({"path": "../../x.pkl"})),
        "tar-size-that-pax-changes": ("tar-name", lambda: _extended({"size": "4"})),
        "tar-absolute-name": ("tar-name", lambda: _tar((_member("/nonexistent/x"), b"text\n"))),
        "tar-long-name-that-leaves": (
            "tar-name",
            lambda: _tar((_member("a/" * 80 + "../" * 90 + "x"), b"text\n")),
        ),
        "tar-prefix-that-leaves": ("tar-name", _prefixed),
        "tar-size-in-base-256": ("tar-name", _large_number),
        "tar-link-and-a-file-through-it": (
            "link",
            lambda: _tar((link, b""), (_member("models/x"), b"text\n")),
        ),
        "tar-hard-link-out-of-it": (
            "link",
            lambda: _tar((_member("x", kind=tarfile.LNKTYPE, target="/etc/passwd"), b"")),
        ),
        "tar-behind-the-end-of-a-tar": (
            "hidden-entry",
            lambda: _tar((_member("a.txt"), b"text\n")) + _tar((_member("data.pkl"), raw)),
        ),
        "tar-same-name-twice": (
            "hidden-entry",
            lambda: _tar((_member("m.pkl"), whole(BENIGN)), (_member("m.pkl"), raw)),
        ),
        "tar-member-of-an-odd-kind": (
            "hidden-entry",
            lambda: _tar((_member("m.pkl", kind=tarfile.CONTTYPE), raw)),
        ),
    }


def _gzip(raw: bytes, *, flags: int, fields: bytes) -> bytes:
    """gzip with further fields in its header."""
    front = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\x02\xff" + fields
    return front + deflated(raw) + struct.pack("<II", zlib.crc32(raw), len(raw))


def _packed() -> dict[str, tuple[str, Build]]:
    """Packings with odd headers, cut tails and several layers."""
    raw = payload()
    extra = struct.pack("<H", 4) + b"abcd"
    raw_lzma = lzma.compress(raw, format=lzma.FORMAT_ALONE)
    return {
        "gzip-with-every-field": (
            "other-compression",
            lambda: _gzip(raw, flags=0x1C, fields=extra + b"name\0comment\0"),
        ),
        "gzip-with-a-wrong-checksum": (
            "bad-crc",
            lambda: gzip.compress(raw, mtime=0)[:-8] + bytes(8),
        ),
        "gzip-cut-behind-the-payload": (
            "truncated",
            lambda: gzip.compress(raw + bytes(64), mtime=0)[:-9],
        ),
        "zlib-cut-behind-the-payload": ("truncated", lambda: zlib.compress(raw)[:-4]),
        "gzip-of-nothing-and-the-payload": (
            "hidden-entry",
            lambda: gzip.compress(b"", mtime=0) + gzip.compress(raw, mtime=0),
        ),
        "pickle-behind-the-end-of-gzip": (
            "hidden-entry",
            lambda: gzip.compress(whole(BENIGN), mtime=0) + raw,
        ),
        "pickle-behind-the-end-of-zlib": (
            "hidden-entry",
            lambda: zlib.compress(whole(BENIGN)) + raw,
        ),
        "pickle-behind-the-end-of-bzip2": (
            "hidden-entry",
            lambda: bz2.compress(whole(BENIGN)) + raw,
        ),
        "pickle-behind-the-end-of-xz": (
            "hidden-entry",
            lambda: lzma.compress(whole(BENIGN)) + raw,
        ),
        "five-packings": (
            "nested",
            lambda: gzip.compress(bz2.compress(lzma.compress(zlib.compress(raw_lzma))), mtime=0),
        ),
        "zip-in-gzip-in-zip": (
            "nested",
            lambda: zipped(
                (Entry(name="a", raw=gzip.compress(zipped((Entry(name="b", raw=raw),)), mtime=0)),)
            ),
        ),
        "lzma-in-a-zip": (
            "other-compression",
            lambda: zipped(
                (
                    Entry(
                        name="archive/data.pkl",
                        raw=b"\x09\x14\x05\x00" + raw_lzma[:5] + raw_lzma[13:],
                        method=14,
                        size=len(raw),
                        crc=zlib.crc32(raw),
                    ),
                )
            ),
        ),
        "pickle-in-two-frames-of-xz": (
            "hidden-entry",
            lambda: lzma.compress(raw[:10]) + lzma.compress(raw[10:]),
        ),
    }


def _array(header: str, raw: bytes = b"", *, version: int = 1) -> bytes:
    """A file of NumPy with any header."""
    text = header.ljust(117) + "\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text.encode() + raw


def _arrays() -> dict[str, tuple[str, Build]]:
    """Objects where an array is expected, under types that do not look like it."""
    raw = payload()
    fields = "{'descr': [('a', '<i4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }"
    within = "{'descr': [('a', [('b', '|O', (2,))])], 'fortran_order': False, 'shape': (1,), }"
    numbers = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }"
    objects = numbers.replace("|u1", "|O")
    return {
        "npy-of-records-with-objects": ("object-array", lambda: _array(fields, raw)),
        "npy-of-records-with-objects-within": ("object-array", lambda: _array(within, raw)),
        "npy-of-numbers-and-one-of-objects": (
            "object-array",
            lambda: _array(numbers, b"\1") + _array(objects, raw),
        ),
        "npy-and-a-pickle-behind-it": ("object-array", lambda: _array(numbers, b"\1") + raw),
        "npz-of-objects-deflated": (
            "object-array",
            lambda: zipped((_deflated("weights.npy", _array(objects, raw)),)),
        ),
        "npy-of-objects-with-spaces": (
            "object-array",
            lambda: _array(objects.replace("'|O'", "  'O'"), raw),
        ),
    }


def _deflated(name: str, raw: bytes) -> Entry:
    return Entry(name=name, raw=deflated(raw), method=8, size=len(raw), crc=zlib.crc32(raw))


def _fronts() -> dict[str, tuple[str, Build]]:
    """A zip archive is found by its end, whatever stands in front of it."""
    box = zipped((Entry(name="archive/data.pkl", raw=payload()),))
    header = b'{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
    numbers = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }"
    fronts = {
        "safetensors": struct.pack("<Q", len(header)) + header + b"\7",
        "gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 0),
        "npy": _array(numbers, b"\1"),
        "gzip": gzip.compress(b"text\n", mtime=0),
        "onnx": b"\x08\x08\x3a\x03\x12\x01g",
        "pdf": b"%PDF-1.7\n%%EOF\n",
        "gif": b"GIF89a\1\0\1\0\0\0\0;",
        "json": b'{"a": 1}\n',
        "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(88),
        "tar": _tar((_member("a.txt"), b"text\n")),
    }
    return {
        f"zip-behind-{kind}": ("polyglot", lambda front=front: front + box)  # type: ignore[misc]  # a default binds it
        for kind, front in fronts.items()
    }


def _texts() -> dict[str, tuple[str, Build]]:
    """Text formats whose first line is an instruction of protocol 0."""
    return {
        "pickle-that-is-yaml": ("polyglot", lambda: _TEXT + b"\n---\nrate: 0.1\n"),
        "pickle-that-is-a-table": ("polyglot", lambda: b"I1\n0" * 40 + _TEXT),
        "pickle-in-front-of-hdf5": (
            "polyglot",
            lambda: payload().ljust(_BLOCK, b"\n") + b"\x89HDF\r\n\x1a\n" + bytes(88),
        ),
        "pickle-in-front-of-a-tar": (
            "polyglot",
            lambda: payload() + _tar((_member("a.txt"), b"text\n")),
        ),
    }


_LEAST: dict[str, Least] = {"tar-size-that-pax-changes": "suspicious"}
"""What is left of the payload is cut off: no reader takes both sizes."""


def cases() -> Iterator[Case]:
    """Every disguise."""
    for group in (_tars(), _packed(), _arrays(), _fronts(), _texts()):
        for name, (weakness, build) in group.items():
            yield Case(
                name=name,
                family=CONTAINER,
                weakness=weakness,
                ending=".bin",
                content=build,
                least=_LEAST.get(name, "malicious"),
            )
