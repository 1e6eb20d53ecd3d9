"""Reads one file with every scanner that finds it plausible, and everything inside of it."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, field

from bartizan.core.errors import InputError, LimitError
from bartizan.core.record import Record
from bartizan.formats.content import CHUNK_BYTES, Window, head
from bartizan.formats.models.plain_text import no_controls
from bartizan.supply.scanners.notice import Notice, Notices, Verdict, worst
from bartizan.supply.scanners.scanner import HEAD_BYTES, Item, NotMineError, Scanner, Situation

_EMPTY_ON_PURPOSE = (".gitkeep", ".keep", ".nojekyll", "__init__.py", "py.typed")
"""All of their bytes are read: there are none. An empty model is one that was lost."""


class Read(Record, frozen=True, kw_only=True, tag_field="schema", tag="read/1"):
    """What a scan made of one file."""

    notices: tuple[Notice, ...]
    formats: tuple[str, ...]
    """Scanners that account for bytes of the file itself, not of what lies inside."""
    walked_bytes: int
    """Of the file, from its front, what some scanner accounts for."""
    size_bytes: int
    streams: int
    """Things read: the file and everything inside."""

    @property
    def verdict(self) -> Verdict:
        """The worst of all notices."""
        return worst(notice.verdict for notice in self.notices)


@dataclass
class _Work:
    """What is being put together while a file is read."""

    waiting: list[Item]
    notices: Notices = field(default_factory=Notices)
    streams: int = 0


@dataclass(frozen=True)
class _Said:
    """What one scanner makes of one item."""

    scanner: str
    notices: tuple[Notice, ...]
    inner: list[Item]
    walked: int
    mine: bool
    """Whether it took the item for its own, as far as it came."""


def read_file(
    window: Window, *, path: str, situation: Situation, scanners: Sequence[Scanner]
) -> Read:
    """Scan a file and everything inside of it.

    Several parsers may accept the same bytes, and nobody knows which of them a loader has. So
    each plausible scanner reads them and the worst verdict wins. One that finds that they are
    not its format says nothing. One that knew its format and could not read on is told, even
    where another reads to the end: a loader may be more lenient than it.

    Args:
        window: The file.
        path: Its name.
        situation: The budget, which the whole file shares, and what is allowed.
        scanners: All there are.

    Returns:
        What was noticed. What nobody read is a notice too.
    """
    top = Item(content=window, path=path, size_bytes=window.size)
    work = _Work(waiting=[top])
    formats: tuple[str, ...] = ()
    walked = 0
    try:
        while work.waiting:
            item = work.waiting.pop()
            situation.budget.require_depth(item.depth)
            said = _read_item(item, situation=situation, scanners=scanners, work=work)
            if item is top:
                formats = tuple(one.scanner for one in said if one.walked)
                walked = max((one.walked for one in said), default=0)
    except LimitError as error:
        left = f"; {len(work.waiting)} parts were not begun" if work.waiting else ""
        work.notices.add(_open("scan.limit", where="", why=f"{error}{left}"))
    return Read(
        notices=work.notices.all(),
        formats=formats,
        walked_bytes=min(walked, window.size),
        size_bytes=window.size,
        streams=work.streams,
    )


def _read_item(
    item: Item, *, situation: Situation, scanners: Sequence[Scanner], work: _Work
) -> list[_Said]:
    """Let every plausible scanner read one item."""
    work.streams += 1
    try:
        first = head(item.content, HEAD_BYTES)
    except InputError as error:
        work.notices.add(_open("scan.damaged", where=item.path, why=str(error)))
        return []
    if not first and item.depth == 0 and _names_a_place(item.path):
        return []
    if not first:
        work.notices.add(_open("scan.empty", where=item.path, why="it is empty: nothing to judge"))
        return []
    said = [
        _said(scanner, item, situation=situation)
        for scanner in scanners
        if scanner.plausible(first, item)
    ]
    for one in said:
        for notice in one.notices:
            work.notices.add(notice)
        work.waiting += one.inner
    if not any(one.mine for one in said):
        work.notices.add(_open("scan.unknown", where=item.path, why=_unknown(first)))
    elif not any(one.notices or _is_all(one, item) for one in said):
        work.notices.add(_open("scan.unread", where=item.path, why=_unread(said, item)))
    return said


def _names_a_place(path: str) -> bool:
    """Whether a file is empty on purpose: it keeps a folder, or makes it a package."""
    return path.rpartition("/")[2] in _EMPTY_ON_PURPOSE


def _unknown(first: bytes) -> str:
    """Why nobody read an item, for somebody who knows what it is."""
    why = "no format that is known here"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return f"{why}: it begins like text in UTF-16, and only UTF-8 is read"
    return f"{why}: if it is text, it is not in UTF-8" if no_controls(first) else why


def _said(scanner: Scanner, item: Item, *, situation: Situation) -> _Said:
    """What one scanner makes of an item, however far it comes.

    A budget that is used up ends this scanner's reading; whatever comes next ends at once.
    """
    notices = Notices()
    inner: list[Item] = []
    reading, walked, mine = scanner.scan(item, situation), 0, True
    try:
        while True:
            found = next(reading)
            if isinstance(found, Notice):
                notices.add(found)
            else:
                inner.append(found)
    except StopIteration as end:
        walked = end.value
    except NotMineError:
        mine = False
    except (InputError, LimitError) as error:
        rule = "scan.limit" if isinstance(error, LimitError) else "scan.unreadable"
        why = f"read as {scanner.name}: {error}"
        notices.add(_open(rule, where=item.path, why=why))
    return _Said(scanner.name, notices.all(), inner, walked, mine)


def _is_all(one: _Said, item: Item) -> bool:
    """Whether a scanner accounts for all bytes of an item."""
    if item.size_bytes is not None:
        return one.walked >= item.size_bytes
    stream = item.content.open()  # nobody knows the size of what is compressed until it is read
    stream.skip(one.walked)
    return not stream.read(1)


def _unread(said: Sequence[_Said], item: Item) -> str:
    """Which bytes nobody read."""
    walked = max(one.walked for one in said)
    size = item.size_bytes
    if size is None:
        stream, size = item.content.open(), 0
        while passed := stream.skip(CHUNK_BYTES):
            size += passed
    return f"{size - walked:,} of {size:,} bytes, from byte {walked:,} on, were read by nobody"


def _open(rule: str, *, where: str, why: str) -> Notice:
    return Notice(verdict="inconclusive", rule=rule, where=where, what="", why=why)
