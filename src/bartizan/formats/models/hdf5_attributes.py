"""Texts that objects of an HDF5 file carry as attributes."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from bartizan.core.errors import InputError
from bartizan.formats.content import Window
from bartizan.formats.models.cursor import Cursor
from bartizan.formats.models.hdf5_objects import UNDEFINED, Message, Objects

ATTRIBUTE, ATTRIBUTE_INFO = 0x0C, 0x15
_SHARED = 2
"""Flag of a message whose content lies somewhere else."""
_FIXED_TEXT, _VARIABLE = 3, 9
_MAX_TEXT_BYTES = 32 << 20
"""Configurations of networks of a thousand layers take 5 MB."""
_EIGHT = 8


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """A name, and where its value is found."""

    name: str
    kind: int
    """Class of its type: 3 = text of fixed length, 9 = of variable length (among others)."""
    size: int
    """Bytes of one value."""
    values: int
    """How many there are."""
    content: bytes


def attributes(messages: list[Message]) -> Iterator[Attribute]:
    """All attributes in a header.

    Raises:
        InputError: one is damaged.

    Source: HDF5 File Format Specification 3.0, IV.A.2.m (attribute), .d (type), .b (dataspace).
    """
    for message in messages:
        if message.kind == ATTRIBUTE and not message.flags & _SHARED:
            yield _attribute(message.body)


def hidden(messages: list[Message]) -> bool:
    """Whether attributes lie where they are not read: in dense storage, or shared."""
    return any(
        (message.kind == ATTRIBUTE and message.flags & _SHARED)
        or (message.kind == ATTRIBUTE_INFO and _dense(message))
        for message in messages
    )


def _dense(message: Message) -> bool:
    cursor = Cursor(Window.of(message.body))
    _, flags = cursor.unpack("<BB")
    cursor.skip(2 if flags & 1 else 0)
    return cursor.number("<Q") != UNDEFINED


def _attribute(body: bytes) -> Attribute:
    cursor = Cursor(Window.of(body))
    version, flags = cursor.unpack("<BB")
    if not 1 <= version <= 3:
        message = f"expected an attribute of version 1 to 3, got {version}"
        raise InputError(message)
    sizes = cursor.unpack("<HHH")
    cursor.skip(1 if version == 3 else 0)
    name, form, space = (_padded(cursor, size, version=version) for size in sizes)
    known = version == 1 or not flags & 3  # else the type lies somewhere else
    return Attribute(
        name=name.partition(b"\x00")[0].decode(errors="replace"),
        kind=form[0] & 15 if known and len(form) >= _EIGHT else -1,
        size=int.from_bytes(form[4:8], "little"),
        values=_values(space),
        content=cursor.take(cursor.left),
    )


def _padded(cursor: Cursor, size: int, *, version: int) -> bytes:
    """A part of an attribute; in the first version each takes whole eights of bytes."""
    found = cursor.take(size)
    cursor.skip(-size % _EIGHT if version == 1 else 0)
    return found


def _values(space: bytes) -> int:
    """How many values a dataspace holds."""
    cursor = Cursor(Window.of(space))
    version, rank, _, kind = cursor.unpack("<BBBB")
    if version == 1:
        cursor.skip(4)
    elif kind == 2:
        return 0
    return prod(cursor.unpack(f"<{rank}Q"))


def text_of(attribute: Attribute, objects: Objects) -> bytes:
    """The text that is an attribute's only value.

    Raises:
        InputError: it is none, or lies nowhere.
        LimitError: it is too long.
    """
    if attribute.values != 1 or attribute.kind not in (_FIXED_TEXT, _VARIABLE):
        message = f"expected one text as {attribute.name[:60]!r}, got another value"
        raise InputError(message)
    if attribute.kind == _FIXED_TEXT:
        return attribute.content[: attribute.size].rstrip(b"\x00")
    cursor = Cursor(Window.of(attribute.content))
    length, address, index = cursor.number("<I"), cursor.number("<Q"), cursor.number("<I")
    return _from_heap(objects.cursor(address), index=index, length=length).rstrip(b"\x00")


def _from_heap(cursor: Cursor, *, index: int, length: int) -> bytes:
    """An object in a global heap.

    Source: HDF5 File Format Specification 3.0, III.E.
    """
    begin = cursor.position
    if cursor.take(4) != b"GCOL":
        message = f"expected a heap of texts at byte {begin:,}"
        raise InputError(message)
    cursor.skip(4)
    end = begin + cursor.number("<Q")
    while cursor.position < end:
        found, _, size = cursor.unpack("<HHxxxxQ")
        if found == index and index:
            return cursor.take(min(length, size), limit=_MAX_TEXT_BYTES)
        if not found:
            break
        cursor.skip(size + -size % _EIGHT)
    message = f"text {index} is not in the heap at byte {begin:,}"
    raise InputError(message)
