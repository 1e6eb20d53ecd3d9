"""Shadow models: trained as the model in question was, each on half of the rows in question."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

import numpy as np

from bartizan.assess.candidates import Candidates
from bartizan.attack.likelihood_ratio import Signals, balanced, confidence, right
from bartizan.core.arrays import AnyArray, Array, Mask
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.entry import Kept
from bartizan.core.errors import ModelError

_BATCH = 65536
"""Rows that a model is asked about at once: their scores stay within a few megabytes."""


@dataclass(frozen=True)
class Sight:
    """What one model says about the rows in question."""

    confidence: Array
    """Log-odds of each row's own class, shape (n,)."""
    right: Mask
    """Whether it decides for that class, shape (n,)."""

    @classmethod
    def of(cls, model: Classifier, asked: Candidates) -> "Sight":
        """Ask a model about all rows in question."""
        x, y = asked.rows.x, asked.rows.y
        starts = range(0, max(len(x), 1), _BATCH)
        scores = np.concatenate([model.scores(x[i : i + _BATCH]) for i in starts])
        return cls(confidence=confidence(scores, y, kind=model.score_kind), right=right(scores, y))


@dataclass(frozen=True)
class Shadows:
    """What all shadow models say."""

    confidence: Signals
    """Shape (n, K)."""
    right: Mask
    """Shape (n, K)."""
    inside: Mask
    """Which of them saw the row, shape (n, K)."""


def shadows(
    recipe: Recipe,
    asked: Candidates,
    *,
    count: int,
    like: Classifier,
    kept: Kept,
    rng: np.random.Generator,
) -> Generator[float, None, Shadows]:
    """Train shadow models one after the other, and ask each about the rows in question.

    Args:
        recipe: Trains them.
        asked: Rows in question.
        count: Models, even.
        like: The model in question.
        kept: Remembers what each model said, so that a stopped run loses none.
        rng: Splits the rows, and seeds each model; what it gives does not depend on what is
            remembered.

    Yields:
        The share of the models that are done.

    Raises:
        Error: the recipe failed.

    Cost:
        `count` trainings.
    """
    design = balanced(len(asked.rows.y), count, rng=rng)
    seeds = rng.integers(2**63, size=count)
    pieces = []
    for number, seed in enumerate(seeds.tolist()):
        name = f"membership shadow {number + 1} of {count}, {asked.each} rows a side"
        make = _maker(recipe, asked, inside=design[:, number], like=like, seed=seed)
        pieces.append(kept(name, make))
        yield (number + 1) / count
    n = len(design)
    return Shadows(
        confidence=np.stack([piece["confidence"] for piece in pieces], axis=1),
        right=np.stack([_mask(piece["right"], n) for piece in pieces], axis=1),
        inside=np.stack([_mask(piece["inside"], n) for piece in pieces], axis=1),
    )


def _maker(
    recipe: Recipe, asked: Candidates, *, inside: Mask, like: Classifier, seed: int
) -> Callable[[], Mapping[str, AnyArray]]:
    """Trains one shadow model when it is called, and returns what that says, in few bytes."""

    def make() -> Mapping[str, AnyArray]:
        stream = np.random.default_rng(seed)
        model = recipe.fit(asked.training(inside, rng=stream), stream)
        if (model.score_kind == "label") != (like.score_kind == "label"):
            message = (
                f"the model in question answers a {like.score_kind} and one trained anew a "
                f"{model.score_kind}, so they cannot be compared; have the recipe return the same"
            )
            raise ModelError(message)
        sight = Sight.of(model, asked)
        return {
            "confidence": sight.confidence.astype(np.float32),
            "right": np.packbits(sight.right),
            "inside": np.packbits(inside),
        }

    return make


def _mask(bits: AnyArray, n: int) -> Mask:
    return np.unpackbits(bits, count=n).astype(bool)
