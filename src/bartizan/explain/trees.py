"""Exact Shapley values of tree ensembles against a background of rows."""

from functools import cache

import numpy as np
import scipy.sparse
from scipy.special import gammaln

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.trees import Trees
from bartizan.explain.paths import Paths

_NARROW = 9
"""Features on a path up to which every pattern of met conditions is looked up in a table: the
table of pairs of patterns takes 19 MB then. Above, rows and background rows are paired."""
_CELLS = 4_000_000
"""Numbers in the largest array that is made at once: 32 MB."""


def tree_contributions(trees: Trees, x: Array, *, background: Array) -> Array:
    """Shapley values of the features for the scores of a tree ensemble.

    The game: features in a coalition have the row's values, the others those of a background
    row; the worth is the score, averaged over the background. For one leaf and one background
    row, the path's features fall into A, met by the row alone, and B, met by the background row
    alone (where neither meets one, the leaf is out of reach). The leaf counts for coalitions
    that hold all of A and none of B, and the values have a closed form: each of A gets
    (a - 1)! b! / (a + b)!, each of B minus a! (b - 1)! / (a + b)!, times the leaf.

    Args:
        trees: The ensemble.
        x: Rows, shape (n, d).
        background: Rows to compare with, shape (m, d), m >= 1.

    Returns:
        Shape (n, d, k), in the unit of the ensemble's sums. Contributions of a row sum to its
        scores minus the mean scores of the background.

    Cost:
        On paths of up to 9 features, about rows + background rows for each leaf, and a table of
        patterns; on longer ones, rows x background rows x features for each leaf.

    Source:
        Lundberg et al. (2020), Nature Machine Intelligence 2, interventional tree Shapley
        values; the closed form of a leaf is that of Zern, Broelemann and Kasneci (2023), AAAI.
        Deviation: rows and background rows are counted by patterns of met conditions.
    """
    found = np.zeros((len(x), x.shape[1], trees.k))
    for leaves in _chunks(trees, len(x) + len(background)):
        paths = Paths.of(trees, leaves)
        mine, theirs = paths.met(x), paths.met(background)
        for width in np.unique(paths.width[paths.width > 0]):
            slots = np.flatnonzero(paths.width[paths.owner] == width).reshape(-1, width)
            add = _by_pattern if width <= _NARROW else _by_pair
            found += _spread(
                add(mine[:, slots], theirs[:, slots]),
                value=trees.value[leaves[paths.owner[slots[:, 0]]]],
                feature=paths.feature[slots],
                d=x.shape[1],
            )
    return found


def paired(trees: Trees) -> int:
    """Features on paths too long for the table: times rows times background rows, the work."""
    width = Paths.of(trees, trees.leaves).width
    return int(width[width > _NARROW].sum())


def _chunks(trees: Trees, rows: int) -> list[Ints]:
    """Leaves in portions whose conditions fit into memory; ten are taken for a usual path."""
    portion = max(1, _CELLS // (10 * rows))
    return [trees.leaves[i : i + portion] for i in range(0, len(trees.leaves), portion)]


def _by_pattern(mine: Mask, theirs: Mask) -> Array:
    """Shares of the leaves' worth that features get, by looking patterns up.

    Args:
        mine: Whether each row meets each slot, shape (n, leaves, w).
        theirs: The same for the background, shape (m, leaves, w).

    Returns:
        Shape (n, leaves, w), averaged over the background.
    """
    leaves, width = mine.shape[1:]
    bits = 2 ** np.arange(width)
    patterns = 2**width
    codes = theirs @ bits + np.arange(leaves) * patterns
    counts = np.bincount(codes.ravel(), minlength=leaves * patterns).reshape(leaves, patterns)
    table = (counts / len(theirs)) @ _pairs(width).reshape(patterns, -1)
    table = table.reshape(leaves, patterns, width)
    return np.asarray(table[np.arange(leaves), mine @ bits])


@cache
def _pairs(width: int) -> Array:
    """Shares for each pair of patterns: (background's, row's, slot)."""
    met = (np.arange(2**width)[:, None] >> np.arange(width)) & 1 > 0
    return _shares(met[None, :, :], met[:, None, :])


def _by_pair(mine: Mask, theirs: Mask) -> Array:
    """The same for long paths: every row with every background row."""
    n, leaves, width = mine.shape
    found = np.zeros((n, leaves, width))
    step = max(1, _CELLS // (leaves * width * max(len(theirs), 1)))
    for start in range(0, n, step):
        rows = slice(start, start + step)
        found[rows] = _shares(mine[rows, None], theirs[None]).mean(axis=1)
    return found


def _shares(mine: Mask, theirs: Mask) -> Array:
    """The closed form of one leaf: conditions met by row and background row, (..., w) each."""
    gains, drops = mine & ~theirs, theirs & ~mine
    reachable = (mine | theirs).all(axis=-1)
    a, b = gains.sum(axis=-1), drops.sum(axis=-1)
    for_a, for_b = _weights(mine.shape[-1])
    up = np.where(reachable, for_a[a, b], 0.0)[..., None] * gains
    return np.asarray(up - np.where(reachable, for_b[a, b], 0.0)[..., None] * drops)


@cache
def _weights(width: int) -> tuple[Array, Array]:
    """(a - 1)! b! / (a + b)! and a! (b - 1)! / (a + b)!, 0 where undefined, for a, b <= width."""
    a, b = np.ogrid[: width + 1, : width + 1]
    one = gammaln(np.maximum(a, 1)) + gammaln(b + 1) - gammaln(a + b + 1)
    shares = np.where(a > 0, np.exp(one), 0.0)
    return shares, shares.T.copy()


def _spread(share: Array, *, value: Array, feature: Ints, d: int) -> Array:
    """Slots' shares times the leaves' values, added up by column.

    Args:
        share: Shape (n, leaves, w).
        value: Of the leaves, shape (leaves, k).
        feature: Column of each slot, shape (leaves, w).
        d: Columns.

    Returns:
        Shape (n, d, k).
    """
    n, k = len(share), value.shape[1]
    flat = share.reshape(n, -1)
    found = np.zeros((n, d, k))
    for c in range(k):
        worth = np.repeat(value[:, c], feature.shape[1])
        owner = scipy.sparse.csr_array(
            (worth, (np.arange(feature.size), feature.ravel())), shape=(feature.size, d)
        )
        found[:, :, c] = flat @ owner
    return found
