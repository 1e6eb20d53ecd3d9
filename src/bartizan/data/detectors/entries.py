"""The one explicit list of the detectors of poison in labelled rows."""

from types import ModuleType

from bartizan.core.entry import Entry
from bartizan.data.detectors import (
    labels,
    poison_latent,
    poison_patches,
    sources,
    trigger,
    values,
)

DETECTORS: tuple[ModuleType, ...] = (
    labels,
    sources,
    values,
    trigger,
    poison_latent,
    poison_patches,
)
"""Each has `ENTRY`, `run`, `control` and `applies(rows) -> str`: why it has nothing to say about
these rows, one sentence, empty where it has. In the order in which they run and are reported."""

ENTRIES: tuple[Entry, ...] = tuple(module.ENTRY for module in DETECTORS)
