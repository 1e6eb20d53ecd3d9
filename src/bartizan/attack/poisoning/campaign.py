"""Whose rows an attacker poisons, and when: positions for the attacks that take `among`."""

import numpy as np

from bartizan.attack.poisoning.quota import enough
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.errors import InputError, ShapeError


def concentrated(
    sources: AnyArray,
    *,
    rate: float,
    rng: np.random.Generator,
    count: int = 1,
    eligible: Ints | None = None,
) -> Ints:
    """Rows of one or few contributors.

    Args:
        sources: Who contributed each row, shape (n,).
        rate: Share of all rows to poison, 0..1.
        rng: Draws sources among those that hold enough rows together, and rows of theirs.
        count: Sources that work together, >= 1.
        eligible: Positions that could be poisoned, such as rows of other classes than the target's;
            none = all.

    Returns:
        Exactly as many positions as the rate asks for, ascending.

    Raises:
        InputError: no so many sources hold enough rows.
    """
    pool = np.arange(len(sources)) if eligible is None else np.unique(eligible)
    names, place, held = np.unique(sources[pool], return_inverse=True, return_counts=True)
    most = int(np.sort(held)[::-1][:count].sum())
    wanted = enough(most, n=len(sources), rate=rate, what=f"rows of {count} sources together")
    if not 1 <= count <= len(names):
        message = f"wanted {count} sources, there are {len(names)} that hold rows to poison"
        raise InputError(message)
    taken = _sources(held, count=count, wanted=wanted, rng=rng)
    rows = pool[np.isin(place, taken)]
    return np.sort(rng.choice(rows, size=wanted, replace=False))


def fewest(sources: AnyArray, *, rate: float, eligible: Ints) -> int:
    """How many contributors must work together, the largest first, to poison a share of all rows.

    Args:
        sources: Who contributed each row, shape (n,).
        rate: Share of all rows to poison, 0..1.
        eligible: Positions that could be poisoned.

    Returns:
        At least 1.

    Raises:
        InputError: all of them together hold too few rows.
    """
    _, held = np.unique(sources[eligible], return_counts=True)
    wanted = enough(len(eligible), n=len(sources), rate=rate, what="rows of known sources")
    reached = np.cumsum(np.sort(held)[::-1]) >= max(wanted, 1)
    return int(reached.argmax()) + 1


def _sources(held: Ints, *, count: int, wanted: int, rng: np.random.Generator) -> Ints:
    """Sources drawn one after the other, so that the largest others could still fill the rest."""
    taken: list[int] = []
    for left in range(count - 1, -1, -1):
        free = np.setdiff1d(np.arange(len(held)), taken)
        largest = free[np.argsort(-held[free], kind="stable")]
        need = wanted - int(held[taken].sum())
        fits = [
            one for one in free if held[one] + held[largest[largest != one][:left]].sum() >= need
        ]
        taken.append(int(rng.choice(np.array(fits))))
    return np.array(taken, dtype=np.int64)


def drip(
    times: Array,
    *,
    rate: float,
    rng: np.random.Generator,
    periods: int = 10,
    eligible: Ints | None = None,
) -> Ints:
    """Rows poisoned a little more in each period, from nothing on.

    A limit on the change from one batch to the next sees little of it: each period differs from
    the one before by the same small share.

    Args:
        times: When each row arrived, shape (n,); only the order counts, equal times in their order.
        rate: Share of all rows to poison, 0..1.
        rng: Draws rows of each period.
        periods: Parts of one number of rows into which time is cut, >= 2; the first stays clean.
        eligible: Positions that could be poisoned; none = all.

    Returns:
        Exactly as many positions as the rate asks for, ascending.

    Raises:
        InputError: a period holds fewer eligible rows than its part.
        ShapeError: there are fewer rows than periods.
    """
    n = len(times)
    if not 2 <= periods <= n:
        message = f"cutting {n} rows into periods needs 2 to {n} of them, got {periods}"
        raise ShapeError(message)
    may = np.ones(n, dtype=np.bool_) if eligible is None else np.isin(np.arange(n), eligible)
    wanted = enough(int(may.sum()), n=n, rate=rate, what="rows that qualify")
    made: list[Ints] = []
    parts = np.array_split(np.argsort(times, kind="stable"), periods)
    for number, (part, count) in enumerate(zip(parts, rising(wanted, periods), strict=True)):
        pool = part[may[part]]
        if len(pool) < count:
            message = (
                f"period {number + 1} of {periods} needs {count} rows to poison and holds "
                f"{len(pool)} that qualify; lower the rate or take fewer periods"
            )
            raise InputError(message)
        made.append(rng.choice(pool, size=count, replace=False))
    return np.sort(np.concatenate(made))


def rising(total: int, periods: int) -> Ints:
    """Whole numbers that rise evenly from 0 and add up to a total, shape (periods,).

    Example:
        >>> rising(10, 5).tolist()
        [0, 1, 2, 3, 4]
    """
    shares = np.cumsum(np.arange(periods)) / (periods * (periods - 1) / 2)
    ends = np.rint(total * shares).astype(np.int64)
    ends[1:] -= ends[:-1]
    return ends
