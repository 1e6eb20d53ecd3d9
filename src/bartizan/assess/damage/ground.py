"""What poisonings are tried on: rows to train on, and rows that no model is trained on."""

from dataclasses import dataclass

import numpy as np

from bartizan.assess.candidates import row_keys
from bartizan.assess.damage.settings import Params
from bartizan.assess.importance import evenly
from bartizan.core.arrays import Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Study
from bartizan.core.provenance import Provenance

_SCORES = 1 << 22
"""Scores kept of training rows, at most: 16 MiB of single precision. A thousand classes are then
tried on 4,194 rows."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The rows of one check. They are the same for every model."""

    train: Dataset
    held: Dataset
    """As many of each class as there are, up to an even share; none stands in the training data."""
    size: int
    """Rows that the model in question was trained on."""
    doubles: int
    """Rows of the data left out because they stand in the training data too."""
    provenance: Provenance | None = None
    """Who contributed the training rows, if that is known."""

    @property
    def counts(self) -> Ints:
        """Training rows of each class, shape (k,)."""
        return np.bincount(self.train.y, minlength=len(self.train.classes)).astype(np.int64)

    def target(self, rate: float) -> int:
        """The class that somebody wants marked rows to get.

        The most frequent one, as "not fraud" is, if the rows of the others suffice twice over for
        the poison; else the rarest.
        """
        counts = self.counts
        most = int(counts.argmax())
        if len(self.train.y) - counts[most] >= 2 * rate * len(self.train.y):
            return most
        return int(np.where(counts > 0, counts, counts.max() + 1).argmin())

    @property
    def losing(self) -> tuple[int, int]:
        """The class whose labels are flipped on purpose, and the one they become.

        The rarest class, which a few wrong labels hurt most; into the most frequent other one.
        """
        counts = self.counts
        source = int(np.where(counts > 0, counts, counts.max() + 1).argmin())
        others = counts.copy()
        others[source] = -1
        return source, int(others.argmax())


def ground(study: Study, *, params: Params, rng: np.random.Generator) -> Ground:
    """Draw the rows of a check.

    Args:
        study: Rows the model was trained on, and others.
        params: How many rows.
        rng: Draws them, the training rows at random, so that each class keeps its share.
    """
    train = study.data.take(np.zeros(0, dtype=np.int64)) if study.train is None else study.train
    most = min(params.rows, _SCORES // max(len(train.classes), 1))
    known = np.isin(row_keys(study.data.x), row_keys(train.x))
    fresh = study.data.take(np.flatnonzero(~known))
    some = np.sort(rng.permutation(len(train.y))[:most])
    held = evenly(fresh.y, params.held, rng) if len(fresh.y) else np.zeros(0, dtype=np.int64)
    known_of = study.provenance
    return Ground(
        train=train if len(some) == len(train.y) else train.take(some),
        provenance=None if known_of is None else known_of.take(some),
        held=fresh.take(held),
        size=len(train.y),
        doubles=int(known.sum()),
    )


def unfit(ground: Ground, *, rate: float) -> str:
    """Why these rows do not do; empty if they do.

    Args:
        ground: The rows.
        rate: Share of the rows poisoned that decides.
    """
    n = len(ground.train.y)
    if len(ground.train.classes) < 2:
        return (
            f"the data holds one class only, and of the training rows the {n} of that class are "
            "left, from which no model learns anything; give data of all classes"
        )
    if np.count_nonzero(ground.counts) < 2:
        return f"the {n} training rows hold one class only, so no model learns anything from them"
    if rate * n < 1:
        return (
            f"{rate:.1%} of {n} training rows is less than one row; at least {1 / rate:.0f} needed"
        )
    if len(np.unique(ground.held.y)) < 2:
        told = f"{len(ground.held.y)} rows of the data stand in no training row, and "
        return f"{told}hold fewer than two classes; give data that the model was not trained on"
    return ""
