"""A tar archive walked from the front, once."""

from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.core.errors import InputError
from bartizan.formats.archives.member_names import NAME_BYTES
from bartizan.formats.archives.tar_headers import (
    BLOCK,
    EMPTY,
    TarHeader,
    TarKind,
    pax_records,
    tar_header,
)
from bartizan.formats.content import CHUNK_BYTES, Stream

_EXTENDED_BYTES = 1 << 20
"""Largest extended header: attributes of a file have some hundred bytes."""
_LONG_NAME, _LONG_TARGET, _PAX, _PAX_ALL = b"L", b"K", b"x", b"g"
_EXTENDED = frozenset((_LONG_NAME, _LONG_TARGET, _PAX, _PAX_ALL, b"X"))
_SIZELESS: frozenset[TarKind] = frozenset(
    ("hard link", "symbolic link", "device", "folder", "pipe")
)
"""Kinds that have no bytes, whatever their header says, in the eyes of most readers."""


@dataclass(frozen=True, kw_only=True)
class TarMember:
    """One member; its bytes follow, and may be read before the walk goes on."""

    name: str
    other_name: str
    """As the plain header has it, where an extended one has another."""
    offset: int
    """Of its bytes."""
    size: int
    plain_size: int
    """As the plain header has it."""
    kind: TarKind
    target: str
    """Of a link."""


@dataclass(frozen=True, kw_only=True)
class TarEnd:
    """How an archive ends."""

    position: int
    """Bytes that were walked, padding of zeros after the end mark included."""
    problem: str = ""
    """Why the walk stops before the end; empty = it does not."""
    trailing: bool = False
    """Whether something stands at `position`, after the end mark and its padding."""


def tar_members(stream: Stream) -> Iterator[TarMember | TarEnd]:
    """Walk an archive: its members, and at last its end.

    Whoever walks may read the bytes of a member from the stream, all or some, before asking for
    the next.

    Args:
        stream: The archive, from its front.

    Source:
        POSIX.1-2017, pax; GNU tar manual, "GNU Extensions".
    """
    shared: dict[str, bytes] = {}
    own: dict[str, bytes] = {}
    while True:
        begin = stream.position
        raw = stream.read(BLOCK)
        if raw in {EMPTY, b""}:
            yield _padded_end(stream)
            return
        try:
            header = tar_header(raw)
            if header.kind in _EXTENDED:
                own.update(_extended(stream, header, shared=shared))
                continue
            member = _member(header, {**shared, **own}, offset=stream.position)
        except InputError as error:
            yield TarEnd(position=begin, problem=str(error))
            return
        own = {}
        yield member
        stream.skip(_padded(member.size) + member.offset - stream.position)
        if stream.position < member.offset + member.size:
            yield TarEnd(position=stream.position, problem="the tar archive is cut off")
            return


def _padded(size: int) -> int:
    """Bytes in whole blocks."""
    return -(-size // BLOCK) * BLOCK


def _padded_end(stream: Stream) -> TarEnd:
    """After the first empty block: more of them, or something else."""
    while piece := stream.read(CHUNK_BYTES):
        rest = piece.lstrip(b"\0")
        if rest:
            at = stream.position - len(rest)
            return TarEnd(position=at - at % BLOCK, trailing=True)
    return TarEnd(position=stream.position)


def _extended(stream: Stream, header: TarHeader, *, shared: dict[str, bytes]) -> dict[str, bytes]:
    """What an extended header says of the member that follows it, or of all (`shared`).

    Raises:
        InputError: it is too large, or broken.
    """
    if header.size > _EXTENDED_BYTES:
        message = f"an extended header of the tar archive has {header.size:,} bytes"
        raise InputError(message)
    body = stream.read(_padded(header.size))[: header.size]
    if header.kind == _LONG_NAME:
        return {"path": body.rstrip(b"\0")}
    if header.kind == _LONG_TARGET:
        return {"linkpath": body.rstrip(b"\0")}
    records = pax_records(body)
    if header.kind == _PAX_ALL:
        shared.update(records)
        return {}
    return records


def _member(header: TarHeader, said: dict[str, bytes], *, offset: int) -> TarMember:
    """A member, as its header and the extended ones before it have it."""
    kind = header.member_kind
    size_text = said.get("size", b"")
    if size_text and not (size_text.isdigit() and len(size_text) < 20):
        message = "the size in an extended header of the tar archive is none"
        raise InputError(message)
    size = int(size_text) if size_text else header.size
    if any(key.startswith("GNU.sparse.") for key in said):
        kind = "sparse"
    name = said.get("path", header.name)
    return TarMember(
        name=_text(name),
        other_name=_text(header.name),
        offset=offset,
        size=0 if kind in _SIZELESS else size,
        plain_size=0 if kind in _SIZELESS else header.size,
        kind=kind,
        target=_text(said.get("linkpath", header.target)),
    )


def _text(raw: bytes) -> str:
    return raw[:NAME_BYTES].decode("utf-8", "replace")
