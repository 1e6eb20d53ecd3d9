"""Other rows' values put in place of a row's own, as far as one attacker may."""

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint


def transplanted(
    constraint: Constraint, x0: Array, *, donors: Array, choices: bool, first: Ints | None = None
) -> Array:
    """Bring rows as close to their donors as the attacker can.

    Args:
        constraint: What may change.
        x0: Original rows, shape (n, d).
        donors: Rows whose values are taken over where they may be, shape (n, d).
        choices: Whether categories are taken over too, as many as the attacker may change.
        first: Which choice comes first where not all may be changed, shape (n,); the others
            follow in turn. The first one if not given.

    Returns:
        Rows, shape (n, d), repaired; their price is not looked at.
    """
    x = x0.copy()
    values = donors[:, constraint.numeric]
    x[:, constraint.numeric] = np.where(np.isnan(values), x0[:, constraint.numeric], values)
    if choices:
        turn = np.zeros(len(x0), dtype=np.int64) if first is None else first
        taken = _taken(constraint, x0, donors=donors, first=turn)
        for place, switch in enumerate(constraint.switches):
            here = taken[:, place]
            x[np.ix_(here, switch.columns)] = donors[np.ix_(here, switch.columns)]
    return constraint.repair(x0, x)


def _taken(constraint: Constraint, x0: Array, *, donors: Array, first: Ints) -> Mask:
    """Which choices are taken over from donors, shape (n, number of switches)."""
    switches = constraint.switches
    taken = constraint.switched(x0, donors)
    for place, switch in enumerate(switches):
        taken[:, place] &= (switch.chosen(donors) >= 0) & (switch.chosen(x0) >= 0)
    if constraint.attacker.money is not None or not switches:
        return taken
    turns = (first[:, None] + np.arange(len(switches))) % len(switches)
    in_turn = np.take_along_axis(taken, turns, axis=1)
    in_turn &= in_turn.cumsum(axis=1) <= constraint.attacker.categories
    np.put_along_axis(taken, turns, in_turn, axis=1)
    return taken
