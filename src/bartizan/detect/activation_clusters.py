"""Activation clustering: does a class fall into two groups, and what are its rows without one?"""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Classifier, decisions

_FEWEST = 10
"""Rows of a class below which two groups say nothing."""
_KEPT = 10
"""Principal directions in which rows are grouped, as in the paper."""
_COMPARED = 2000
"""Rows of which the silhouette is taken: it compares each with each, 32 MB of distances."""


@dataclass(frozen=True)
class Halves:
    """Two groups of the rows of one class."""

    label: int
    rows: Ints
    """Positions of the class's rows, ascending."""
    smaller: Mask
    """Shape (rows,): whether a row is in the smaller group."""
    silhouette: float
    """-1..1: how well the two groups are apart."""

    @property
    def share(self) -> float:
        """Of the smaller group, 0..0.5."""
        return float(self.smaller.mean())

    @property
    def suspects(self) -> Ints:
        """Positions of the smaller group."""
        return np.asarray(self.rows[self.smaller])


def halves(x: Array, y: Ints, *, rng: np.random.Generator) -> tuple[Halves, ...]:
    """Split each class in two by what a hidden layer holds.

    Args:
        x: Features, shape (n, w), finite.
        y: Class of each row, shape (n,).
        rng: First centres.

    Returns:
        One for each class of at least ten rows that are not all equal, by class.

    Source:
        Chen et al. (2018), arXiv:1811.03728, section 4. Deviation: principal components take the
        place of independent ones, which need not converge.
    """
    from sklearn.cluster import KMeans  # noqa: PLC0415 (slow to import)
    from sklearn.metrics import silhouette_score  # noqa: PLC0415 (slow to import)

    found = []
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        rest = x[rows] - x[rows].mean(axis=0)
        if len(rows) < _FEWEST or not (np.ptp(x[rows], axis=0) > 0).any():
            continue
        flat = rest @ np.linalg.svd(rest, full_matrices=False)[2][:_KEPT].T
        seed = int(rng.integers(2**31))
        side = KMeans(2, n_init=4, random_state=seed).fit_predict(flat) == 1
        if not side.any() or side.all():
            continue
        smaller = side if side.mean() <= 0.5 else ~side
        some = _compared(smaller, rng=rng)
        width = silhouette_score(flat[some], smaller[some])
        found.append(Halves(int(label), rows, smaller, float(width)))
    return tuple(found)


def _compared(smaller: Mask, *, rng: np.random.Generator) -> Ints:
    """Rows of both groups, each with its share: of a tiny group a plain draw may hold none."""
    share = min(_COMPARED / len(smaller), 1.0)
    sides = [rng.permutation(np.flatnonzero(side)) for side in (smaller, ~smaller)]
    return np.concatenate([rows[: max(round(share * len(rows)), 2)] for rows in sides])


def cluster_scores(x: Array, groups: tuple[Halves, ...]) -> Array:
    """How much nearer a row is to the smaller group's middle than to the larger one's.

    Args:
        x: The features that were split, shape (n, w).
        groups: From `halves`.

    Returns:
        Shape (n,), -1..1; larger = more suspicious; -1 in classes that were not split.
    """
    found = np.full(len(x), -1.0)
    for one in groups:
        own = x[one.rows]
        near, far = (
            np.linalg.norm(own - own[side].mean(axis=0), axis=1)
            for side in (one.smaller, ~one.smaller)
        )
        found[one.rows] = (far - near) / np.maximum(far + near, 1e-300)
    return found


def reclassified(without: Classifier, x: Array, *, label: int) -> tuple[float, int]:
    """What becomes of suspects in a model that never saw them.

    Honest rows of a class are still of that class; rows that only a mark made so are not.

    Args:
        without: Trained without the suspects.
        x: The suspects, shape (n, d), n >= 1, as the model takes them.
        label: The class they are labelled with.

    Returns:
        Share that is given another class, 0..1, and the class most of them are given.

    Source:
        Chen et al. (2018), section 5.1, exclusionary reclassification.
    """
    found = decisions(without.scores(x))
    counts = np.bincount(found[found != label], minlength=1)
    return float((found != label).mean()), int(counts.argmax()) if counts.any() else label
