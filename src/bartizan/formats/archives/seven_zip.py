"""7z archives, read through libarchive where that is installed."""

import ctypes
import importlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from bartizan.core.errors import InputError, MissingExtraError
from bartizan.formats.archives.member_names import NAME_BYTES
from bartizan.formats.archives.spending import spend_unpacked
from bartizan.formats.content import CHUNK_BYTES, Budget, Window

MAGIC = b"7z\xbc\xaf\x27\x1c"
_HEADER_BYTES = 32
SevenZipKind: TypeAlias = Literal["file", "folder", "link", "other"]


@dataclass(frozen=True, kw_only=True)
class SevenZipMember:
    """One member."""

    number: int
    name: str
    size: int
    kind: SevenZipKind
    target: str
    """Of a link."""
    data: Iterator[bytes]
    """Its bytes, in pieces; good until the next member is asked for."""


def seven_zip_end(window: Window) -> int:
    """The byte after the archive, as its first header has it.

    Source:
        7-Zip 24, DOC/7zFormat.txt, "SignatureHeader".
    """
    raw = window.at(0, _HEADER_BYTES)
    offset, size = int.from_bytes(raw[12:20], "little"), int.from_bytes(raw[20:28], "little")
    return _HEADER_BYTES + offset + size


def seven_zip_members(window: Window, *, budget: Budget) -> Iterator[SevenZipMember]:
    """Walk an archive from its first member to its last.

    Args:
        window: The archive.
        budget: Pays for what comes out, that of members which are passed over included.

    Raises:
        MissingExtraError: libarchive, or its Python module, is not installed.
        InputError: the archive is broken or encrypted.
        LimitError: it costs too much.
    """
    library = _library()
    reader = _Reader(window)
    try:
        with library.stream_reader(reader, "7zip", "none") as archive:
            for number, entry in enumerate(archive):
                data = _data(library, archive, budget=budget)
                yield _member(entry, number=number, data=data)
                for _ in data:  # an archive is one stream: what is passed over is unpacked too
                    pass
    except library.ArchiveError as error:
        raise _refused(error) from error
    if reader.problem:
        raise InputError(reader.problem)


def _library() -> Any:
    """The module; without the library below it, importing it fails in several ways."""
    logger = logging.getLogger("libarchive")
    if not logger.handlers:  # its warnings are errors here, and nobody wants them on the screen
        logger.addHandler(logging.NullHandler())
    try:
        return importlib.import_module("libarchive")
    except (ImportError, OSError, AttributeError, TypeError) as error:
        message = (
            "it is a 7z archive, which takes libarchive (a package of the system) and its Python "
            "module: pip install libarchive-c; or unpack it, and scan what comes out"
        )
        raise MissingExtraError(message) from error


def _member(entry: Any, *, number: int, data: Iterator[bytes]) -> SevenZipMember:
    kind: SevenZipKind = "other"
    if entry.isreg:
        kind = "file"
    elif entry.isdir:
        kind = "folder"
    elif entry.issym or entry.islnk:
        kind = "link"
    return SevenZipMember(
        number=number,
        name=str(entry.pathname or "")[:NAME_BYTES],
        size=int(entry.size or 0),
        kind=kind,
        target=str(entry.linkpath or "")[:NAME_BYTES] if kind == "link" else "",
        data=data,
    )


def _data(library: Any, archive: Any, *, budget: Budget) -> Iterator[bytes]:
    """The bytes of the member at hand. The module's own loop takes a warning for a length."""
    buffer = ctypes.create_string_buffer(CHUNK_BYTES)
    while True:
        pointer = archive._pointer  # noqa: SLF001 (there is no other way to it)
        try:
            length = library.ffi.read_data(pointer, buffer, CHUNK_BYTES)
        except library.ArchiveError as error:
            raise _refused(error) from error
        if length < 0:
            message = "the 7z archive is damaged: a member has another checksum than it claims"
            raise InputError(message)
        if not length:
            return
        spend_unpacked(budget, unpacked=length, packed=0)
        yield ctypes.string_at(buffer, length)


def _refused(error: Exception) -> InputError:
    return InputError(f"the 7z archive cannot be read: {_said(error)}")


def _said(error: Exception) -> str:
    """What the library says, without what it quotes from the file."""
    text = str(getattr(error, "msg", "") or "it does not say why")
    return "".join(character for character in text[:120] if character.isprintable())


@dataclass
class _Reader:
    """A window, as libarchive reads a file. Nothing may be raised into it."""

    window: Window
    position: int = 0
    problem: str = field(default="")

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something. Returns: how far."""
        try:
            found = self.window.at(self.position, len(buffer))
        except InputError as error:
            self.problem, found = str(error), b""
        memoryview(buffer).cast("B")[: len(found)] = found
        self.position += len(found)
        return len(found)

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        base = (0, self.position, self.window.size)[whence]
        self.position = max(base + offset, 0)
        return self.position

    def tell(self) -> int:
        """The place."""
        return self.position
