"""What a workspace does with registered data: register, erase, compare, show one row."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bartizan.adapt.batches.reading import Batches
from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.core.evidence import Place
from bartizan.core.fact import Erased
from bartizan.data.profile import DataProfile
from bartizan.data.register.change import Allowed
from bartizan.data.register.declared import Declared
from bartizan.data.register.recording import Registration
from bartizan.data.register.registration import Register
from bartizan.data.register.versions import Version
from bartizan.store import Store
from bartizan.workspace.datasets import DataInputs, looked_at
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.ledgered import History, histories, require_said
from bartizan.workspace.register_check import RegisterCheck, opened, require_newest
from bartizan.workspace.shown_row import row_evidence

_FOLDER = "data"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the last registered version of a data set, and stands in the ledger."""

    version: Version
    profile: DataProfile | None
    declared: Declared | None


class RegisterVerbs:
    """The register of one workspace."""

    def __init__(
        self, root: Path, *, store: Store, ledger: Ledger, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._register = Register(
            root / _FOLDER, log=lambda raw: ledger.append([raw])[0], clock=clock
        )

    def add(
        self,
        inputs: DataInputs,
        *,
        source: str,
        by: str = "",
        allow: Collection[Allowed] = (),
        seed: int = 0,
    ) -> Registration:
        """Register a data set, or its next version, with what it looks like.

        Args:
            inputs: The data, and what is demanded of it.
            source: Where it came from, in words.
            by: Who registers it; the user of this machine if empty.
            allow: Changes to accept beyond appended rows: relabelled, rewritten.
            seed: Of the sample behind the profile.

        Raises:
            InputError: the data cannot be read.
            LedgerError: it is not what was registered before, and that is not allowed.
        """
        brief = inputs.brief
        if not isinstance(inputs.batches, Batches):
            message = (
                f"{brief.name} holds pictures, which have no rows of values; register a "
                "table of their names and digests instead"
            )
            raise InputError(message)
        self._sure(brief.name)
        batches = self._as_before(inputs.batches)
        profile, columns = looked_at(batches, rules=brief.rules, seed=seed)
        batches = batches.with_schema(columns)
        declared = Declared(
            columns=batches.schema,
            target=batches.target,
            assumed=brief.assumed,
            rules=brief.rules,
        )
        return self._register.add(
            brief.name,
            batches,
            source=source,
            by=by,
            profile=self._store.put(profile),
            rules=self._store.put(declared),
            allow=allow,
        )

    def erase(
        self, name: str, rows: Iterable[int], *, reason: str, by: str = ""
    ) -> tuple[Erased, ...]:
        """Delete what could show these rows; see `Register.erase`.

        Raises:
            LedgerError: a version is not what the ledger says; nothing was deleted.
        """
        rows = tuple(rows)
        self._sure(name, but=rows)
        return self._register.erase(name, rows, reason=reason, by=by)

    def known(self, name: str) -> Known | None:
        """The last registered version, once it is sure that the ledger says the same.

        Raises:
            LedgerError: the workspace says something else than the ledger.
        """
        self._sure(name)
        if not self._register.has(name):
            return None
        version = self._register.version(name)
        _placed(version)
        profile, declared = self._recorded(version)
        return Known(version=version, profile=profile, declared=declared)

    def show(self, name: str, data: Any, *, row: int) -> bytes:
        """A proof file for one row of a registered data set; it shows no other.

        Args:
            name: Of the data set.
            data: Its rows, which are kept nowhere else.
            row: Its id.

        Raises:
            UsageError: there is no such row, or it was erased.
            LedgerError: the data has another row there now.
        """
        self._sure(name)
        version = self._register.version(name)
        proof = self._register.row_proof(name, opened(data, version), row=row)
        place = _placed(version)
        return row_evidence(
            proof, fact=self._ledger.entry(place.index), index=place.index, ledger=self._ledger
        )

    def looks(self, places: Mapping[str, Any]) -> RegisterCheck:
        """What compares the register, and registered data, with what the ledger says.

        Args:
            places: By name of a data set, its rows: a path, or a frame.
        """
        return RegisterCheck(self._register, recorded=self._recorded, places=places)

    def _sure(self, name: str, *, but: Collection[int] = ()) -> None:
        """Make sure that the workspace says of a data set what the ledger says.

        Args:
            name: Of the data set.
            but: Rows that are being erased now.

        Raises:
            LedgerError: it does not, or the log does not hold.
        """
        history = History(data=name)
        if self._ledger.begun:
            self._ledger.checked()
            history = histories(self._ledger.facts()).get(name, history)
        if history.wrong:
            raise LedgerError(history.wrong)
        require_newest(self._register, history)
        for number in self._register.numbers(name):
            if number <= len(history.versions):
                version = self._register.version(name, number)
                require_said(version, history.versions[number - 1], but=but)

    def _recorded(self, version: Version) -> tuple[DataProfile | None, Declared | None]:
        """What the ledger names of a version, from the store."""
        fact = version.fact
        profile = self._kept(fact.profile, kind=DataProfile)
        return profile, self._kept(fact.rules, kind=Declared)

    def _as_before(self, batches: Batches) -> Batches:
        """The data, read with the columns of the version before if nobody declared others."""
        if not batches.assumed or not self._register.has(batches.name):
            return batches
        return batches.with_schema(self._register.version(batches.name).kept.columns)

    def _kept(self, name: str, *, kind: type[Any]) -> Any:
        """A record of the store that the ledger names."""
        if not name:
            return None
        found = self._store.get(name, kind=kind)
        if found is None:
            message = (
                f"the ledger names a {kind.__name__} {name}, which is not in the workspace any "
                "more; restore store.sqlite from a copy, or register the data again"
            )
            raise LedgerError(message)
        return found


def _placed(version: Version) -> Place:
    if version.place is None:
        message = (
            f"version {version.fact.version} of {version.fact.data!r} did not reach the ledger; "
            "register the data once more"
        )
        raise UsageError(message)
    return version.place
