"""Cuts text into lines, block by block, and says where it breaks off."""

from collections.abc import Iterable, Iterator

import numpy as np

from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.errors import InputError, SchemaError

_SEPARATORS = (",", "\t", ";", "|")
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
LINE_BYTES = 64 << 20
"""Longest line: a row of a million columns fits twice; more is no table, or a quote left open."""


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
            _require_short(held, line=line, where=where)
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


def _require_short(held: bytes, *, line: int, where: str) -> None:
    if len(held) > LINE_BYTES:
        message = (
            f"{where}, line {line}: longer than {LINE_BYTES} bytes; expected a table with a row a "
            "line. Are its line ends lost, or is a quote left open?"
        )
        raise InputError(message)


def _require_text(raw: bytes, *, line: int, place: int, where: str) -> None:
    """Refuse bytes that are no UTF-8 text; they begin at byte `place`, in line `line`."""
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


class LineScan:
    """Lines of separated text that wait to be taken, all of one number of fields.

    A quote opens or closes wherever it stands (two in a row do both), so the state of a byte is
    the parity of the quotes before it.
    """

    def __init__(self, *, where: str) -> None:
        """`where`: the file's name, for messages."""
        self.separator = ""
        self._where = where
        self._fields = 0
        self._held = b""  # what is not taken yet, from the begin of a line
        self._gone = 0  # line ends before it
        self._starts: Ints = np.empty(0, dtype=np.int64)
        self._ends: Ints = np.empty(0, dtype=np.int64)
        self._open = 0  # where in `_held` the line begins that has no end yet
        self._marks = 0  # separators in it so far
        self._inside = False  # whether it ends in quotes
        self._quote = 0  # where in `_held` the last quote is

    @property
    def lines(self) -> int:
        """Whole lines that wait, blank ones left out."""
        return len(self._starts)

    def feed(self, block: bytes) -> None:
        """Scan the next block of whole lines.

        Raises:
            InputError: a line of another number of fields, or a quote that stays open; the
                message names the line.
        """
        base = len(self._held)
        self._held += block
        if not self.separator:
            self.separator = _separator(block)
        data = np.frombuffer(self._held, dtype=np.uint8)
        marks = self._found(data[base:], block=block, base=base)
        places = np.flatnonzero(data[marks] == _NEWLINE)
        if not len(places):
            self._marks += len(marks)
            _require_short(self._held[self._open :], line=self._line(self._open), where=self._where)
            return
        counts = np.diff(places, prepend=-1)
        counts[0] += self._marks
        self._marks = len(marks) - 1 - int(places[-1])
        self._keep(data, ends=marks[places], counts=counts)

    def close(self) -> None:
        """Count what is left as the last line.

        Raises:
            InputError: it is short, long, or a quote in it never closes.
        """
        if self._inside:
            message = (
                f"{self._where}, line {self._line(self._quote)}: a quote opens and never closes; "
                "is the file cut off?"
            )
            raise InputError(message)
        if self._open < len(self._held):
            data = np.frombuffer(self._held + b"\n", dtype=np.uint8)
            end = np.array([len(self._held)])
            self._keep(data, ends=end, counts=np.array([self._marks + 1]))

    def take(self, rows: int) -> bytes:
        """The next lines, each once; the last may lack its end."""
        rows = min(rows, self.lines)
        if not rows:
            return b""
        pieces = _runs(self._starts[:rows], self._ends[:rows])
        taken = b"".join(self._held[start : end + 1] for start, end in pieces)
        cut = min(int(self._ends[rows - 1]) + 1, len(self._held))
        self._gone += self._held.count(b"\n", 0, cut)
        self._held = self._held[cut:]
        self._starts, self._ends = self._starts[rows:] - cut, self._ends[rows:] - cut
        self._open, self._quote = self._open - cut, max(self._quote - cut, 0)
        return taken

    def first(self) -> bytes:
        """The next line, left where it is."""
        return self._held[int(self._starts[0]) : int(self._ends[0])]

    def _found(self, data: AnyArray, *, block: bytes, base: int) -> Ints:
        """Places in `_held` of separators and line ends of a block, outside quotes."""
        marks = data == _NEWLINE
        if self.separator:
            marks |= data == ord(self.separator)
        if self._inside or b'"' in block:
            inside = np.bitwise_xor.accumulate(data == _QUOTE)
            inside ^= self._inside
            marks &= ~inside
            self._inside = bool(inside[-1])
            self._quote = base + block.rfind(b'"') if b'"' in block else self._quote
        return np.flatnonzero(marks) + base

    def _keep(self, data: AnyArray, *, ends: Ints, counts: Ints) -> None:
        """Remember lines that are not blank, and refuse those of another length."""
        starts = np.concatenate([[self._open], ends[:-1] + 1])
        self._open = int(ends[-1]) + 1
        blank = (ends == starts) | ((ends == starts + 1) & (data[starts] == _RETURN))
        if blank.any():
            starts, ends, counts = starts[~blank], ends[~blank], counts[~blank]
        if not len(counts):
            return
        self._fields = self._fields or int(counts[0])
        odd = np.flatnonzero(counts != self._fields)
        if len(odd):
            message = (
                f"{self._where}, line {self._line(int(starts[odd[0]]))}: expected {self._fields} "
                f"fields separated by {self.separator!r}, got {counts[odd[0]]}; is the file cut "
                "off, or a text not in quotes?"
            )
            raise InputError(message)
        self._starts = np.concatenate([self._starts, starts])
        self._ends = np.concatenate([self._ends, ends])

    def _line(self, place: int) -> int:
        """The number of the line at a place in `_held`, as an editor shows it."""
        return self._gone + self._held.count(b"\n", 0, place) + 1


def _separator(block: bytes) -> str:
    """The separator that is most frequent in the first line, outside quotes; none if blank."""
    line = block.lstrip(b"\r\n").split(b"\n", 1)[0]
    bare = b"".join(line.split(b'"')[::2])
    return max(_SEPARATORS, key=lambda mark: bare.count(mark.encode())) if line else ""


def _runs(starts: Ints, ends: Ints) -> list[tuple[int, int]]:
    """Neighbouring lines joined, so that text without blank lines is one piece."""
    breaks = np.flatnonzero(starts[1:] != ends[:-1] + 1)
    first = starts[np.concatenate([[0], breaks + 1])]
    last = ends[np.concatenate([breaks, [len(ends) - 1]])]
    return [(int(a), int(b)) for a, b in zip(first, last, strict=True)]
