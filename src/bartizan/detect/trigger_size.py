"""How small the smallest mark of a model is, beside those of its other classes or clean models."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array

ALONE = 5
"""Classes from which on the others of the same model say what is usual."""
LINE = 0.45
"""Share of the usual size that a clean model's smallest mark keeps above. Set on clean networks
(64, 32) and ones with a patch in a corner, seeds 100 to 119, and on no other mark: on digits 20
clean ones kept 0.68 or more and 20 patched ones 0.30 to 0.56 (9 of 64 pixels are no small patch);
on Fashion-MNIST 12 clean ones 0.51 or more and 12 patched ones 0.14 or less. 0.45 lies 2.5 standard
deviations of the logarithm below the mean of the clean ones on Fashion-MNIST, the nearer ones."""
_SLOPE, _MIDDLE = 8.2, 0.73
"""Of the logistic curve from the log of the share to a chance, fitted on the same 64 networks, both
data sets alike: one half at a share of 0.48. Held back (an L2 penalty, C = 10), since 64 networks
that a line almost parts would else make it sure of everything: the free fit has a slope of 24."""
_FLOOR = 1e-9


@dataclass(frozen=True, kw_only=True)
class Smallest:
    """The mark that stands out most."""

    place: int
    """Of its target, in the order of the sizes."""
    share: float
    """Its size beside what is usual; smaller = more suspicious."""

    @property
    def chance(self) -> float:
        """That the model is backdoored, where half of all models are, 0..1."""
        return float(1 / (1 + np.exp(_SLOPE * (np.log(max(self.share, _FLOOR)) + _MIDDLE))))


def smallest(size: Array, *, clean: Array | None = None) -> Smallest:
    """Which class is reached by far too small a mark.

    Args:
        size: Of the smallest mark of each class, shape (c,), c >= 1.
        clean: The same of clean models of the same kind, shape (models, c); none = the classes
            are compared with each other alone.

    Returns:
        With five classes or more, the size over the median; with fewer, over that of the clean
        models. Where there are clean models, sizes are first divided by theirs, class by class:
        some classes lie near all others by nature.
    """
    logs = np.log(np.maximum(size, _FLOOR))
    if clean is not None and len(clean):
        logs = logs - np.log(np.maximum(clean, _FLOOR)).mean(axis=0)
    usual = float(np.median(logs)) if len(size) >= ALONE else 0.0
    place = int(logs.argmin())
    return Smallest(place=place, share=float(min(np.exp(logs[place] - usual), 1.0)))


def anomaly_index(size: Array) -> float:
    """Neural Cleanse's own index, for comparison: deviations below the median; > 2 is flagged.

    Source:
        Wang et al. (2019), section V-A.
    """
    median = float(np.median(size))
    spread = 1.4826 * float(np.median(np.abs(size - median)))
    return (median - float(size.min())) / spread if spread > 0 else 0.0
