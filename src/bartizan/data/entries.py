"""The one explicit list of the inspections of data."""

from collections.abc import Callable
from types import ModuleType

from bartizan.core.entry import Entry
from bartizan.core.errors import UnknownEntryError
from bartizan.data.inspection import Brief, Suits
from bartizan.data.inspections import (
    canaries,
    categories,
    class_rates,
    column_types,
    confusables,
    drift,
    duplicates,
    fresh,
    growth,
    image_files,
    joint_drift,
    label_changes,
    labels,
    leakage,
    missing,
    near_duplicates,
    personal,
    ranges,
    relations,
    sources,
    unique,
)

INSPECTIONS: tuple[ModuleType, ...] = (
    column_types,
    ranges,
    categories,
    missing,
    relations,
    unique,
    fresh,
    duplicates,
    leakage,
    labels,
    class_rates,
    label_changes,
    growth,
    drift,
    joint_drift,
    sources,
    canaries,
    near_duplicates,
    confusables,
    image_files,
    personal,
)
"""Each has `ENTRY`, `run`, `control` and `applies`."""

ENTRIES: tuple[Entry, ...] = tuple(module.ENTRY for module in INSPECTIONS)


def applies_of(entry: Entry) -> Callable[[Brief], str]:
    """The function that says why an inspection has nothing to say of some data.

    Args:
        entry: One of `ENTRIES`.

    Returns:
        ``applies(brief) -> str``: one sentence, or nothing where the inspection applies.

    Raises:
        UnknownEntryError: it is none of them.
    """
    for module in INSPECTIONS:
        if module.ENTRY.id == entry.id:
            found: Callable[[Brief], str] = module.applies
            return found
    message = f"{entry.id!r} is no inspection of data"
    raise UnknownEntryError(message)


SUITS: dict[str, Suits] = {
    module.ENTRY.id: module.suits for module in (near_duplicates, image_files)
}
"""By entry id, for those inspections that ask the data first."""
