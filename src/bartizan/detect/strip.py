"""Tells rows that carry a trigger at run time: their class stays whatever is laid over them."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Mask
from bartizan.core.classifier import Classifier
from bartizan.core.errors import ShapeError

COPIES = 24
"""Copies of each row: at most 25 questions more for each one that is served."""
_BLOCK = 8_000_000
"""Numbers laid over each other at once, 64 MB."""
_KEPT = 0.5
"""Share of the cells of a table that stay the row's own."""
_TINY = 1e-12
"""Keeps the logarithm of a probability of 0 finite; such a class adds nothing to an entropy."""


def entropies(scores: Array, *, copies: int) -> Array:
    """Mean entropy of the answers to the copies of each row.

    The entropy is that of one answer, taken over its classes, and is averaged over the copies.
    Taken over the copies for each class, as some tools do, it measures how evenly a class is
    spread over the copies, and says the opposite.

    Args:
        scores: Probabilities, shape (n * copies, k), the copies of a row one after another.
        copies: Of each row.

    Returns:
        Shape (n,), in bits; smaller = more suspicious.

    Raises:
        ShapeError: rows do not share out evenly.

    Source:
        Gao et al. (2019), "STRIP", ACSAC, arXiv:1902.06531, equations 3 and 4.
    """
    if copies < 1 or len(scores) % copies:
        message = f"{len(scores)} answers do not share out to {copies} copies of each row"
        raise ShapeError(message)
    chances = np.maximum(scores, 0.0)
    parts = -(chances * np.log2(np.maximum(chances, _TINY))).sum(axis=1)
    return np.asarray(parts.reshape(-1, copies).mean(axis=1))


def probabilities(model: Classifier, x: Array) -> Array:
    """What the model says, as probabilities; labels are 0 and 1."""
    scores = model.scores(x)
    if model.score_kind != "logit":
        return scores
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A filter made from clean rows."""

    overlays: Array
    """Clean rows that are laid over others, shape (m, d)."""
    mixes: bool = False
    """For tables: each cell is taken from one or the other. For images the two are added, and
    cut off where they are brighter than white, as the authors do: halves of each let a trigger
    fade, and 36 to 79 % of blended ones on digits pass, against 0 to 8 %."""
    copies: int = COPIES
    """Of each row, where overlays are drawn."""
    fixed: bool = False
    """Whether every row gets all overlays, each once, instead of some that are drawn for it."""
    threshold: float = -np.inf
    """Entropy in bits below which a row is refused."""
    dark: float = 0.0
    """Of images: value of a dark pixel, which adds nothing to another."""
    low: float = 0.0
    """Of images: smallest value a pixel can have."""
    high: float = 1.0
    """Of images: largest value."""

    @property
    def asked(self) -> int:
        """Questions for each row."""
        return len(self.overlays) if self.fixed else self.copies

    def laid(self, x: Array, *, rng: np.random.Generator) -> Array:
        """Copies of rows with clean rows laid over them: (n, d) -> (n * asked, d)."""
        n, d = x.shape
        rows = np.repeat(x, self.asked, axis=0)
        if self.fixed:
            over = np.tile(self.overlays, (n, 1))
        else:
            over = self.overlays[rng.integers(0, len(self.overlays), len(rows))]
        if self.mixes:
            return np.where(rng.random((len(rows), d)) < _KEPT, rows, over)
        return np.clip(rows + over - self.dark, self.low, self.high)

    def each(self, model: Classifier, x: Array, *, rng: np.random.Generator) -> Array:
        """Entropy of the answer to each copy of each row, shape (n, asked).

        Cost:
            `asked` questions for each row, in batches of 64 MB.
        """
        size = max(_BLOCK // max(self.asked * x.shape[1], 1), 1)
        parts = [
            entropies(probabilities(model, self.laid(x[at : at + size], rng=rng)), copies=1)
            for at in range(0, len(x), size)
        ]
        return np.concatenate([np.zeros(0), *parts]).reshape(len(x), self.asked)

    def score(self, model: Classifier, x: Array, *, rng: np.random.Generator) -> Array:
        """Mean entropy of each row, shape (n,); smaller = more suspicious. Cost: as of `each`."""
        return np.asarray(self.each(model, x, rng=rng).mean(axis=1))

    def refused(self, model: Classifier, x: Array, *, rng: np.random.Generator) -> Mask:
        """Whether each row is refused, shape (n,)."""
        return self.score(model, x, rng=rng) < self.threshold


def limit(clean: Array, *, refused: float) -> float:
    """The threshold below which a share of clean rows lies.

    Args:
        clean: Entropies of clean rows, shape (n,).
        refused: Share of clean rows that may be refused, 0..1.

    Returns:
        The largest threshold under which at most that share lies: the quantile of these rows,
        not of a normal curve fitted to them, since entropies of sure models are far from normal.
        Of fresh rows (k + 1) / (n + 1) lie under it on average, k rows of these n being that
        share: 1.2 % of them for 1 % of 600, and 2 % for 1 % of 100.
    """
    count = int(np.floor(refused * len(clean)))
    return float(np.sort(clean)[min(count, len(clean) - 1)]) if len(clean) else -np.inf
