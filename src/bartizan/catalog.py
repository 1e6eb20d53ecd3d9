"""The one explicit list of everything Bartizan can run."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

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
from bartizan.assess.fairness import audit
from bartizan.core.entry import Entry, entries_digest
from bartizan.core.errors import ConfigError, UnknownEntryError
from bartizan.data.detectors.entries import ENTRIES as DETECTORS
from bartizan.data.entries import ENTRIES as INSPECTIONS
from bartizan.supply.admission.entries import ENTRIES as ADMISSION
from bartizan.supply.entries import SCANNED

ASSESSED: tuple[Entry, ...] = (
    utility.ENTRY,
    importance.ENTRY,
    *attack.ENTRIES,
    union.ENTRY,
    extraction.ENTRY,
    membership.ENTRY,
    *audit.ENTRIES,
    *backdoor.ENTRIES,
    *damage.ENTRIES,
)
"""What is asked of models."""
ENTRIES: tuple[Entry, ...] = (*ASSESSED, *INSPECTIONS, *DETECTORS, *SCANNED, *ADMISSION)


def catalog_digest(entries: Iterable[Entry] = ENTRIES) -> str:
    """Digest of a catalogue, this one unless another is given."""
    return entries_digest(entries)


def chosen_entries(entries: Sequence[Entry], only: Sequence[str]) -> tuple[Entry, ...]:
    """The entries named, or all of them.

    Args:
        entries: To choose from.
        only: Ids, or families such as `fairness.*`; none = all.

    Raises:
        UnknownEntryError: no entry has that id.
        ConfigError: a union without an attack: it would silently be left out.
    """
    known = [entry.id for entry in entries]
    for name in only:
        if not any(fnmatchcase(one, name) for one in known):
            message = f"unknown entry {name!r}; known: {', '.join(sorted(known))}"
            raise UnknownEntryError(message)
    chosen = tuple(
        entry for entry in entries if not only or any(fnmatchcase(entry.id, one) for one in only)
    )
    kinds = {entry.kind for entry in chosen}
    if only and "union" in kinds and "attack" not in kinds:
        name = next(entry.id for entry in chosen if entry.kind == "union")
        message = (
            f"{name} joins the attacks of one run and no attack is chosen beside it; name them "
            "with --entry too, or leave --entry out"
        )
        raise ConfigError(message)
    return chosen
