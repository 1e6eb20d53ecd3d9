"""Parts of labelled rows, so that no row is judged by a model that saw it."""

from collections.abc import Iterator

import numpy as np

from bartizan.core.arrays import Ints


def folds(
    y: Ints, sources: Ints | None, *, count: int, rng: np.random.Generator
) -> Iterator[tuple[Ints, Ints]]:
    """Split rows into parts of about one size and one mixture of classes.

    Where sources are told and there are enough of them, each is on one side only: rows that
    somebody made up cannot vouch for each other.

    Args:
        y: Class of each row, shape (n,).
        sources: Who contributed it, shape (n,); none = not told.
        count: Parts.
        rng: Deals the rows out.

    Yields:
        Rows to learn from, and rows to judge, ascending; each row is judged once.
    """
    if sources is not None and len(np.unique(sources)) >= count:
        part = _by_source(sources, count=count, rng=rng)
    else:
        part = np.empty(len(y), dtype=np.int64)
        order = rng.permutation(len(y))
        order = order[np.argsort(y[order], kind="stable")]
        part[order] = np.arange(len(y)) % count
    for number in range(count):
        yield np.flatnonzero(part != number), np.flatnonzero(part == number)


def _by_source(sources: Ints, *, count: int, rng: np.random.Generator) -> Ints:
    """Whole sources, the largest first, each to the part that holds the fewest rows."""
    names, place, sizes = np.unique(sources, return_inverse=True, return_counts=True)
    shuffled = rng.permutation(len(names))
    held, dealt = np.zeros(count, dtype=np.int64), np.empty(len(names), dtype=np.int64)
    for one in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        dealt[one] = held.argmin()
        held[dealt[one]] += sizes[one]
    return dealt[place]
