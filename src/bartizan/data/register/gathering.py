"""The leaves of a new version, row by row, with old salts where rows stay what they were."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.rows.canonical import canonical_batch
from bartizan.adapt.rows.layout import RowLayout
from bartizan.core.arrays import AnyArray, Ints
from bartizan.data.codes import Coded
from bartizan.data.keys import Gathered, keys_of
from bartizan.data.label_book import named_columns, recoded
from bartizan.data.register.comparison import Comparison, Difference
from bartizan.data.register.row_tree import SALT_BYTES, commitments
from bartizan.data.register.versions import Version
from bartizan.ledger.merkle import HASH_BYTES


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What a version keeps of its rows, in the order of their ids; see `Version`."""

    salts: bytes
    leaves: bytes
    key: bytes
    features: AnyArray | None
    codes: AnyArray | None
    classes: tuple[str, ...]
    erased: Ints


class Gathering:
    """Takes rows in. 48 bytes a row, 60 where they have labels, and as much again at the end."""

    def __init__(
        self,
        *,
        layout: RowLayout,
        target: str | None,
        key: bytes,
        random: Callable[[int], bytes],
        before: Version | None,
    ) -> None:
        """Begin.

        Args:
            layout: Of the canonical rows.
            target: The column of labels.
            key: 32 bytes, for the hashes of rows without their label.
            random: Gives so many random bytes.
            before: The version that rows are compared with, of the same layout; none = there is
                none.
        """
        self._layout = layout
        self._target = target
        self._key = key
        self._random = random
        self._before = before
        self._comparison = None if before is None else Comparison(before)
        self._salts = bytearray()
        self._leaves = bytearray()
        self._features = Gathered(np.uint64)
        self._labels = Coded()

    def see(self, batches: Iterable[Batch]) -> None:
        """Take all rows in."""
        for batch in batches:
            rows = canonical_batch(batch, layout=self._layout)
            fresh = np.ones(len(rows), dtype=np.bool_)
            if self._comparison is not None:
                fresh = ~self._comparison.see(batch, rows)
            self._commit(rows, fresh=np.flatnonzero(fresh))
            if self._target is not None:
                columns = named_columns(batch, target=self._target)
                self._features.add(keys_of(batch, columns=columns, key=self._key))
                self._labels.add(batch.frame[self._target])

    @property
    def count(self) -> int:
        """Rows taken in."""
        return len(self._salts) // SALT_BYTES

    def difference(self) -> Difference | None:
        """What became of the version before; none = there is none."""
        return None if self._comparison is None else self._comparison.difference(growing=True)

    def rows(self, difference: Difference | None) -> Rows:
        """What the new version keeps.

        Args:
            difference: From `difference`.
        """
        if self._before is None or difference is None:
            layout = _Laid.without(self.count)
        else:
            layout = _Laid.after(self._before, difference)
        features, codes, classes = self._labelled(layout)
        return Rows(
            salts=layout.mixed(self._salts, width=SALT_BYTES),
            leaves=layout.mixed(self._leaves, width=HASH_BYTES),
            key=b"" if features is None else self._key,
            features=features,
            codes=codes,
            classes=classes,
            erased=layout.erased,
        )

    def _labelled(
        self, layout: "_Laid"
    ) -> tuple[AnyArray | None, AnyArray | None, tuple[str, ...]]:
        """Hashes of rows without their label, codes of labels, and the labels."""
        if self._target is None:
            return None, None, ()
        classes = self._labels.classes
        features = np.zeros(layout.total, dtype=np.uint64)
        codes = np.full(layout.total, len(classes), dtype=np.uint32)
        features[layout.ids] = self._features.values
        codes[layout.ids] = recoded(self._labels.codes, classes, classes=classes)
        features[layout.erased], codes[layout.erased] = 0, len(classes)
        return features, codes, classes

    def _commit(self, rows: list[bytes], *, fresh: Ints) -> None:
        """New salts for these rows; zeros for those that may keep theirs."""
        drawn = self._random(SALT_BYTES * len(fresh))
        made = commitments([rows[at] for at in fresh.tolist()], salts=drawn)
        for whole, raw, width in (
            (self._salts, drawn, SALT_BYTES),
            (self._leaves, made, HASH_BYTES),
        ):
            table = np.zeros((len(rows), width), dtype=np.uint8)
            table[fresh] = np.frombuffer(raw, dtype=np.uint8).reshape(-1, width)
            whole.extend(table.tobytes())


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """Where today's rows stand among the ids of the new version."""

    total: int
    ids: Ints
    """Id of each row of today."""
    fresh: Ints
    """Places, among today's rows, of those that have a new salt."""
    erased: Ints
    before: Version | None

    @classmethod
    def without(cls, count: int) -> "_Laid":
        """There is nothing to compare with."""
        every = np.arange(count)
        return cls(total=count, ids=every, fresh=every, erased=np.empty(0, np.int64), before=None)

    @classmethod
    def after(cls, before: Version, difference: Difference) -> "_Laid":
        """Rows that stay keep their ids, and so do erased rows, whether they left a gap or not."""
        known, count = len(difference.ids), difference.rows
        total = before.rows + max(0, count - known)
        ids = np.append(difference.ids, np.arange(before.rows, total))[:count]
        if len(difference.missing):
            total = int(ids[-1]) + 1
        changed = np.searchsorted(difference.ids, difference.other)
        return cls(
            total=total,
            ids=ids,
            fresh=np.append(changed, np.arange(known, max(count, known))),
            erased=before.erased[before.erased < total],
            before=before,
        )

    def mixed(self, fresh: bytearray, *, width: int) -> bytes:
        """Entries of the version before, and new ones where they are needed."""
        table = np.zeros((self.total, width), dtype=np.uint8)
        if self.before is not None:
            old = self.before.salts if width == SALT_BYTES else self.before.leaves
            part = np.frombuffer(old, dtype=np.uint8).reshape(-1, width)[: self.total]
            table[: len(part)] = part
        new = np.frombuffer(fresh, dtype=np.uint8).reshape(-1, width)
        table[self.ids[self.fresh]] = new[self.fresh]
        return table.tobytes()
