"""The one explicit list of everything Bartizan can run."""

from collections.abc import Iterable

from bartizan import attack
from bartizan.assess import extraction, importance, membership, union, utility
from bartizan.core.entry import Entry
from bartizan.core.record import digest, encode

ENTRIES: tuple[Entry, ...] = (
    utility.ENTRY,
    importance.ENTRY,
    *attack.ENTRIES,
    union.ENTRY,
    extraction.ENTRY,
    membership.ENTRY,
)


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
