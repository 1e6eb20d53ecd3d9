"""Attacks: arrays in, arrays out, one attack a file."""

from bartizan.attack import coordinate, hop_skip_jump, rays, square

ENTRIES = (coordinate.ENTRY, hop_skip_jump.ENTRY, rays.ENTRY, square.ENTRY)
