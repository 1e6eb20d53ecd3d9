"""A version on its way into the register: compared, judged, stored, and written into the ledger."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.evidence import Place
from bartizan.core.fact import Registered
from bartizan.core.record import encode
from bartizan.data.keys import KEY_BYTES
from bartizan.data.register.change import Allowed, judge, require_allowed
from bartizan.data.register.gathering import Gathering, Rows
from bartizan.data.register.statement import About, registered
from bartizan.data.register.versions import Kept, Version, Versions, kept_digest


def _none() -> Ints:
    return np.empty(0, np.int64)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What was registered."""

    fact: Registered
    place: Place
    """Where the fact stands in the ledger."""
    changed: Ints = field(default_factory=_none)
    """Ids of rows that were relabelled or rewritten."""
    moves: tuple[tuple[str, str, int], ...] = ()
    """Old label, new label and how many rows; an absent label is empty."""


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """What it takes to record a version. Its caller sees to it that no other process does."""

    log: Callable[[bytes], Place]
    """Writes the bytes of a fact into the ledger; after a crash perhaps once more."""
    clock: Callable[[], datetime]
    """Answers the time, with a time zone."""
    random: Callable[[int], bytes]
    """Gives so many random bytes, that nobody can guess."""

    def record(
        self, versions: Versions, about: About, *, allow: Collection[Allowed]
    ) -> Registration:
        """Record the next version of a data set.

        Args:
            versions: Those that there are.
            about: The data of today, and what is said of it.
            allow: Changes to accept beyond appended rows.

        Raises:
            InputError: the data cannot be read, or changed while it was read.
            LedgerError: the data is not what the version before was, and that is not allowed; or
                the stored version is damaged. Nothing was recorded.
            OutputError: the disk is full.
        """
        before, batches = self.settled(versions), about.batches
        alike = before is not None and _alike(before, about)
        gathering = Gathering(
            layout=about.layout,
            target=batches.target,
            key=self.random(KEY_BYTES),
            random=self.random,
            before=before if alike else None,
        )
        gathering.see(batches)
        difference = gathering.difference()
        judged = judge(before, difference, count=gathering.count)
        require_allowed(
            judged, allow=allow, before=before, difference=difference, layout=about.layout
        )
        rows = gathering.rows(difference)
        fact = registered(about, before=before, judged=judged, rows=rows, when=self.clock())
        fact, place = self._keep(versions, fact, rows=rows, about=about)
        if difference is None:
            return Registration(fact=fact, place=place)
        return Registration(
            fact=fact,
            place=place,
            changed=difference.other,
            moves=difference.moves,
        )

    def settled(self, versions: Versions) -> Version | None:
        """The last version, after what a run that was cut off left undone has been done.

        Raises:
            LedgerError: it is damaged.
        """
        known = versions.numbers()
        if not known:
            return None
        last = versions.load(known[-1])
        versions.finish(last)
        if last.place is None:
            self._settle(versions, last)
        return last

    def _keep(
        self, versions: Versions, fact: Registered, *, rows: Rows, about: About
    ) -> tuple[Registered, Place]:
        """Store a version, then write it into the ledger, then note where."""
        if fact.change == "same":
            return fact, self.log(encode(fact))
        kept = Kept(
            layout=about.layout,
            columns=about.batches.schema,
            target=about.batches.target,
            classes=rows.classes,
        )
        version = Version(
            fact=fact,
            kept=kept,
            salts=rows.salts,
            leaves=rows.leaves,
            key=rows.key,
            features=rows.features,
            codes=rows.codes,
            erased=rows.erased,
        )
        fact = msgspec.structs.replace(fact, kept=kept_digest(version))
        version = replace(version, fact=fact)
        versions.add(version)
        return fact, self._settle(versions, version)

    def _settle(self, versions: Versions, version: Version) -> Place:
        place = self.log(encode(version.fact))
        versions.place(version.fact.version, place)
        return place


def _alike(before: Version, about: About) -> bool:
    """Whether rows of both can be compared."""
    return before.kept.layout == about.layout and before.kept.target == about.batches.target
