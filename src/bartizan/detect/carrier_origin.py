"""Where the rows of a suspected mark come from: other classes, or a group of their own."""

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, decisions
from bartizan.detect.rank_bins import RankBins

_RANK = 3
"""Columns that must be unlike: one or two may go along with the mark by themselves."""


def foreign_share(bins: RankBins, *, rows: Ints, others: Ints, marked: Ints) -> float:
    """How many carriers of a mark cannot be rows of other classes that were marked.

    Somebody who marks rows of other classes leaves their other columns alone. A natural group, such
    as one kind of attack among network connections, is of one kind in all columns.

    Args:
        bins: Few bins a column, of all rows.
        rows: Carriers, positions, shape (m,), m >= 1.
        others: Rows of other classes, positions, shape (o,), o >= 1.
        marked: Columns of the mark.

    Returns:
        0..1: the total variation between both, less what chance makes of it, in the column that
        comes third. That share of the carriers at least is not like rows of other classes.

    Cost:
        O(d (m + o)).
    """
    found = [0.0]
    for place in np.setdiff1d(np.flatnonzero(bins.sizes > 1), marked).tolist():
        size = int(bins.sizes[place])
        mine = np.bincount(bins.codes[rows, place], minlength=size) / len(rows)
        theirs = np.bincount(bins.codes[others, place], minlength=size) / len(others)
        chance = np.sqrt(theirs * (1 - theirs) / len(rows)).sum()
        found.append(float(np.abs(mine - theirs).sum() - chance) / 2)
    found.sort()
    return max(found[-min(_RANK, len(found))], 0.0)


def unmarked_share(
    x: Array,
    *,
    rows: Ints,
    others: Ints,
    marked: Ints,
    model: Classifier,
    target: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """What a model says of carriers once the mark is taken off, and of rows of other classes.

    Args:
        x: All rows, shape (n, d).
        rows: Carriers, positions, shape (m,), m >= 1.
        others: Rows of other classes, positions, shape (o,), o >= 1.
        marked: Columns of the mark, which get the values of rows drawn from `others`.
        model: One that did not learn the carriers.
        target: Label of the carriers.
        rng: Draws.

    Returns:
        Shares that get the label: of the carriers, less one standard deviation of chance, and of
        the others. Far apart: the carriers have the label by right.
    """
    bare = x[rows].copy()
    bare[:, marked] = x[np.ix_(rng.choice(others, size=len(rows)), marked)]
    some = rng.permutation(others)[: max(len(rows), 500)]
    base = float((decisions(model.scores(x[some])) == target).mean())
    mine = float((decisions(model.scores(bare)) == target).mean())
    return mine - float(np.sqrt(base * (1 - base) / len(rows))), base
