"""Asks a model whether the trees that were read from it answer as it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.scoring.scorer import Scorer
from bartizan.adapt.tables.codec import Codec
from bartizan.core.arrays import Array
from bartizan.core.errors import ModelError
from bartizan.core.schema import Feature
from bartizan.core.trees import Trees

_CLOSE = 1e-5
"""Relative difference of two answers: single precision keeps seven digits."""
_ROUNDING = 2.0**-24
"""Relative error of one addition in single precision, of which there is one for each tree."""
_TRIALS = 256
"""Rows that are asked about beside those of the data, of each kind: every test on the way of so
many rows through hundreds of trees is met many times over."""


@dataclass(kw_only=True)
class Kept:
    """Reads the trees once in each process; sent to another, it goes without them."""

    read: Callable[[], Trees]
    _trees: Trees | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but what can be read again."""
        return {**self.__dict__, "_trees": None}

    def __call__(self) -> Trees:
        """The trees."""
        if self._trees is None:
            self._trees = self.read()
        return self._trees


def with_checked_trees(
    scorer: Scorer, *, codec: Codec, x: Array, features: Sequence[Feature]
) -> tuple[Scorer, tuple[str, ...]]:
    """Keep the trees of a scorer only if they answer as it does.

    Besides the rows of the data it is asked about rows at the thresholds of the trees and one
    float beside them, with any category, and with gaps where the schema allows missing values.

    Args:
        scorer: A way to ask the model, and perhaps to read its trees.
        codec: The columns that the model takes.
        x: Rows of the data, shape (n, d), 1 <= n.
        features: Schema of these columns; empty for images.

    Returns:
        The scorer, without trees if they are wrong or the tree IR has no words for them, and
        a note that says why.

    Cost: reading the trees, and about four times 256 rows through them and the model.
    """
    if scorer.trees is None or scorer.kind == "label":
        return replace(scorer, trees=None), ()
    kept = Kept(read=scorer.trees)
    try:
        trees = kept()
        fault = _fault(scorer, trees, rows=_rows(trees, codec=codec, x=x, features=features))
    except (ModelError, LookupError, TypeError, ValueError, AttributeError) as error:
        said = str(error) if isinstance(error, ModelError) else f"{type(error).__name__}: {error}"
        note = f"the trees of the model are not used, attacks see its scores only: {said}"
        return replace(scorer, trees=None), (note,)
    if fault is None:
        return replace(scorer, trees=kept), ()
    note = f"the trees read from the model do not answer as it does, so they are not used: {fault}"
    return replace(scorer, trees=None), (note,)


def _rows(trees: Trees, *, codec: Codec, x: Array, features: Sequence[Feature]) -> list[Array]:
    """Blocks of rows: the data's, at thresholds, with any category, with gaps."""
    rng = np.random.default_rng(0)
    edges = x[rng.integers(len(x), size=_TRIALS)]
    for column in np.unique(trees.feature[trees.feature >= 0]).tolist():
        at = trees.threshold[(trees.feature == column) & np.isfinite(trees.threshold)]
        if at.size:
            put = rng.random(_TRIALS) < 0.5
            edges[put, column] = _beside(rng.choice(at, size=int(put.sum())), rng=rng)
    codes, gaps = edges.copy(), edges.copy()
    for position, made in enumerate(codec.columns):
        if made.categories:
            codes[:, position] = rng.integers(len(made.categories), size=_TRIALS)
    for position, feature in enumerate(features):
        if feature.missing:
            gaps[rng.random(_TRIALS) < 0.25, position] = np.nan
    blocks = [x, codec.round(edges), codec.round(codes)]
    return [*blocks, codec.round(gaps)] if np.isnan(gaps).any() else blocks


def _beside(values: Array, *, rng: np.random.Generator) -> Array:
    """Thresholds as they are, and one double or one float32 above and below."""
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
        near = np.stack(
            [
                values,
                np.nextafter(values, np.inf),
                np.nextafter(values, -np.inf),
                np.nextafter(single, np.float32(np.inf)).astype(np.float64),
                np.nextafter(single, np.float32(-np.inf)).astype(np.float64),
            ]
        )
    found = near[rng.integers(len(near), size=len(values)), np.arange(len(values))]
    return np.where(np.isfinite(found), found, values)


def _fault(scorer: Scorer, trees: Trees, *, rows: list[Array]) -> str | None:
    """What is wrong with the first block on which the answers differ."""
    for number, block in enumerate(rows):
        asked, theirs = (block, quietly(scorer, block)) if number == 0 else _answered(scorer, block)
        if not len(asked):
            continue
        ours = trees.scores(asked)
        if ours.shape != theirs.shape:
            return f"they answer {ours.shape[1]} scores, the model {theirs.shape[1]}"
        found = _difference(_as_kind(ours, trees=trees, scorer=scorer), theirs, trees=trees)
        if found is not None:
            row, size = found
            return f"{size:.3g} apart on row {asked[row].tolist()}"
    return None


def _answered(scorer: Scorer, x: Array) -> tuple[Array, Array]:
    """The rows that the model has an answer for: it may refuse gaps, or unknown categories."""
    try:
        return x, quietly(scorer, x)
    except ModelError:
        pass
    rows, answers = [x[:0]], []
    for row in x[:, None]:
        try:
            answers.append(quietly(scorer, row))
        except ModelError:
            continue
        rows.append(row)
    return np.concatenate(rows), np.concatenate(answers) if answers else np.zeros((0, 0))


def _as_kind(scores: Array, *, trees: Trees, scorer: Scorer) -> Array:
    """Scores of trees as the scorer gives them: logits may have to become probabilities."""
    if trees.kind == scorer.kind:
        return scores
    if trees.kind == "probability":
        message = "they add up probabilities, and the model answers margins"
        raise ModelError(message)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _difference(ours: Array, theirs: Array, *, trees: Trees) -> tuple[int, float] | None:
    """The row where two answers differ most, if more than rounding; or decide otherwise."""
    apart = np.abs(ours - theirs).max(axis=1)
    size = np.abs(trees.value).max(axis=1)
    steps = np.maximum.reduceat(size, trees.roots).sum() if len(trees.roots) else 0.0
    close = _CLOSE * np.abs(theirs).max() + _ROUNDING * steps
    chosen = np.take_along_axis(theirs, ours.argmax(axis=1)[:, None], axis=1)[:, 0]
    wrong = (theirs.max(axis=1) - chosen > 2.0 * close) | ~(apart <= close)
    if not wrong.any():
        return None
    worst = int(np.where(wrong, apart, -1.0).argmax())
    return worst, float(apart[worst])
