"""From keys that near things share to pairs, and from pairs to clusters."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bartizan.core.arrays import AnyArray, Ints

_AHEAD = 4
"""How many of those that follow in a bucket each member is paired with: a bucket of a thousand
copies then makes four thousand pairs and not half a million, and is still one cluster."""


def candidates(keys: AnyArray, *, spare: int = 0) -> tuple[Ints, Ints]:
    """Pairs of positions that share a key.

    Args:
        keys: Shape (tables, n), uint64: things with equal keys in a row may be near.
        spare: Lowest bits in which keys may differ; those that differ little stand together.

    Returns:
        (left, right), each (p,), left < right, each pair once. In a bucket, each member is paired
        with the few that follow it.
    """
    n = keys.shape[1]
    found = []
    for table in keys:
        order = np.argsort(table, kind="stable")
        sorted_keys = table[order] >> np.uint64(spare)
        for ahead in range(1, min(_AHEAD, n - 1) + 1):
            same = np.flatnonzero(sorted_keys[ahead:] == sorted_keys[:-ahead])
            one, other = order[same], order[same + ahead]
            found.append(np.minimum(one, other) * n + np.maximum(one, other))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    pairs = np.unique(np.concatenate(found))
    return pairs // n, pairs % n


def joined(left: Ints, right: Ints, *, n: int) -> Ints:
    """Number of the cluster that each of n things is in, shape (n,), given the near pairs."""
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, labels = connected_components(links, directed=False)
    found: Ints = labels.astype(np.int64)
    return found


def crowds(numbers: Ints) -> Ints:
    """Positions of things that share their cluster with another, ascending."""
    sizes = np.bincount(numbers)
    found: Ints = np.flatnonzero(sizes[numbers] > 1)
    return found
