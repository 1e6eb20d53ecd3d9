"""Data sets of any size, some rows at a time."""
