"""Cuts text into lines, block by block, and says where it breaks off."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from bartizan.adapt.tables.separator import enough, separator_of
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.errors import InputError, SchemaError

_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
LINE_BYTES = 16 << 20
"""Longest line: a row of a million columns fits; more is no table, or a quote left open."""


def checked_text(blocks: Iterable[bytes], *, where: str) -> Iterator[bytes]:
    """Blocks of a file as blocks of whole lines, once they are sure to be UTF-8 text.

    Args:
        blocks: The file, in order, cut anywhere.
        where: Its name, for messages.

    Yields:
        Whole lines without the byte order mark; only the last may lack its end.

    Raises:
        InputError: no text, or a line without end; the message names the line.
        SchemaError: nothing but blanks.
    """
    held, line, place, blank, fresh = b"", 1, 0, True, True
    for block in blocks:
        held += block
        if fresh and len(held) < 3:
            continue
        if fresh:
            held, fresh = _unmarked(held, where=where), False
        cut = held.rfind(b"\n") + 1
        if not cut:
            _require_no_nul(block, line=line, place=place, where=where)
            require_short(held, line=line, where=where)
            continue
        whole, held = held[:cut], held[cut:]
        _require_text(whole, line=line, place=place, where=where)
        blank = blank and not whole.strip()
        line, place = line + whole.count(b"\n"), place + cut
        yield whole
    held = _unmarked(held, where=where) if fresh else held
    _require_text(held, line=line, place=place, where=where)
    if blank and not held.strip():
        message = f"{where} holds nothing but blank lines; expected a table"
        raise SchemaError(message)
    if held:
        yield held


def _unmarked(raw: bytes, *, where: str) -> bytes:
    """The beginning of a file without its byte order mark."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = f"{where} is UTF-16 text; save it as UTF-8"
        raise InputError(message)
    return raw.removeprefix(b"\xef\xbb\xbf")


def require_short(held: bytes, *, line: int, where: str) -> None:
    """Refuse the begin of a line that is longer than any row.

    Raises:
        InputError: it is; the message names the line.
    """
    if len(held) > LINE_BYTES:
        message = (
            f"{where}, line {line}: longer than {LINE_BYTES} bytes; expected a table with a row a "
            "line. Are its line ends lost, or is a quote left open?"
        )
        raise InputError(message)


def _require_text(raw: bytes, *, line: int, place: int, where: str) -> None:
    """Refuse bytes that are no UTF-8 text; they begin at byte `place`, in line `line`."""
    _require_no_nul(raw, line=line, place=place, where=where)
    if raw.isascii():
        return
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        line += raw.count(b"\n", 0, error.start)
        message = (
            f"{where}, line {line}: byte {place + error.start} is not UTF-8; save the file as UTF-8"
        )
        raise InputError(message) from error


def _require_no_nul(raw: bytes, *, line: int, place: int, where: str) -> None:
    nul = raw.find(0)
    if nul >= 0 and place:
        line += raw.count(b"\n", 0, nul)
        at = f"{where}, line {line}"
        message = f"{at}: byte {place + nul} is NUL, which no text holds; is the file damaged?"
        raise InputError(message)
    if nul >= 0:
        message = (
            f"{where} is a binary file of no known kind; expected CSV, TSV, NDJSON or Parquet, "
            "plain or in gzip"
        )
        raise InputError(message)


@dataclass(frozen=True)
class _Piece:
    """Lines of one block that wait to be taken."""

    data: bytes
    starts: Ints
    """Where each line begins, shape (n,), blank ones left out."""
    ends: Ints
    """Where its end is: the place of its line end, or that after its last byte."""


class LineScan:
    """Lines of separated text that wait to be taken, all of one number of fields.

    A quote opens or closes wherever it stands (two in a row do both), so the state of a byte is
    the parity of the quotes before it, counted from the begin of any line.
    """

    def __init__(self, *, where: str) -> None:
        """`where`: the file's name, for messages."""
        self.separator = ""
        self.lines = 0
        """Whole lines that wait, blank ones left out."""
        self.size = 0
        """Bytes of the blocks that they are in."""
        self._where = where
        self.fields = 0
        """Of every line, once one was met."""
        self._pieces: deque[_Piece] = deque()
        self._open = b""  # the begin of a line whose end was not met yet
        self._gone = 0  # line ends before it

    def feed(self, block: bytes) -> None:
        """Scan the next block of whole lines.

        Raises:
            InputError: a line of another number of fields, or one that is too long; the message
                names it.
        """
        data = self._open + block
        if not self.separator:
            if not enough(data):
                self._open = data
                return
            self.separator = separator_of(data)
        self._scan(data)

    def _scan(self, data: bytes) -> None:
        """Take the whole lines of a text whose separator is known."""
        values = np.frombuffer(data, dtype=np.uint8)
        marks = self._marks(values, quoted=b'"' in data)
        places = np.flatnonzero(values[marks] == _NEWLINE)
        if len(places):
            ends = marks[places]
            self._keep(data, ends=ends, counts=np.diff(places, prepend=-1))
            cut = int(ends[-1]) + 1
            self._gone += data.count(b"\n", 0, cut)
            data = data[cut:]
        self._open = data
        require_short(data, line=self._gone + 1, where=self._where)

    def close(self) -> None:
        """Count what is left as the last line.

        Raises:
            InputError: it is short, long, or a quote in it never closes.
        """
        data, self._open = self._open, b""
        if not self.separator and data:
            self.separator = separator_of(data)
            self._scan(data)
            data, self._open = self._open, b""
        if not data:
            return
        if data.count(b'"') % 2:
            line = self._gone + data.count(b"\n", 0, data.rindex(b'"')) + 1
            message = (
                f"{self._where}, line {line}: a quote opens and never closes; is the file cut off?"
            )
            raise InputError(message)
        marks = self._marks(np.frombuffer(data, dtype=np.uint8), quoted=b'"' in data)
        self._keep(data, ends=np.array([len(data)]), counts=np.array([len(marks) + 1]))

    def first(self) -> bytes:
        """The next line, left where it is."""
        piece = self._pieces[0]
        return piece.data[int(piece.starts[0]) : int(piece.ends[0])]

    def take(self, rows: int) -> bytes:
        """The next lines, each once; the last may lack its end."""
        rows = min(rows, self.lines)
        self.lines -= rows
        taken: list[bytes] = []
        while rows:
            piece = self._pieces.popleft()
            count = min(rows, len(piece.starts))
            rows -= count
            for start, end in _runs(piece.starts[:count], piece.ends[:count]):
                taken.append(piece.data[start : end + 1])
            if count < len(piece.starts):
                rest = _Piece(piece.data, piece.starts[count:], piece.ends[count:])
                self._pieces.appendleft(rest)
            else:
                self.size -= len(piece.data)
        return b"".join(taken)

    def each(self) -> Iterator[bytes]:
        """The next lines one by one, each once; the last may lack its end."""
        while self._pieces:
            piece = self._pieces.popleft()
            self.lines -= len(piece.starts)
            self.size -= len(piece.data)
            for start, end in zip(piece.starts.tolist(), piece.ends.tolist(), strict=True):
                yield piece.data[start : end + 1]

    def _marks(self, values: AnyArray, *, quoted: bool) -> Ints:
        """Places of separators and line ends outside quotes."""
        marks = values == _NEWLINE
        if self.separator:
            marks |= values == ord(self.separator)
        if quoted:
            marks &= ~np.bitwise_xor.accumulate(values == _QUOTE)
        return np.flatnonzero(marks)

    def _keep(self, data: bytes, *, ends: Ints, counts: Ints) -> None:
        """Remember lines that are not blank, and refuse those of another length."""
        starts = np.concatenate([[0], ends[:-1] + 1])
        blank = ends == starts
        short = np.flatnonzero(ends == starts + 1)
        blank[short] = np.frombuffer(data, dtype=np.uint8)[starts[short]] == _RETURN
        if blank.any():
            starts, ends, counts = starts[~blank], ends[~blank], counts[~blank]
        if not len(counts):
            return
        self.fields = self.fields or int(counts[0])
        odd = np.flatnonzero(counts != self.fields)
        if len(odd):
            line = self._gone + data.count(b"\n", 0, int(starts[odd[0]])) + 1
            message = (
                f"{self._where}, line {line}: expected {self.fields} fields separated by "
                f"{self.separator!r}, got {counts[odd[0]]}; is the file cut off, or a text not in "
                "quotes?"
            )
            raise InputError(message)
        self._pieces.append(_Piece(data, starts, ends))
        self.lines += len(starts)
        self.size += len(data)


def _runs(starts: Ints, ends: Ints) -> list[tuple[int, int]]:
    """Neighbouring lines joined, so that text without blank lines is one piece."""
    breaks = np.flatnonzero(starts[1:] != ends[:-1] + 1)
    first = starts[np.concatenate([[0], breaks + 1])]
    last = ends[np.concatenate([breaks, [len(ends) - 1]])]
    return [(int(a), int(b)) for a, b in zip(first, last, strict=True)]
