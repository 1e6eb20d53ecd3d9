"""Rows of today against the commitments of a registered version."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.rows.canonical import canonical_batch
from bartizan.core.arrays import AnyArray, Ints, Mask
from bartizan.data.register.row_tree import SALT_BYTES, commitments
from bartizan.data.register.versions import Version
from bartizan.ledger.merkle import HASH_BYTES


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What became of the rows of a version, by row id."""

    ids: Ints
    """Id of the row that each row of today was compared with."""
    rows: int
    """Rows of today."""
    other: Ints
    """Rows that are not what was registered, those with another label among them."""
    relabelled: Ints
    """Rows of which only the label differs."""
    moves: tuple[tuple[str, str, int], ...] = ()
    """Of the relabelled: old label, new label and how many; an absent label is empty."""
    missing: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """Rows for which there is none any more."""
    present: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """Erased rows in whose place there is a row that is not empty; nothing can be shown of it."""
    emptied: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """Of the other rows: those for which there is an empty row, as one that was erased leaves."""

    @property
    def extra(self) -> int:
        """Rows after the last that was registered."""
        return max(0, self.rows - len(self.ids))

    @property
    def wrong(self) -> int:
        """Registered rows that are not there as they were."""
        return len(self.other) + len(self.missing)

    @property
    def weight(self) -> int:
        """How many rows do not fit."""
        return self.wrong + self.extra


class Comparison:
    """Compares rows as they come, where erased rows may have left a place or none."""

    def __init__(self, version: Version) -> None:
        every = np.arange(version.rows)
        self._places = [_Alignment(version, ids=np.delete(every, version.erased))]
        if len(version.erased):
            self._places.append(_Alignment(version, ids=every))

    def see(self, batch: Batch, rows: Sequence[bytes]) -> Mask:
        """Compare the next rows.

        Returns:
            Shape (n,): which are as registered, wherever erased rows are.
        """
        seen = [place.see(batch, rows) for place in self._places]
        return np.logical_and.reduce(seen)

    def difference(self, *, growing: bool) -> Difference:
        """What all rows together amount to: by the reading under which fewer rows are wrong.

        Where that is as many, by the one under which fewer rows became empty: an empty row stands
        for an erased one where it can. Then by the one under which fewer are missing.

        Args:
            growing: Whether a row that may stand where the last was erased, or follow it, follows.
        """

        def weighed(one: Difference) -> tuple[int, ...]:
            tie = (len(one.present), one.extra) if growing else (one.extra, len(one.present))
            return one.wrong, len(one.emptied), len(one.missing), *tie

        return min((place.difference() for place in self._places), key=weighed)


class _Alignment:
    """One way in which rows of today stand for registered ones: ids in the order of the rows."""

    def __init__(self, version: Version, *, ids: Ints) -> None:
        self._version = version
        self._ids = ids
        self._erased = np.zeros(version.rows, dtype=np.bool_)
        self._erased[version.erased] = True
        self._seen = 0
        self._other: list[Ints] = []
        self._present: list[Ints] = []
        self._emptied: list[Ints] = []
        self._relabelled: list[Ints] = []
        self._moves: Counter[tuple[str, str]] = Counter()

    def see(self, batch: Batch, rows: Sequence[bytes]) -> Mask:
        """Which of the next rows are as registered, or stand where one was erased."""
        ids = self._ids[self._seen : self._seen + len(rows)]
        self._seen += len(rows)
        good = np.zeros(len(rows), dtype=np.bool_)
        good[: len(ids)] = self._fits(rows[: len(ids)], ids=ids) | self._erased[ids]
        gone = np.flatnonzero(self._erased[ids])
        self._present.append(ids[[at for at in gone.tolist() if not _is_empty(rows[at])]])
        bad = np.flatnonzero(~good[: len(ids)])
        if len(bad):
            self._other.append(ids[bad])
            self._emptied.append(ids[[at for at in bad.tolist() if _is_empty(rows[at])]])
            self._weigh_labels(batch, places=bad, ids=ids[bad])
        return good

    def difference(self) -> Difference:
        """What it amounts to."""
        missing = self._ids[self._seen :]
        return Difference(
            ids=self._ids,
            rows=self._seen,
            other=_joined(self._other),
            relabelled=_joined(self._relabelled),
            moves=tuple((old, new, n) for (old, new), n in sorted(self._moves.items())),
            missing=missing[~self._erased[missing]],
            present=_joined(self._present),
            emptied=_joined(self._emptied),
        )

    def _fits(self, rows: Sequence[bytes], *, ids: Ints) -> Mask:
        """Which rows lead to the leaves of these ids."""
        if not len(ids):
            return np.zeros(0, dtype=np.bool_)
        salts = _picked(self._version.salts, ids=ids, width=SALT_BYTES)
        made = _table(commitments(rows, salts=salts.tobytes()), width=HASH_BYTES)
        return (made == _picked(self._version.leaves, ids=ids, width=HASH_BYTES)).all(axis=1)

    def _weigh_labels(self, batch: Batch, *, places: Ints, ids: Ints) -> None:
        """Find rows that are as registered once they have their old label."""
        version, target = self._version, self._version.kept.target
        if version.codes is None or target is None:
            return
        old = pl.Series(target, [*version.kept.classes, None], dtype=pl.String).gather(
            version.codes[ids]
        )
        part = Batch(
            start=batch.start,
            raw=batch.raw[places],
            frame=batch.frame[places].with_columns(old),
            unfit={name: mask.gather(places) for name, mask in batch.unfit.items()},
        )
        found = self._fits(canonical_batch(part, layout=version.kept.layout), ids=ids)
        self._relabelled.append(ids[found])
        new = batch.frame[target][places]
        pairs = zip(old.filter(found).fill_null(""), new.filter(found).fill_null(""), strict=True)
        self._moves.update(pairs)


def _is_empty(row: bytes) -> bool:
    """Whether a canonical row has no value at all: it is zeros alone."""
    return not any(row)


def _table(raw: bytes, *, width: int) -> AnyArray:
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, width)


def _picked(raw: bytes, *, ids: Ints, width: int) -> AnyArray:
    """Entries of some rows, shape (n, width)."""
    whole = _table(raw, width=width)
    stretch = int(ids[-1]) - int(ids[0]) + 1 == len(ids)
    return whole[ids[0] : ids[0] + len(ids)] if stretch else whole[ids]


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *parts])
