"""A model bound to the data it is asked about."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bartizan.adapt.scoring.rows import quietly, require_scores
from bartizan.adapt.scoring.scorer import Scorer
from bartizan.adapt.scoring.threshold import at_threshold
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import ShapeError
from bartizan.core.oracle import light_rows
from bartizan.core.schema import Label

_SAME = 1e-4
"""Difference of two scores, absolute and relative, that parallel sums of single precision make."""


@dataclass(kw_only=True)
class Bound:
    """The `Classifier` made of a model and a table."""

    name: str
    classes: tuple[Label, ...]
    """The data's classes in the data's order, then those only the model has."""
    score_kind: ScoreKind
    notes: tuple[str, ...]
    """What was adapted on the way, in words for a report."""
    digest: str
    digest_kind: Literal["oms-root", "probe"]
    width: int
    """Columns of the table."""
    scorer: Scorer
    picked: Ints | None
    """The table's columns that the model takes, in its order; none = all as they are."""
    order: Ints | None
    """The model's column of each class; none = as they are."""
    threshold: float | None
    probe: Array | None = None
    """Rows that a model was asked about when it was bound, shape (p, d); none where a file holds
    all of it."""
    answers: Array | None = None
    """What it answered, shape (p, k)."""

    @property
    def binding(self) -> str:
        """How the model's answers are read: what its digest does not say, in one line."""
        picked, order = (
            None if part is None else part.tolist() for part in (self.picked, self.order)
        )
        told = "" if self.answers is None else f", answers {self.behaviour}"
        return f"columns {picked}, classes {order}, threshold {self.threshold}{told}"

    @property
    def behaviour(self) -> str:
        """Digest of the answers on fixed rows, six digits of each; empty where none were asked.

        The code of a torch module stands in no file of weights: another forward pass over the
        same weights is another model.
        """
        if self.answers is None:
            return ""
        text = "\n".join(" ".join(f"{v:.6g}" for v in row) for row in self.answers.tolist())
        return "sha256:" + hashlib.sha256(f"{self.classes}\n{text}".encode()).hexdigest()

    def drift(self) -> str:
        """Whether a model with code in it still answers as it did, in words; empty if it does."""
        if self.probe is None or self.answers is None:
            return ""
        again = self.scores(self.probe)
        if np.allclose(again, self.answers, rtol=_SAME, atol=_SAME):
            return ""
        moved = int((~np.isclose(again, self.answers, rtol=_SAME, atol=_SAME)).any(axis=1).sum())
        return (
            f"{moved} of {len(again)} fixed rows are answered differently than when the run "
            "began: the model was changed meanwhile, or is random"
        )

    def scores(self, x: Array) -> Array:
        """Score rows.

        Args:
            x: Shape (n, d), as in the data set.

        Returns:
            Shape (n, k), finite; larger = more likely. The decision is the largest column.

        Raises:
            ShapeError: x has another number of columns.
            ModelError: the model crashed or answered nonsense; the message names the row.
        """
        if x.ndim != 2 or x.shape[1] != self.width:
            message = f"expected rows of {self.width} columns, got shape {x.shape}"
            raise ShapeError(message)
        if not len(x):
            return np.zeros((0, len(self.classes)))
        if self.picked is not None:
            x = x[:, self.picked]
        scores = require_scores(quietly(self._asked, x), n=len(x), k=len(self.classes))
        if self.order is not None:
            scores = scores[:, self.order]
        if self.threshold is not None:
            return at_threshold(scores, kind=self.scorer.kind, threshold=self.threshold)
        return scores

    def _asked(self, x: Array) -> Array:
        """What the model says, in as many calls as its memory asks for."""
        size = light_rows(x.shape[1])
        if len(x) <= size:
            return self.scorer(x)
        parts = range(0, len(x), size)
        return np.concatenate([self.scorer(x[start : start + size]) for start in parts])
