"""Where decision-based attacks start: rows the attacker owns that get the wanted answer."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.trail import Trail
from bartizan.attack.transplant import transplanted
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle

_POOL = 256
"""Own rows an attacker looks through; more change little and cost memory."""
_TRIES = (4, 12, 48, 192)
"""Start rows asked about, in waves: most rows find one in the first four."""
_NEAREST = 16
"""The first two waves are the nearest rows; later ones are any, since nearness did not help."""


@dataclass(frozen=True)
class Starts:
    """Where each row starts."""

    points: Array
    """Shape (rows, d): a point that gets the wanted answer; the original where none was found."""
    found: Mask


def find_starts(
    oracle: Oracle,
    constraint: Constraint,
    x0: Array,
    *,
    rows: Ints,
    rng: np.random.Generator,
    choices: bool,
    spread: bool = False,
) -> Starts:
    """Put the attacker's own rows in place of each row, as far as they may, and ask.

    Args:
        oracle: The model.
        constraint: Holds the attacker's rows (`sample`) and what may change.
        x0: All attacked rows, shape (n, d).
        rows: Those that need a start.
        rng: Chooses among the attacker's rows, the same ones for all rows of a block.
        choices: Whether categories are taken over too, or numbers only.
        spread: Try the attacker's rows in random order instead of the nearest first.

    Returns:
        The cheapest accepted candidate among those tried.
    """
    picked = np.sort(rng.permutation(len(constraint.sample))[:_POOL])
    pool = constraint.sample[picked]
    trail = Trail(constraint, x0, oracle=oracle)
    if spread:
        order = np.tile(rng.permutation(len(pool)), (len(rows), 1))
    else:
        order = _nearest(constraint, x0[rows], pool)
        kept = min(_NEAREST, order.shape[1])
        shuffled = kept + rng.permutation(order.shape[1] - kept)
        order = order[:, np.concatenate([np.arange(kept), shuffled]).astype(np.int64)]
    if constraint.sample_y is not None:
        hopeless = ~oracle.wanted(constraint.sample_y[picked][order], rows[:, None])
        order = np.take_along_axis(order, np.argsort(hopeless, axis=1, kind="stable"), axis=1)
    done = 0
    for wave in _TRIES:
        here = np.flatnonzero(~np.isfinite(trail.price[rows]) & (oracle.left()[rows] >= wave))
        donors = pool[order[here, done : done + wave]]
        _ask(
            oracle,
            constraint,
            trail,
            x0=x0,
            rows=rows[here],
            donors=donors,
            choices=choices,
            done=done,
        )
        done += wave
    return Starts(points=trail.points[rows], found=np.isfinite(trail.price[rows]))


def _nearest(constraint: Constraint, x0: Array, pool: Array) -> Ints:
    """Own rows by numeric distance, shape (n, pool)."""
    from scipy.spatial.distance import cdist  # noqa: PLC0415 (slow to import)

    values = pool[:, constraint.numeric] / constraint.unit
    own = x0[:, constraint.numeric] / constraint.unit
    if constraint.space.image is not None:  # no value is missing, and there are too many to loop
        return np.argsort(cdist(own, values, "cityblock"), axis=1, kind="stable")
    far = np.zeros((len(x0), len(pool)))
    for column in range(values.shape[1]):
        gap = np.abs(own[:, column, None] - values[None, :, column])
        far += np.where(np.isnan(gap), 0.0, gap)
    return np.argsort(far, axis=1, kind="stable")


def _ask(
    oracle: Oracle,
    constraint: Constraint,
    trail: Trail,
    *,
    x0: Array,
    rows: Ints,
    donors: Array,
    choices: bool,
    done: int,
) -> None:
    """Ask about several donors for each row; donors has shape (rows, tries, d).

    Where only some categories may change, each donor gives different ones.
    """
    owners = np.repeat(rows, donors.shape[1])
    flat = donors.reshape(-1, x0.shape[1])
    first = np.tile(done + np.arange(donors.shape[1]), len(rows))
    points = transplanted(constraint, x0[owners], donors=flat, choices=choices, first=first)
    valid = constraint.valid(x0[owners], points)
    points, owners = points[valid], owners[valid]
    wrong = oracle.wrong(points, owners)
    trail.keep(points[wrong], owners[wrong])
