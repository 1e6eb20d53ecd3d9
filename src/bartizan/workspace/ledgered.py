"""What the ledger says of each data set, version by version, and whether a workspace says the same.

A version in the workspace is believed only as far as the ledger says the same of it: its fact, its
erased rows, and the digest of what is kept of it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from bartizan.core.errors import LedgerError
from bartizan.core.fact import Erased, Fact, Registered
from bartizan.data.register.versions import Version


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the ledger says of one version."""

    fact: Registered
    indexes: tuple[int, ...]
    """Where the fact stands; after a crash, more than once."""
    inherited: frozenset[int] = frozenset()
    """Rows that had been erased from the version before, and may be erased in this one."""
    erased: frozenset[int] = frozenset()
    """Rows that were erased from this version itself."""
    kept: str = ""
    """`kept_digest` since the last erasure; empty = an older Bartizan did not write it."""


@dataclass(kw_only=True)
class History:
    """What the ledger says of one data set."""

    data: str
    versions: list[Said] = field(default_factory=list)
    """By number, from 1."""
    seen: str = ""
    """When it was last registered, with changes or without."""
    wrong: str = ""
    """The first thing that cannot be, in a sentence; empty = all can."""

    def take(self, index: int, fact: Registered | Erased) -> None:
        """Take the next fact in; what stands in a log that is signed may still make no sense."""
        if self.wrong:
            return
        taken = self._registered(index, fact) if isinstance(fact, Registered) else self._gone(fact)
        if not taken:
            self.wrong = (
                f"entry {index} of the log says something of version {fact.version} of "
                f"{self.data!r} that does not follow from what stands before it: somebody wrote "
                "to the log without this register"
            )

    def _registered(self, index: int, fact: Registered) -> bool:
        self.seen = fact.when
        last = self.versions[-1] if self.versions else None
        if last is not None and fact == last.fact:  # once more, after a crash
            self.versions[-1] = replace(last, indexes=(*last.indexes, index))
            return True
        if fact.change == "same":
            return last is not None and _alike(fact, last.fact)
        before = ("", 0) if last is None else (last.fact.root, last.fact.version)
        if (fact.before, fact.version - 1) != before:
            return False
        self.versions.append(Said(fact=fact, indexes=(index,), kept=fact.kept))
        if last is not None and last.fact.columns == fact.columns:
            gone = frozenset(row for row in last.inherited | last.erased if row < fact.rows)
            self.versions[-1] = replace(self.versions[-1], inherited=gone)
        return True

    def _gone(self, fact: Erased) -> bool:
        if not 1 <= fact.version <= len(self.versions):
            return False
        said = self.versions[fact.version - 1]
        erased = said.erased | frozenset(fact.rows)
        self.versions[fact.version - 1] = replace(said, erased=erased, kept=fact.kept or said.kept)
        return True


def histories(facts: Iterable[tuple[int, Fact]]) -> dict[str, History]:
    """What a log says of each data set, in the order in which they were first registered.

    Args:
        facts: All of them, with their positions.
    """
    found: dict[str, History] = {}
    for index, fact in facts:
        if isinstance(fact, Registered | Erased):
            found.setdefault(fact.data, History(data=fact.data)).take(index, fact)
    return found


def require_said(version: Version, said: Said, *, but: Collection[int] = ()) -> None:
    """Refuse a version of the workspace of which the ledger says something else.

    Args:
        version: As it lies in the workspace.
        said: What the ledger says.
        but: Rows that are being erased now, perhaps because an erasure was cut off.

    Raises:
        LedgerError: names what is not as the ledger says.
    """
    what = f"version {version.fact.version} of {version.fact.data!r}"
    if version.fact != said.fact:
        message = (
            f"{what} in the workspace (fact.json) is not what the ledger says in entry "
            f"{said.indexes[0]}: the workspace was changed; restore it from a copy"
        )
        raise LedgerError(message)
    if version.place is not None and version.place.index not in said.indexes:
        message = (
            f"{what} is said to stand in entry {version.place.index} of the log (place.json), and "
            f"stands in entry {said.indexes[0]}: the workspace was changed; restore it from a copy"
        )
        raise LedgerError(message)
    marked = frozenset(version.erased.tolist())
    _require_erased(marked, said, what=what, but=frozenset(but))
    settled = marked <= said.inherited | said.erased and said.erased <= marked
    if settled and said.kept and version.digest != said.kept:
        message = (
            f"what the workspace keeps of {what} was changed since the ledger wrote it down: "
            "salts, labels or columns; restore its folder from a copy"
        )
        raise LedgerError(message)


def _require_erased(marked: frozenset[int], said: Said, *, what: str, but: frozenset[int]) -> None:
    """Rows are marked as erased where the ledger says so, and nowhere else."""
    unknown = marked - said.inherited - said.erased - but
    if unknown:
        message = (
            f"{what}: {_rows(unknown)} marked as erased, and the ledger does not say so; if an "
            "erasure was cut off, erase them again, otherwise restore the version from a copy"
        )
        raise LedgerError(message)
    back = said.erased - marked - but
    if back:
        message = (
            f"{what}: {_rows(back)} here again, although the erasure stands in the ledger: an "
            "older copy was put back; erase again"
        )
        raise LedgerError(message)


def _alike(same: Registered, fact: Registered) -> bool:
    """Whether data that was seen again is the data of the version."""
    return (same.version, same.rows, same.root, same.columns) == (
        fact.version,
        fact.rows,
        fact.root,
        fact.columns,
    )


def _rows(ids: frozenset[int]) -> str:
    some = ", ".join(str(row) for row in sorted(ids)[:20])
    return f"row {some} is" if len(ids) == 1 else f"{len(ids):,} rows (ids {some}) are"
