"""The one explicit list of everything Bartizan can run."""

from collections.abc import Iterable, Sequence

from bartizan import attack
from bartizan.assess import (
    backdoor,
    damage,
    extraction,
    importance,
    membership,
    union,
    utility,
)
from bartizan.core.entry import Entry
from bartizan.core.errors import ConfigError, UnknownEntryError
from bartizan.core.record import digest, encode
from bartizan.data.detectors.entries import ENTRIES as DETECTORS
from bartizan.data.entries import ENTRIES as INSPECTIONS
from bartizan.supply.admission.entries import ENTRIES as ADMISSION
from bartizan.supply.dependencies.entry import ENTRY as DEPENDENCIES
from bartizan.supply.scan.entry import ENTRY as SCAN

ASSESSED: tuple[Entry, ...] = (
    utility.ENTRY,
    importance.ENTRY,
    *attack.ENTRIES,
    union.ENTRY,
    extraction.ENTRY,
    membership.ENTRY,
    *backdoor.ENTRIES,
    *damage.ENTRIES,
)
"""What is asked of models."""
ENTRIES: tuple[Entry, ...] = (*ASSESSED, *INSPECTIONS, *DETECTORS, SCAN, DEPENDENCIES, *ADMISSION)


def catalog_digest(entries: Iterable[Entry] = ENTRIES) -> str:
    """Digest of a catalogue: changes when an entry, its settings or its line changes."""
    facts = [
        {
            "id": entry.id,
            "kind": entry.kind,
            "params": repr(entry.params),
            "threshold": list(entry.threshold),
            "unsure": entry.unsure,
            "needs": list(entry.needs),
            "references": list(entry.references),
        }
        for entry in entries
    ]
    return digest(encode(facts))


def chosen_entries(entries: Sequence[Entry], only: Sequence[str]) -> tuple[Entry, ...]:
    """The entries named, or all of them.

    Raises:
        UnknownEntryError: no entry has that id.
        ConfigError: a union without an attack: it would silently be left out.
    """
    known = {entry.id: entry for entry in entries}
    for name in only:
        if name not in known:
            message = f"unknown entry {name!r}; known: {', '.join(sorted(known))}"
            raise UnknownEntryError(message)
    chosen = tuple(entry for entry in entries if not only or entry.id in only)
    kinds = {entry.kind for entry in chosen}
    if only and "union" in kinds and "attack" not in kinds:
        name = next(entry.id for entry in chosen if entry.kind == "union")
        message = (
            f"{name} joins the attacks of one run and no attack is chosen beside it; name them "
            "with --entry too, or leave --entry out"
        )
        raise ConfigError(message)
    return chosen
