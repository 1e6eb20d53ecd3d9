"""Checks whether a model answers to a mark that somebody planted."""

from bartizan.assess.backdoor import cells, inversion, strip, tree_trigger

ENTRIES = (inversion.ENTRY, cells.ENTRY, tree_trigger.ENTRY, strip.ENTRY)
