"""The register of data sets: what each was, row by row, at each of its versions.

A version is fixed by the root of a tree over its salted rows. The root goes into the ledger; the
salts and leaves stay in the workspace. The rows themselves are kept nowhere: whoever wants to
show one brings the data.
"""

import re
import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bartizan.adapt.batches.reading import Batches
from bartizan.core.errors import UsageError
from bartizan.core.evidence import Place
from bartizan.core.fact import Erased
from bartizan.core.record import encode
from bartizan.data.register.change import Allowed
from bartizan.data.register.erasure import erased_rows
from bartizan.data.register.recording import Recorder, Registration
from bartizan.data.register.row_check import Verified, verify_rows
from bartizan.data.register.row_proof import RowProof, row_proof
from bartizan.data.register.statement import About, layout_of, user_name
from bartizan.data.register.versions import Version, Versions

WAIT_S = 10.0
"""For another process that registers the same data set: longer than a small one takes."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def _now() -> datetime:
    return datetime.now(UTC)


class Register:
    """Registers data sets and their versions in a folder."""

    def __init__(
        self,
        root: Path,
        *,
        log: Callable[[bytes], Place],
        clock: Callable[[], datetime] = _now,
        random: Callable[[int], bytes] = secrets.token_bytes,
        wait_s: float = WAIT_S,
    ) -> None:
        """Open the register.

        Args:
            root: The folder ``data`` of the workspace; made when it is needed.
            log: Writes the bytes of a fact into the ledger. After a crash it may be given the
                same bytes once more.
            clock: Answers the time, with a time zone.
            random: Gives so many random bytes, that nobody can guess.
            wait_s: Seconds to wait for another process that registers the same data set.
        """
        self._root = root
        self._recorder = Recorder(log=log, clock=clock, random=random)
        self._wait_s = wait_s

    def add(
        self,
        name: str,
        batches: Batches,
        *,
        source: str,
        by: str = "",
        times: Iterable[str] = (),
        profile: str = "",
        rules: str = "",
        allow: Collection[Allowed] = (),
    ) -> Registration:
        """Register a data set, or its next version.

        Rows that stay what they were keep their salts, so that the tree of a data set to which
        rows were appended begins with the tree of the version before. Data that is the same is
        written into the ledger once more, as seen again, and makes no new version.

        Args:
            name: Letters, digits, dots, dashes and underscores.
            batches: All rows; opened with the schema of the version before, if there is one.
            source: Where the data came from, in words.
            by: Who registers it; the user of this machine if empty.
            times: Columns that are moments.
            profile: Digest of the stored profile.
            rules: Digest of the stored rules.
            allow: Changes to accept beyond appended rows.

        Raises:
            InputError: the data cannot be read, or changed while it was read.
            LedgerError: the data is not what the version before was, and that is not allowed; or
                the stored version is damaged. Nothing was registered.
            UsageError: the name cannot be one.
            OutputError: another process is registering, or the disk is full.

        Cost: see `docs/registering.md`; 48 bytes a row on the disk, 60 where rows have labels.
        """
        versions = self._versions(name)
        about = About(
            name=name,
            source=source,
            by=by or user_name(),
            profile=profile,
            rules=rules,
            layout=layout_of(batches, times=times),
            batches=batches,
        )
        with versions.alone(wait_s=self._wait_s):
            return self._recorder.record(versions, about, allow=allow)

    def verify(
        self,
        name: str,
        batches: Batches,
        *,
        version: int | None = None,
        root: str | None = None,
        erased: Iterable[int] | None = None,
    ) -> Verified:
        """Check that data is what was registered; see `verify_rows`.

        Args:
            name: Of the data set.
            batches: The data of today, opened with the schema that was registered.
            version: Which version; the last if none.
            root: Root of that version as the ledger has it; none = the workspace is believed.
            erased: Rows whose erasure stands in the ledger; none = the workspace is believed.
        """
        return verify_rows(self.version(name, version), batches, root=root, erased=erased)

    def row_proof(
        self, name: str, batches: Batches, *, row: int, version: int | None = None
    ) -> RowProof:
        """Show one row without any other; see `bartizan.data.register.row_proof`."""
        return row_proof(self.version(name, version), batches, row=row)

    def erase(
        self,
        name: str,
        rows: Iterable[int],
        *,
        reason: str,
        by: str = "",
        version: int | None = None,
    ) -> tuple[Erased, ...]:
        """Delete what could show these rows, in this version and wherever they stayed the same.

        Their commitments stay, so that the trees and the proofs of all other rows hold. What can
        still hold the rows or their salts: the data itself, copies of the workspace, and the
        storage medium (a solid-state disk writes elsewhere than it read).

        Args:
            name: Of the data set.
            rows: Row ids. Erasing a row once more does no harm.
            reason: Why, without saying what the rows were.
            by: Who asks for it; the user of this machine if empty.
            version: Which version the ids are of; the last if none.

        Returns:
            The facts that were written into the ledger, for each version and 5,000 rows one.

        Raises:
            UsageError: no row of that id.
            LedgerError: a stored version is damaged.
            OutputError: another process is registering, or the files cannot be written.
        """
        versions = self._versions(name)
        wanted = np.unique(np.fromiter(rows, np.int64))
        with versions.alone(wait_s=self._wait_s):
            self._recorder.settled(versions)
            named = self.version(name, version)
            if not len(wanted) or wanted[0] < 0 or wanted[-1] >= named.rows:
                message = f"expected row ids from 0 to {named.rows - 1}, at least one"
                raise UsageError(message)
            facts = erased_rows(
                versions,
                named,
                rows=wanted,
                reason=reason,
                by=by or user_name(),
                when=self._recorder.clock(),
            )
            for fact in facts:
                self._recorder.log(encode(fact))
        return facts

    def has(self, name: str) -> bool:
        """Whether a data set of that name is registered; a name that cannot be one is not."""
        return _NAME.fullmatch(name) is not None and bool(self._versions(name).numbers())

    def names(self) -> list[str]:
        """Data sets of which there is a version."""
        there = (one.name for one in self._root.iterdir()) if self._root.is_dir() else ()
        return sorted(name for name in there if self.has(name))

    def numbers(self, name: str) -> list[int]:
        """Numbers of the versions of a data set that are there, ascending."""
        return self._versions(name).numbers() if self.has(name) else []

    def version(self, name: str, number: int | None = None) -> Version:
        """A stored version, the last if no number is said.

        Raises:
            UsageError: there is none.
            LedgerError: it is damaged.
        """
        versions = self._versions(name)
        known = versions.numbers()
        if not known:
            message = f"data set {name!r} is not registered; register it first"
            raise UsageError(message)
        return versions.load(known[-1] if number is None else number)

    def _versions(self, name: str) -> Versions:
        if _NAME.fullmatch(name) is None:
            message = (
                f"expected a name of letters, digits, dots, dashes and underscores, got {name!r}"
            )
            raise UsageError(message)
        return Versions(self._root, name=name)
