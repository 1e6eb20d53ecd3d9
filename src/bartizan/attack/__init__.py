"""Attacks: arrays in, arrays out, one attack a file."""

from bartizan.attack import coordinate, hop_skip_jump, tree_exact, tree_greedy

ENTRIES = (coordinate.ENTRY, hop_skip_jump.ENTRY, tree_exact.ENTRY, tree_greedy.ENTRY)
