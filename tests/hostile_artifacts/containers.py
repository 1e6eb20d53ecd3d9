"""Archives around a hostile pickle that a loader opens and a scanner does not."""

import bz2
import gzip
import io
import struct
import tarfile
import zlib
from collections.abc import Iterator

from hostile_artifacts.archives import ENCRYPTED, Entry, deflated, seven_zip, zeros, zipped
from hostile_artifacts.case import CONTAINER, Build, Case, Least
from hostile_artifacts.opcodes import BENIGN, payload, whole

_MEMBER = "archive/data.pkl"
"""Where torch keeps its pickle."""
_MANY = 100_000
_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
    b":~\x9bU\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND"
    b"\xaeB`\x82"
)
"""A whole picture of one pixel."""


def _torch(entry: Entry | None = None, *more: Entry, before: bytes = b"", shift: int = 0) -> bytes:
    """A zip as torch writes it, with a hostile pickle in it unless another entry is given."""
    first = entry or Entry(name=_MEMBER, raw=payload())
    version = Entry(name="archive/version", raw=b"3\n")
    return zipped((first, *more, version), before=before, shift=shift)


def _tar(raw: bytes, *, name: str = "data.pkl", mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]  # the mode is a parameter of ours
        about = tarfile.TarInfo(name)
        about.size = len(raw)
        archive.addfile(about, io.BytesIO(raw))
    return buffer.getvalue()


def _npy(raw: bytes, *, descr: str = "|O", version: int = 1) -> bytes:
    """An array of objects, which is a pickle after a header."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,), }}"
    size = ("<H", "<I", "<I")[version - 1]
    header += " " * (-(6 + 2 + struct.calcsize(size) + len(header) + 1) % 64) + "\n"
    front = b"\x93NUMPY" + bytes([version, 0]) + struct.pack(size, len(header))
    return front + header.encode() + raw


def _nested(times: int) -> bytes:
    """A pickle in a zip in a zip ..."""
    raw = payload()
    for _ in range(times):
        raw = zipped((Entry(name="inner.zip", raw=raw),))
    return raw


def _plain_zips() -> dict[str, tuple[str, Build]]:
    """Zip files whose two directories contradict each other, or what is there."""
    raw = payload()
    both = Entry(name=_MEMBER, raw=raw, local_flags=ENCRYPTED, central_flags=ENCRYPTED)
    harmless = Entry(name=_MEMBER, raw=whole(BENIGN))
    return {
        "torch-zip": ("nested", _torch),
        "zip-encrypted-in-the-directory": (
            "flag-bits",
            lambda: _torch(Entry(name=_MEMBER, raw=raw, central_flags=ENCRYPTED)),
        ),
        "zip-encrypted-in-the-header": (
            "flag-bits",
            lambda: _torch(Entry(name=_MEMBER, raw=raw, local_flags=ENCRYPTED)),
        ),
        "zip-encrypted-in-both": ("flag-bits", lambda: _torch(both)),
        "zip-strongly-encrypted-flag": (
            "flag-bits",
            lambda: _torch(Entry(name=_MEMBER, raw=raw, central_flags=0x40 | ENCRYPTED)),
        ),
        "zip-other-name-in-the-header": (
            "name-mismatch",
            lambda: _torch(Entry(name=_MEMBER, raw=raw, local_name="archive/data.txt")),
        ),
        "zip-no-name-in-the-header": (
            "name-mismatch",
            lambda: _torch(Entry(name=_MEMBER, raw=raw, local_name="")),
        ),
        "zip-bad-crc": ("bad-crc", lambda: _torch(Entry(name=_MEMBER, raw=raw, crc=1))),
        "zip-bad-crc-deflated": (
            "bad-crc",
            lambda: _torch(Entry(name=_MEMBER, raw=deflated(raw), method=8, size=len(raw), crc=1)),
        ),
        "zip-smaller-than-it-is": (
            "bad-crc",
            lambda: _torch(Entry(name=_MEMBER, raw=deflated(raw), method=8, size=4)),
        ),
        "zip-prepended": ("prepended", lambda: _torch(before=b"#!/bin/sh\n", shift=10)),
        "zip-prepended-without-shift": ("prepended", lambda: _torch(before=b"x" * 5000)),
        "zip-behind-a-picture": ("polyglot", lambda: _torch(before=_PNG, shift=len(_PNG))),
        "zip-behind-a-harmless-pickle": (
            "polyglot",
            lambda: _torch(before=whole(BENIGN), shift=len(whole(BENIGN))),
        ),
        "pickle-in-front-of-a-harmless-zip": (
            "polyglot",
            lambda: _torch(harmless, before=raw, shift=len(raw)),
        ),
        "zip-same-name-twice": (
            "hidden-entry",
            lambda: _torch(harmless, Entry(name=_MEMBER, raw=raw)),
        ),
        "zip-same-name-twice-first-is-hostile": (
            "hidden-entry",
            lambda: _torch(Entry(name=_MEMBER, raw=raw), harmless),
        ),
        "zip-entry-that-the-directory-hides": (
            "hidden-entry",
            lambda: _torch(harmless, Entry(name="archive/other.pkl", raw=raw, central=False)),
        ),
        "zip-entry-that-leaves-the-folder": (
            "hidden-entry",
            lambda: _torch(Entry(name="../../x/data.pkl", raw=raw)),
        ),
    }


def _packed() -> dict[str, tuple[str, Build]]:
    """Compressed in ways that few readers follow, and archives in archives."""
    raw = payload()
    return {
        "zip-deflated": (
            "other-compression",
            lambda: _torch(
                Entry(name=_MEMBER, raw=deflated(raw), method=8, size=len(raw), crc=zlib.crc32(raw))
            ),
        ),
        "zip-bzip2": (
            "other-compression",
            lambda: _torch(
                Entry(
                    name=_MEMBER,
                    raw=bz2.compress(raw),
                    method=12,
                    size=len(raw),
                    crc=zlib.crc32(raw),
                )
            ),
        ),
        "zip-protocol-0-as-text": (
            "old-protocol-in-zip",
            lambda: _torch(Entry(name="archive/readme.txt", raw=payload(0))),
        ),
        "zip-protocol-1-as-data": (
            "old-protocol-in-zip",
            lambda: _torch(Entry(name="archive/data/0", raw=payload(1))),
        ),
        "zip-in-zip": ("nested", lambda: _nested(2)),
        "zip-three-deep": ("nested", lambda: _nested(3)),
        "tar-in-zip": ("nested", lambda: zipped((Entry(name="inner.tar", raw=_tar(raw)),))),
        "zip-in-tar-gz": ("nested", lambda: _tar(_torch(), name="model.pt", mode="w:gz")),
        "gzip-in-zip": (
            "nested",
            lambda: zipped((Entry(name="m.pkl.gz", raw=gzip.compress(raw, mtime=0)),)),
        ),
        "gzip-in-gzip": (
            "nested",
            lambda: gzip.compress(gzip.compress(raw, mtime=0), mtime=0),
        ),
        "tar": ("tar-for-zip", lambda: _tar(raw)),
        "tar-named-as-torch-did": ("tar-for-zip", lambda: _tar(raw, name="pickle")),
        "tar-gz": ("tar-for-zip", lambda: _tar(raw, mode="w:gz")),
        "tar-bz2": ("tar-for-zip", lambda: _tar(raw, mode="w:bz2")),
        "tar-xz": ("tar-for-zip", lambda: _tar(raw, mode="w:xz")),
    }


def _arrays() -> dict[str, tuple[str, Build]]:
    """Arrays of objects: numpy unpickles them where it is told to."""
    raw = payload()
    return {
        "npy-of-objects": ("object-array", lambda: _npy(raw)),
        "npy-of-objects-version-2": ("object-array", lambda: _npy(raw, version=2)),
        "npy-of-objects-version-3": ("object-array", lambda: _npy(raw, version=3)),
        "npy-of-objects-with-order": ("object-array", lambda: _npy(raw, descr="O")),
        "npz-of-objects": (
            "object-array",
            lambda: zipped((Entry(name="weights.npy", raw=_npy(raw)),)),
        ),
        "npz-of-objects-in-protocol-0": (
            "object-array",
            lambda: zipped((Entry(name="weights.npy", raw=_npy(payload(0))),)),
        ),
        "npz-with-a-pickle-for-an-array": (
            "object-array",
            lambda: zipped((Entry(name="weights.npy", raw=raw),)),
        ),
    }


def _bombs() -> dict[str, tuple[str, Build]]:
    """What nobody can read to its end within reason."""
    size = 512 << 20
    return {
        "zip-of-zeros": (
            "ratio-bomb",
            lambda: _torch(
                Entry(name="archive/data/0", raw=zeros(512), method=8, size=size, crc=0)
            ),
        ),
        "gzip-of-zeros": (
            "ratio-bomb",
            lambda: (
                b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
                + zeros(512)
                + struct.pack("<II", 0, size)
            ),
        ),
        "zip-of-many-entries": (
            "entry-bomb",
            lambda: zipped(tuple(Entry(name=f"{n:06d}", raw=b"") for n in range(_MANY))),
        ),
        "zip-ten-deep": ("nested", lambda: _nested(10)),
        "seven-zip": ("seven-zip", lambda: seven_zip("data.pkl", payload())),
    }


_ENDINGS = {"npy": ".npy", "npz": ".npz", "tar": ".tar", "gzip": ".gz", "seven": ".bin"}


def cases() -> Iterator[Case]:
    """Every archive."""
    for group, least in (
        (_plain_zips(), "malicious"),
        (_packed(), "malicious"),
        (_arrays(), "malicious"),
        (_bombs(), "inconclusive"),
    ):
        for name, (weakness, build) in group.items():
            yield _case(name, weakness, build, least=least)  # type: ignore[arg-type]  # of the two


def _case(name: str, weakness: str, build: Build, *, least: Least) -> Case:
    return Case(
        name=name,
        family=CONTAINER,
        weakness=weakness,
        ending=_ENDINGS.get(name.split("-", maxsplit=1)[0], ".pt"),
        content=build,
        least=least,
        pickle=payload if least == "malicious" else None,
    )
