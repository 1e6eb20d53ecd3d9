"""One scanner on one file, as the scan runs it."""

from dataclasses import dataclass

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget, Expanded, Window
from bartizan.supply.scan.dispatch import read_file
from bartizan.supply.scanners.entries import SCANNERS
from bartizan.supply.scanners.notice import Notice, Verdict, worst
from bartizan.supply.scanners.scanner import HEAD_BYTES, Item, NotMineError, Scanner, Situation


@dataclass(frozen=True)
class Scanned:
    """What came of it."""

    notices: tuple[Notice, ...]
    covered: int
    """Bytes that it accounts for."""
    fault: str
    """Message of the error that ended it; empty = none did."""

    @property
    def verdict(self) -> Verdict:
        """Of this scanner alone."""
        found = [notice.verdict for notice in self.notices]
        return worst([*found, "inconclusive"] if self.fault else found)

    @property
    def rules(self) -> set[str]:
        """That spoke."""
        return {notice.rule for notice in self.notices}


def scanned(
    scanner: Scanner,
    raw: bytes,
    *,
    path: str = "file",
    beside: frozenset[str] | None = None,
    allowed: frozenset[str] = frozenset(),
    compressed: bool = False,
) -> Scanned:
    """Scan bytes; errors other than the two that scanners may raise come through.

    Args:
        scanner: Which.
        raw: The whole file.
        path: Its name.
        beside: Names of the files beside it.
        allowed: Names that the policy allows.
        compressed: Whether it comes out of an archive, so that it can only be read from the front.
    """
    window = Window.of(raw)
    content = Expanded(window.open) if compressed else window
    item = Item(content=content, path=path, size_bytes=None if compressed else len(raw))
    if not scanner.plausible(raw[:HEAD_BYTES], item):
        return Scanned((), 0, "")
    situation = Situation(budget=Budget.for_file(len(raw)), allowed=allowed, beside=beside)
    steps, notices = scanner.scan(item, situation), []
    try:
        while True:
            step = next(steps)
            assert isinstance(step, Notice)
            notices.append(step)
    except StopIteration as end:
        return Scanned(tuple(notices), end.value, "")
    except NotMineError:
        return Scanned(tuple(notices), 0, "")
    except (InputError, LimitError) as error:
        return Scanned(tuple(notices), 0, str(error) or "no reason")


def judged(raw: bytes, *, path: str = "file") -> Scanned:
    """Let every scanner there is read bytes, and everything inside, as the scan does."""
    situation = Situation(budget=Budget.for_file(len(raw)))
    read = read_file(Window.of(raw), path=path, situation=situation, scanners=SCANNERS)
    return Scanned(read.notices, read.walked_bytes, "")


def is_clean(found: Scanned, raw: bytes) -> bool:
    """Whether nothing was noticed and every byte is accounted for."""
    return not found.notices and not found.fault and found.covered == len(raw)
