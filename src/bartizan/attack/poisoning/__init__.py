"""Attacks on training data: arrays in, poisoned arrays out, one attack a file."""
