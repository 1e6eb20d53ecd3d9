"""Looks whether every registered version is in the workspace, and its data, as the ledger says."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bartizan.adapt.batches.reading import Batches, open_batches
from bartizan.core.errors import Error, LedgerError
from bartizan.data.register.change import RowsDifferError
from bartizan.data.register.registration import Register
from bartizan.data.register.versions import Version
from bartizan.workspace.ledger_check import Looked
from bartizan.workspace.ledgered import History, Said, require_said

Recorded = Callable[[Version], object]
"""Fetches what the ledger names of a version from the store; raises where it is not there."""


class RegisterCheck:
    """One look at all registered data."""

    def __init__(
        self, register: Register, *, recorded: Recorded, places: Mapping[str, Any]
    ) -> None:
        """Say what to look at.

        Args:
            register: Of the workspace.
            recorded: Fetches profile and demands of a version.
            places: By name of a data set, its rows: a path, or a frame.
        """
        self._register = register
        self._recorded = recorded
        self._places = places

    def __call__(self, told: Mapping[str, History]) -> Iterator[Looked]:
        """What was seen, data set by data set."""
        for history in told.values():
            yield from self._looked(history)
        for name in self._register.names():
            if name not in told:
                yield self._stray(name)

    def _looked(self, history: History) -> Iterator[Looked]:
        if history.wrong:
            yield Looked(what=f"data {history.data}", held=False, told=history.wrong)
            return
        newest = history.versions[-1]
        for said in history.versions[:-1]:
            try:
                self._whole(said)
            except Error as error:
                yield Looked(what=_named(said), held=False, told=str(error))
        try:
            require_newest(self._register, history)
            yield self._compared(self._whole(newest), history)
        except RowsDifferError as error:
            rows = tuple(error.difference.other.tolist())
            yield Looked(what=_named(newest), held=False, told=str(error), rows=rows)
        except Error as error:
            yield Looked(what=_named(newest), held=False, told=str(error))

    def _whole(self, said: Said) -> Version:
        """A version as it lies in the workspace, if that is as the ledger says."""
        fact = said.fact
        if fact.version not in self._register.numbers(fact.data):
            message = (
                f"version {fact.version} of {fact.data!r} stands in the ledger, and is not in the "
                "workspace any more; restore its folder from a copy"
            )
            raise LedgerError(message)
        version = self._register.version(fact.data, fact.version)
        require_said(version, said)
        return version

    def _compared(self, version: Version, history: History) -> Looked:
        """The data of today with the newest version."""
        said, fact = history.versions[-1], version.fact
        self._recorded(version)
        if fact.data not in self._places:
            told = f"{fact.rows:,} rows, not compared: nobody said where the data is now"
            return Looked(what=_named(said), held=True, told=told)
        found = self._register.verify(
            fact.data,
            opened(self._places[fact.data], version),
            version=fact.version,
            root=fact.root,
            erased=said.inherited | said.erased,
        )
        told = f"{fact.rows:,} rows, each as it was registered on {history.seen}"
        if len(found.erased):
            told += f", but for {len(found.erased):,} that were erased"
        return Looked(what=_named(said), held=True, told=told)

    def _stray(self, name: str) -> Looked:
        try:
            require_newest(self._register, History(data=name))
        except Error as error:
            return Looked(what=f"data {name}", held=False, told=str(error))
        told = "its registration was cut off before it reached the ledger; register it again"
        return Looked(what=f"data {name}", held=True, told=told)


def require_newest(register: Register, history: History) -> None:
    """Refuse a workspace that knows an older version than the ledger, or a newer one.

    A newest version that has not yet reached the ledger is no wrong: a run was cut off there.

    Raises:
        LedgerError: says which of the two was put back.
    """
    numbers = register.numbers(history.data)
    here, there = (numbers[-1] if numbers else 0), len(history.versions)
    if here < there:
        message = (
            f"the ledger knows version {there} of {history.data!r}, and the workspace has "
            f"{f'only {here}' if here else 'none'}: restore its folder from a copy, or register "
            "the data under another name"
        )
        raise LedgerError(message)
    if here == there:
        return
    version = register.version(history.data)
    before = history.versions[-1].fact.root if there else ""
    if here > there + 1 or version.place is not None or version.fact.before != before:
        message = (
            f"the workspace has version {here} of {history.data!r}, and the ledger does not know "
            "it: the log was put back to an older state, or the workspace was changed; restore it "
            "from a copy"
        )
        raise LedgerError(message)


def opened(data: Any, version: Version) -> Batches:
    """Rows of today, read as they were when they were registered."""
    kept = version.kept
    return open_batches(data, schema=kept.columns, target=kept.target, name=version.fact.data)


def _named(said: Said) -> str:
    return f"data {said.fact.data}, version {said.fact.version}"
