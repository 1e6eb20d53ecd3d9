"""Attacks: arrays in, arrays out, one attack a file."""

from bartizan.attack import (
    apgd,
    coordinate,
    fgsm,
    fmn,
    hop_skip_jump,
    pgd,
    rays,
    square,
    tree_exact,
    tree_greedy,
)

ENTRIES = (
    coordinate.ENTRY,
    hop_skip_jump.ENTRY,
    rays.ENTRY,
    square.ENTRY,
    fgsm.ENTRY,
    pgd.ENTRY,
    apgd.ENTRY,
    fmn.ENTRY,
    tree_greedy.ENTRY,
    tree_exact.ENTRY,
)
