"""The one explicit list of the detectors of poison in labelled rows."""

from types import ModuleType

from bartizan.core.entry import Entry
from bartizan.data.detectors import phrases, trigger

DETECTORS: tuple[ModuleType, ...] = (trigger, phrases)
"""Each has `ENTRY`, `run`, `control` and `applies(rows) -> str`: why it has nothing to say about
these rows, one sentence, empty where it has. In the order in which they run and are reported."""

ENTRIES: tuple[Entry, ...] = tuple(module.ENTRY for module in DETECTORS)
