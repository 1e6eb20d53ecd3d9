"""What a workspace does with registered data: register, erase, compare, show one row."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bartizan.adapt.batches import Batches, open_batches
from bartizan.adapt.image_batches import ImageBatches
from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.core.evidence import Place
from bartizan.core.fact import Erased, Registered
from bartizan.core.record import encode
from bartizan.data.profile import DataProfile
from bartizan.data.register.change import Allowed, RowsDifferError
from bartizan.data.register.declared import Declared
from bartizan.data.register.registration import Register, Registration
from bartizan.data.register.versions import Version
from bartizan.store import Store
from bartizan.workspace.datasets import DataInputs, looked_at
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.ledger_check import Looked
from bartizan.workspace.row_evidence import row_evidence

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
        if isinstance(inputs.batches, ImageBatches):
            message = (
                f"{brief.name} is a folder of pictures, which have no rows of values; register a "
                "table of their names and digests instead"
            )
            raise InputError(message)
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
        """Delete what could show these rows; see `Register.erase`."""
        return self._register.erase(name, rows, reason=reason, by=by)

    def known(self, name: str) -> Known | None:
        """The last registered version, once it is sure that the ledger says the same.

        Raises:
            LedgerError: the workspace says something else than the ledger.
        """
        if not self._ledger.exists or not self._register.has(name):
            return None
        version = self._register.version(name)
        self._ledger.require(encode(version.fact), place=_placed(version))
        return Known(
            version=version,
            profile=self._kept(version.fact.profile, kind=DataProfile),
            declared=self._kept(version.fact.rules, kind=Declared),
        )

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
        version = self._register.version(name)
        proof = self._register.row_proof(name, _opened(data, version), row=row)
        place = _placed(version)
        return row_evidence(
            proof, fact=self._ledger.entry(place.index), index=place.index, ledger=self._ledger
        )

    def looks(
        self, places: Mapping[str, Any]
    ) -> Callable[[Registered, tuple[Erased, ...]], Iterator[Looked]]:
        """What compares registered data with the data itself.

        Args:
            places: By name of a data set, its rows: a path, or a frame.
        """

        def look(latest: Registered, erased: tuple[Erased, ...]) -> Iterator[Looked]:
            what = f"data {latest.data}, version {latest.version}"
            if latest.data not in places:
                told = f"{latest.rows:,} rows, not compared: nobody said where the data is now"
                yield Looked(what=what, held=True, told=told)
                return
            version = self._register.version(latest.data, latest.version)
            gone = [row for fact in erased if fact.version == latest.version for row in fact.rows]
            try:
                found = self._register.verify(
                    latest.data,
                    _opened(places[latest.data], version),
                    version=latest.version,
                    root=latest.root,
                    erased=gone,
                )
            except RowsDifferError as error:
                rows = tuple(error.difference.other.tolist())
                yield Looked(what=what, held=False, told=str(error), rows=rows)
                return
            told = f"{latest.rows:,} rows, each as it was registered on {latest.when}"
            if len(found.erased):
                told += f", but for {len(found.erased):,} that were erased"
            yield Looked(what=what, held=True, told=told)

        return look

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


def _opened(data: Any, version: Version) -> Batches:
    """Rows of today, read as they were when they were registered."""
    kept = version.kept
    return open_batches(data, schema=kept.columns, target=kept.target, name=version.fact.data)


def _placed(version: Version) -> Place:
    if version.place is None:
        message = (
            f"version {version.fact.version} of {version.fact.data!r} did not reach the ledger; "
            "register the data once more"
        )
        raise UsageError(message)
    return version.place
