"""Detectors that condemn half of a class are believed only where a person names them."""

from collections.abc import Sequence

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.errors import UsageError
from bartizan.data.cleaning.cleaning import Cleaning


def require_halves_left(cleaning: Cleaning, *, named: Sequence[str]) -> None:
    """Refuse to take half of a class or more if no person said so.

    Args:
        cleaning: What is to happen. Where labels were approved, an earlier cleaning was allowed to
            take the rows.
        named: Ids of detectors that a person named: what they point at may leave.

    Raises:
        UsageError: a class would lose half of its rows to detectors that nobody named.
    """
    if cleaning.suggestions:
        return
    data = cleaning.data
    there = np.bincount(data.y, minlength=len(data.classes))
    taken = np.bincount(data.y[_doubted(cleaning, named)], minlength=len(data.classes))
    for label, gone, rows in zip(data.classes, taken.tolist(), there.tolist(), strict=True):
        if gone and 2 * gone >= rows:
            message = (
                f"{gone:,} of {rows:,} rows of class {label!r} are flagged; where half of a class "
                "would leave, it is more probable that the detector is wrong. Nothing was "
                "changed: look at the rows, and name the detectors to believe with --entry if "
                "they are to leave"
            )
            raise UsageError(message)


def _doubted(cleaning: Cleaning, named: Sequence[str]) -> Ints:
    """Positions of rows that leave though no detector points at them that a person named."""
    found = cleaning.suspicion
    unnamed = np.array([set(one).isdisjoint(named) for one in found.detectors], dtype=np.bool_)
    ids = np.intersect1d(found.rows[unnamed], cleaning.gone)
    return np.flatnonzero(np.isin(cleaning.data.ids, ids))
