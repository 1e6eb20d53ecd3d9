"""What a Parquet file says about itself, and whether that can be true, before a reader opens it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from bartizan.core.errors import InputError, SchemaError
from bartizan.formats.thrift import Fields, read_struct

MAGIC = b"PAR1"
_ENCRYPTED = b"PARE"
_TAIL = 8
"""Bytes after the footer: its length and the magic number."""
_FOOTER_BYTES = 32 << 20
"""Largest footer: a quarter of a million column chunks of a hundred bytes; read in a minute."""
_PAGE_BYTES = 128 << 20
"""Largest page, unpacked: writers make pages of 1 MiB, and none beyond some tens."""
_GROUP_PAGES_BYTES = 1 << 30
"""Largest pages of all columns of a row group together: what a reader may hold at once."""
_FREE_CELLS = 1 << 28
"""Cells that any file may declare: some minutes of reading."""
_CELLS_PER_BYTE = 4096
"""Cells beyond that for each byte: a column of one value packs to some thousands a byte."""
_HEADER_BYTES = 16 << 10
"""Largest header of a page, with the smallest and largest value in it."""
_REPEATED = 2
_DICTIONARY_PAGE, _INDEX_PAGE = 2, 1


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """One column of one row group."""

    name: str
    start: int
    """Its first byte in the file."""
    size_bytes: int
    """Bytes in the file."""
    values: int


@dataclass(frozen=True, kw_only=True)
class ParquetFacts:
    """What a footer says."""

    names: tuple[str, ...]
    rows: int
    groups: tuple[tuple[int, tuple[Chunk, ...]], ...]
    """Rows and columns of each row group."""


def parquet_facts(handle: BinaryIO, *, size_bytes: int, where: str) -> ParquetFacts:
    """Read a footer and refuse what it cannot mean.

    Args:
        handle: The file; its place is changed.
        size_bytes: Its length.
        where: Its name, for messages.

    Raises:
        InputError: the footer is damaged, contradicts itself or the file, or declares more cells
            than so few bytes hold of real data.
        SchemaError: a column holds lists or structures, or two have one name.

    Source:
        Apache Parquet, parquet-format 2.11, parquet.thrift and README, "File Format".
    """
    try:
        footer = _footer(handle, size_bytes=size_bytes)
        names = _names(footer.get(2, []), where=where)
        groups = tuple(
            _group(group, names=names, size_bytes=size_bytes) for group in footer.get(4, [])
        )
        rows = _natural(footer, 3)
    except (
        InputError,
        AttributeError,
        TypeError,
        KeyError,
        IndexError,
        UnicodeDecodeError,  # of a name
    ) as error:
        if isinstance(error, SchemaError):
            raise
        message = f"{where}: the Parquet file is damaged or cut off ({error}); fetch it again"
        raise InputError(message) from error
    if sum(count for count, _ in groups) != rows:
        message = (
            f"{where}: the Parquet file is damaged or made up: its footer declares {rows} rows, "
            f"its row groups {sum(count for count, _ in groups)}; fetch it again"
        )
        raise InputError(message)
    cells = rows * len(names)
    if cells > _FREE_CELLS + _CELLS_PER_BYTE * size_bytes:
        message = (
            f"{where}: {size_bytes} bytes declare {rows} rows of {len(names)} columns, more than "
            f"real data packs into them; is it a decompression bomb?"
        )
        raise InputError(message)
    return ParquetFacts(names=names, rows=rows, groups=groups)


def require_sound_pages(
    handle: BinaryIO, chunks: tuple[Chunk, ...], *, rows: int, where: str
) -> None:
    """Walk the headers of the pages of a row group before a reader unpacks them.

    Args:
        handle: The file; its place is changed.
        chunks: Columns of the row group.
        rows: How many it declares.
        where: The file's name, for messages.

    Raises:
        InputError: a page is not where it must be, unpacks to more than the limit, or the pages
            hold another number of values than the footer says.

    Cost:
        One small read a page, about 20 microseconds.
    """
    together = 0
    for chunk in chunks:
        values = largest = 0
        try:
            for unpacked, count in _pages(handle, chunk):
                values += count
                largest = max(largest, unpacked)
        except (InputError, TypeError, KeyError, AttributeError) as error:
            message = (
                f"{where}: column {chunk.name!r} of the Parquet file is damaged ({error}); fetch "
                "it again"
            )
            raise InputError(message) from error
        together += largest
        if values != rows:
            message = (
                f"{where}: column {chunk.name!r} holds {values} values in a row group of {rows} "
                "rows; the Parquet file is damaged or made up: fetch it again"
            )
            raise InputError(message)
    if together > _GROUP_PAGES_BYTES:
        message = (
            f"{where}: pages of a row group unpack to {together} bytes, more than the limit of "
            f"{_GROUP_PAGES_BYTES}; write the file with smaller pages"
        )
        raise InputError(message)


def _pages(handle: BinaryIO, chunk: Chunk) -> Iterator[tuple[int, int]]:
    """Unpacked bytes and values of each page."""
    place, end = chunk.start, chunk.start + chunk.size_bytes
    while place < end:
        handle.seek(place)
        header, after = read_struct(handle.read(min(_HEADER_BYTES, end - place)))
        unpacked, packed = _natural(header, 2), _natural(header, 3)
        if unpacked > _PAGE_BYTES:
            message = f"a page unpacks to {unpacked} bytes, more than the limit of {_PAGE_BYTES}"
            raise InputError(message)
        place += after + packed
        kind = header.get(1)
        body = header.get(8 if kind == 3 else 5)
        yield unpacked, 0 if kind in (_DICTIONARY_PAGE, _INDEX_PAGE) else _natural(body, 1)
    if place != end:
        message = "a page is longer than its column"
        raise InputError(message)


def _footer(handle: BinaryIO, *, size_bytes: int) -> Fields:
    handle.seek(0)
    head = handle.read(len(MAGIC))
    if size_bytes < len(MAGIC) + _TAIL or head != MAGIC:
        message = "it does not begin as one"
        raise InputError(message)
    handle.seek(size_bytes - _TAIL)
    tail = handle.read(_TAIL)
    if tail[4:] == _ENCRYPTED:
        message = "its footer is encrypted; write it without encryption"
        raise InputError(message)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or length > size_bytes - _TAIL - len(MAGIC):
        message = "its end is missing"
        raise InputError(message)
    if length > _FOOTER_BYTES:
        message = (
            f"its footer has {length} bytes, more than the limit of {_FOOTER_BYTES}; write it with "
            "fewer row groups"
        )
        raise InputError(message)
    handle.seek(size_bytes - _TAIL - length)
    found, _ = read_struct(handle.read(length))
    return found


def _names(elements: list[Fields], *, where: str) -> tuple[str, ...]:
    """Columns of a table without lists and structures."""
    if not elements or elements[0].get(5) != len(elements) - 1:
        nested = [element for element in elements[1:] if element.get(5)]
        if nested:
            _refuse_nested(nested[0], where=where)
        message = "its schema is incomplete"
        raise InputError(message)
    names = []
    for element in elements[1:]:
        if element.get(5) or element.get(3) == _REPEATED:
            _refuse_nested(element, where=where)
        names.append(element[4].decode())
    if len(set(names)) < len(names):
        double = next(name for place, name in enumerate(names) if name in names[:place])
        message = f"{where}: two columns are named {double!r}; names must be unique"
        raise SchemaError(message)
    return tuple(names)


def _refuse_nested(element: Fields, *, where: str) -> None:
    message = (
        f"{where}: column {element[4].decode()!r} holds lists or structures; one cell holds one "
        "number or text: unpack the column first"
    )
    raise SchemaError(message)


def _group(
    group: Fields, *, names: tuple[str, ...], size_bytes: int
) -> tuple[int, tuple[Chunk, ...]]:
    rows = _natural(group, 3)
    chunks = tuple(_chunk(column, size_bytes=size_bytes) for column in group[1])
    if tuple(chunk.name for chunk in chunks) != names:
        message = "a row group has other columns than the schema"
        raise InputError(message)
    if any(chunk.values != rows for chunk in chunks):
        message = "a column of a row group has not one value a row"
        raise InputError(message)
    return rows, chunks


def _chunk(column: Fields, *, size_bytes: int) -> Chunk:
    if 1 in column:
        message = "a column lies in another file"
        raise InputError(message)
    facts = column[3]
    starts = [_natural(facts, number) for number in (9, 11) if facts.get(number)]
    start, length = min(starts, default=0), _natural(facts, 7)
    if start < len(MAGIC) or start + length > size_bytes - _TAIL:
        message = "a column lies outside the file"
        raise InputError(message)
    name = b".".join(facts[3]).decode()
    return Chunk(name=name, start=start, size_bytes=length, values=_natural(facts, 5))


def _natural(fields: Any, number: int) -> int:
    """A field that is a whole number of at least 0."""
    value = fields[number]
    if not isinstance(value, int) or value < 0:
        message = f"field {number} of a structure is {value!r} instead of a count"
        raise InputError(message)
    return value
