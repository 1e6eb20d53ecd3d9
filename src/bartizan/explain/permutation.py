"""What a model loses when a feature's values are shuffled among the rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, decisions

_CALL_ROWS = 8192
"""Rows sent to the model at once, about: enough to hide the cost of a call."""
_WIDTH = float(ndtri(0.975))
"""Standard errors to either side of a 95 % interval."""


@dataclass(frozen=True)
class Losses:
    """What shuffling cost, row by row."""

    lost: Array
    """Right before minus right after, mean over repeats, shape (features, n); -1..1."""
    weight: Array
    """Share of each row in balanced accuracy, shape (n,); sums to 1."""
    y: Ints
    """True class of each row."""
    again: Array
    """Loss of balanced accuracy in each repeat, shape (features, repeats)."""

    @property
    def value(self) -> Array:
        """Loss of balanced accuracy, shape (features,); larger = matters more."""
        return np.asarray(self.lost @ self.weight)

    def interval(self) -> tuple[Array, Array]:
        """95 % interval over rows and repeats, (low, high), each of shape (features,)."""
        classes, counts = np.unique(self.y, return_counts=True)
        variance = np.zeros(len(self.lost))
        for label, count in zip(classes, counts, strict=True):
            spread = self.lost[:, self.y == label].var(axis=1, ddof=min(1, count - 1))
            variance += spread / count / len(classes) ** 2
        repeats = self.again.shape[1]
        if repeats > 1:
            variance += self.again.var(axis=1, ddof=1) / repeats
        reach = _WIDTH * np.sqrt(variance)
        return self.value - reach, self.value + reach

    def resampled(self, draws: int, *, rng: np.random.Generator) -> Array:
        """Values on rows drawn anew, within each class, shape (draws, features)."""
        total = np.zeros((draws, len(self.lost)))
        for label in np.unique(self.y):
            here = np.flatnonzero(self.y == label)
            counts = rng.multinomial(len(here), np.full(len(here), 1 / len(here)), draws)
            total += (counts * self.weight[here]) @ self.lost[:, here].T
        return total


def permutation(
    model: Classifier,
    x: Array,
    y: Ints,
    *,
    donors: Array,
    groups: Sequence[Ints],
    repeats: int,
    rng: np.random.Generator,
) -> Iterator[tuple[Array, Array]]:
    """Shuffle one feature after the other.

    The values come from any rows of the data, as a permutation of all of it would bring them;
    all columns of a group come from one row. What is lost is what the feature tells beyond the
    others: of two features that say the same, neither may seem to matter.

    Args:
        model: The model.
        x: Rows, shape (n, d).
        y: Their true classes, shape (n,).
        donors: Rows that values are taken from, shape (m, d).
        groups: Columns of each feature: one, or those of a one-hot group.
        repeats: Shuffles of each feature, >= 1.
        rng: For the shuffles.

    Yields:
        For each feature in turn: right before minus right after, mean over repeats, (n,); and
        the share of right answers in each row and repeat, (repeats, n).

    Cost:
        n * (1 + features * repeats) rows sent to the model.

    Source:
        Breiman (2001), "Random forests", section 10; Fisher, Rudin and Dominici (2019), JMLR 20,
        for any model. Deviation: balanced accuracy, so that rare classes count.
    """
    before = (decisions(model.scores(x)) == y).astype(np.float64)
    at_once = max(1, _CALL_ROWS // max(len(x), 1))
    for columns in groups:
        after = []
        for start in range(0, repeats, at_once):
            copies = min(at_once, repeats - start)
            asked = np.tile(x, (copies, 1))
            given = rng.integers(0, len(donors), len(asked))
            asked[:, columns] = donors[given[:, None], columns]
            right = decisions(model.scores(asked)) == np.tile(y, copies)
            after.append(right.reshape(copies, len(x)))
        answers = np.concatenate(after).astype(np.float64)
        yield before - answers.mean(axis=0), before - answers


def losses(parts: Sequence[tuple[Array, Array]], y: Ints) -> Losses:
    """What `permutation` yielded, for all features together.

    Args:
        parts: At least one.
        y: True classes, shape (n,), n >= 1.
    """
    classes, place, counts = np.unique(y, return_inverse=True, return_counts=True)
    weight = 1 / (len(classes) * counts[place])
    return Losses(
        lost=np.stack([mean for mean, _ in parts]),
        weight=weight,
        y=y,
        again=np.stack([each @ weight for _, each in parts]),
    )
