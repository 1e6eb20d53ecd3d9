"""What a scan says of one place in a file, and how bad it is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["clean", "inconclusive", "suspicious", "malicious"]
VERDICTS: tuple[Verdict, ...] = ("clean", "inconclusive", "suspicious", "malicious")
"""From best to worst. What was not read is never clean."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing that a scan noticed."""

    verdict: Verdict
    """Never `clean`: what is as it should be is not worth a notice."""
    rule: str
    """`family.name`, stable: what reports and tests refer to, such as `pickle.call`."""
    where: str
    """Place inside the file, in its own words: `archive/data.pkl, byte 17`; empty = all of it."""
    what: str
    """The thing itself, such as `os.system`; empty = there is no name for it."""
    why: str
    """One sentence for a person who decides."""


_MOST = 1000
"""Kept of each verdict: a hostile file could make millions, and nobody reads more."""


@dataclass
class Notices:
    """What was noticed so far, each thing once, and never too much of one kind.

    Many harmless notices push no bad one out: each verdict has room of its own.
    """

    _kept: dict[Verdict, dict[Notice, None]] = field(default_factory=dict)
    _left_out: Counter[Verdict] = field(default_factory=Counter)

    def add(self, notice: Notice) -> None:
        """Keep a notice, while there is room."""
        kept = self._kept.setdefault(notice.verdict, {})
        if notice in kept:
            return
        if len(kept) < _MOST:
            kept[notice] = None
        else:
            self._left_out[notice.verdict] += 1

    def all(self) -> tuple[Notice, ...]:
        """The worst first, and at the end how many were left out."""
        found = [one for verdict in reversed(VERDICTS) for one in self._kept.get(verdict, ())]
        for verdict, count in self._left_out.items():
            why = f"{count:,} more {verdict} notices are not told"
            found.append(
                Notice(verdict="inconclusive", rule="scan.notices", where="", what="", why=why)
            )
        return tuple(found)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several; clean if there is none."""
    return max(verdicts, key=VERDICTS.index, default="clean")
