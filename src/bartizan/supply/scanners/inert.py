"""Files that belong into a model's folder and hold nothing but data: text, pictures, tables."""

import io

from bartizan.core.errors import LimitError
from bartizan.formats.content import Window
from bartizan.formats.models.plain_text import text_bytes
from bartizan.formats.models.web_page import is_page
from bartizan.formats.parquet import parquet_facts
from bartizan.formats.picture_end import end_of
from bartizan.formats.source_code import source_code
from bartizan.supply.scanners.held import held
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_PNG, _JPEG, _PARQUET = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PAR1"
_MAX_PICTURE_BYTES = 64 << 20


def _plausible(head: bytes, item: Item) -> bool:
    if head.startswith((_PNG, _JPEG, _PARQUET)):
        return True
    if source_code(item.path, head) or is_page(item.path, head):
        return False  # read as what they are
    return bool(head) and b"\x00" not in head


def _scan(item: Item, situation: Situation) -> Reading:
    """Nothing is told: what is text may be a model all the same, which others look at."""
    del situation
    yield from ()
    first = item.content.open().read(8)
    if first.startswith((_PNG, _JPEG)):
        return _picture_bytes(held(item))
    if first.startswith(_PARQUET):
        return _table_bytes(held(item), name=item.path)
    passed = text_bytes(item.content)
    if not passed:
        message = "no text"
        raise NotMineError(message)
    return passed


def _picture_bytes(window: Window) -> int:
    """Up to where the picture ends."""
    if window.size > _MAX_PICTURE_BYTES:
        message = f"a picture of {window.size:,} bytes; {_MAX_PICTURE_BYTES:,} are read at most"
        raise LimitError(message)
    return end_of(window.at(0, window.size)).at or 0


def _table_bytes(window: Window, *, name: str) -> int:
    """All of it, if its footer describes it."""
    parquet_facts(_Handle(window), size_bytes=window.size, where=name)
    return window.size


class _Handle(io.BytesIO):
    """A window, read as a file."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._place = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go somewhere."""
        origin = (0, self._place, self._window.size)[whence]
        self._place = max(origin + offset, 0)
        return self._place

    def tell(self) -> int:
        """Where it is."""
        return self._place

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        wanted = self._window.size if size is None or size < 0 else size
        found = self._window.at(self._place, wanted)
        self._place += len(found)
        return found


SCANNER = Scanner(name="data", plausible=_plausible, scan=_scan)
