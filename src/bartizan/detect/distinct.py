"""How many different values there are, in little memory."""

import numpy as np
import numpy.typing as npt

from bartizan.core.arrays import AnyArray

KEPT = 4096
"""Hashes kept: 32 KiB a column, and a standard error of 1 / sqrt(4094) = 1.6 %."""

Hashes = npt.NDArray[np.uint64]


class Distinct:
    """Counts different values by the smallest of their hashes.

    Hashes of n different values are n even draws; the k-th smallest lies at about k / n of the
    way, whatever the order and however often a value is met. Up to k values the count is exact,
    but for two values of one 64-bit hash.

    Source:
        Bar-Yossef et al. (2002), RANDOM; the unbiased (k - 1) / U(k) and its standard error
        1 / sqrt(k - 2): Beyer et al. (2007), SIGMOD, section 3.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._smallest: Hashes = np.empty(0, dtype=np.uint64)

    @property
    def full(self) -> bool:
        """Whether the count is an estimate from now on."""
        return len(self._smallest) == self._kept

    def see(self, hashes: AnyArray) -> None:
        """Look at hashes of some values: shape (n,), uint64, in any order, repeated or not."""
        if self.full:
            hashes = hashes[hashes < self._smallest[-1]]
        if len(hashes):
            self._smallest = np.union1d(self._smallest, hashes)[: self._kept]

    def count(self) -> int:
        """How many different values were met."""
        if not self.full:
            return len(self._smallest)
        reach = (float(self._smallest[-1]) + 1) / 2.0**64
        return round((self._kept - 1) / reach)
