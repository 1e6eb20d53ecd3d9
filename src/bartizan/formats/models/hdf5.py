"""What an HDF5 file brings along: texts of Keras, and places outside of itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.cursor import Cursor
from bartizan.formats.models.hdf5_attributes import attributes, hidden, text_of
from bartizan.formats.models.hdf5_objects import UNDEFINED, Link, Message, Objects, link_of

_LINK_INFO, _LINK, _EXTERNAL_FILES, _LAYOUT, _SYMBOLS = 0x02, 0x06, 0x07, 0x08, 0x11
_VIRTUAL = 3
"""Class of a layout whose numbers lie in other data sets."""
_MAX_OBJECTS = 200_000
"""Groups and data sets of one file; networks of a thousand layers have ten thousand."""
_MAX_TOLD = 1000


@dataclass(kw_only=True)
class Hdf5:
    """What the walk found; filled while it goes on, so that it holds what came before a fault."""

    end: int = 0
    """Offset after the last byte that belongs to the file."""
    objects: int = 0
    texts: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Object, name and value of the attributes that somebody asked for."""
    links: list[tuple[str, str]] = field(default_factory=list)
    """Names that lead into other files, and the files."""
    storage: list[tuple[str, str]] = field(default_factory=list)
    """Data sets whose numbers lie in other files."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """Objects of which something was not read, and what."""


def collect(window: Window, found: Hdf5, *, wanted: frozenset[str], budget: Budget) -> None:
    """Walk all objects of a file.

    Names that lead to other names in the same file are not followed: what they lead to is
    reached under its own name.

    Args:
        window: The whole file, from its signature on.
        found: Where to put it.
        wanted: Names of attributes to read.
        budget: What the walk may cost.

    Raises:
        InputError: the file is damaged; what came before it is in `found`.
        LimitError: it costs too much.
    """
    objects = Objects(window, budget=budget)
    found.end = objects.superblock.end
    waiting, seen = [("/", objects.superblock.root)], {objects.superblock.root}
    while waiting:
        name, address = waiting.pop()
        found.objects += 1
        if found.objects > _MAX_OBJECTS:
            message = f"it has more than {_MAX_OBJECTS:,} objects"
            raise LimitError(message)
        messages = objects.messages(address)
        _attributes(name, messages, objects=objects, found=found, wanted=wanted)
        _outside(name, messages, found=found, window=window)
        for link in _links(name, messages, objects=objects, found=found):
            if link.elsewhere:
                _tell(found.links, (_under(name, link.name), link.elsewhere))
            elif link.address != UNDEFINED and link.address not in seen:
                seen.add(link.address)
                waiting.append((_under(name, link.name), link.address))


def _under(name: str, inner: str) -> str:
    return f"{name.rstrip('/')}/{inner}"[:300]


def _tell(told: list[tuple[str, str]], what: tuple[str, str]) -> None:
    if len(told) < _MAX_TOLD:
        told.append(what)


def _attributes(
    name: str, messages: list[Message], *, objects: Objects, found: Hdf5, wanted: frozenset[str]
) -> None:
    """Read the wanted ones."""
    if hidden(messages):
        _tell(found.unread, (name, "its attributes lie in storage that is not read here"))
    for attribute in attributes(messages):
        if attribute.name in wanted:
            try:
                found.texts.append((name, attribute.name, text_of(attribute, objects)))
            except InputError as error:
                _tell(found.unread, (name, str(error)))
    if len(found.texts) > _MAX_TOLD:
        message = f"more than {_MAX_TOLD} objects bring a configuration"
        raise LimitError(message)


def _outside(name: str, messages: list[Message], *, found: Hdf5, window: Window) -> None:
    """Numbers that lie in other files."""
    for message in messages:
        if message.kind == _EXTERNAL_FILES:
            _tell(found.storage, (name, _first_file(message, window=window)))
        elif message.kind == _LAYOUT and len(message.body) >= 3:
            older = message.body[0] < 3
            if message.body[2 if older else 1] == _VIRTUAL:
                _tell(found.storage, (name, ""))


def _first_file(message: Message, *, window: Window) -> str:
    """Name of the first file; it is only shown, so that damage makes it empty."""
    try:
        cursor = Cursor(Window.of(message.body))
        cursor.skip(8)
        heap = Cursor(window, position=cursor.number("<Q"))
        heap.skip(24)
        data, offset = heap.number("<Q"), cursor.number("<Q")
        return window.at(data + offset, 300).partition(b"\x00")[0].decode(errors="replace")
    except InputError:
        return ""


def _links(name: str, messages: list[Message], *, objects: Objects, found: Hdf5) -> Iterator[Link]:
    """Names in a group, in either way to keep them."""
    for message in messages:
        if message.kind == _SYMBOLS:
            yield from objects.members(message)
        elif message.kind == _LINK:
            yield link_of(message)
        elif message.kind == _LINK_INFO:
            cursor = Cursor(Window.of(message.body))
            _, flags = cursor.unpack("<BB")
            cursor.skip(8 if flags & 1 else 0)
            if cursor.number("<Q") != UNDEFINED:
                _tell(found.unread, (name, "its members lie in storage that is not read here"))
