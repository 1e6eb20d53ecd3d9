"""Gradients of ONNX networks: the graph once more in torch, beside the runtime.

The runtime alone says scores and decisions, also where a loss is taken; torch only says how they
change. What the two answer is compared before gradients are offered.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bartizan.adapt.gradients.tensors import SMALLEST, TensorSlope
from bartizan.adapt.networks.forward import numbers
from bartizan.adapt.onnx.forward import GraphForward
from bartizan.adapt.scoring.feeding import Reversible
from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.scoring.scorer import Scorer, as_columns
from bartizan.core.arrays import Array
from bartizan.core.errors import ModelError

_CLOSE, _CLOSE_HALF = 1e-4, 2e-2
"""Difference of two answers, relative to the largest and at least to 1: single precision keeps
seven digits, of which a deep network loses some to the order of its additions; half keeps three."""
_BETWEEN = 64
"""Rows between those of the data that are compared as well: what is cut off, or stands in another
branch, has to show."""
_FEW = 5
"""Rows that the way back is tried on."""
_ROWS = 32
"""Rows that are compared at a time: a graph of large photographs holds 100 MB for each."""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """The runtime's scores, for a loss that is followed back through torch."""

    scorer: Scorer
    logarithms: bool
    exact: bool
    """Whether logarithms are those of the runtime's probabilities throughout."""

    def __call__(self, x: Array, own: Array) -> Array:
        """What the loss is given.

        Args:
            x: Rows, shape (n, d).
            own: What torch answers, shape (n, k).

        Returns:
            Shape (n, k): the runtime's scores. Of probabilities torch's logarithms, which still
            differ near certainty, but only where both decide alike.
        """
        said = np.asarray(quietly(self.scorer, x))
        if not self.logarithms:
            return said
        said = np.log(np.maximum(said, SMALLEST))
        if self.exact:
            return said
        alike = np.isfinite(own).all(axis=1) & (own.argmax(axis=1) == said.argmax(axis=1))
        return np.where(alike[:, None], own, said)


def with_slope(
    scorer: Scorer, *, forward: GraphForward, feed: Reversible, x: Array, exact: bool
) -> Scorer:
    """A scorer with its gradient, if the graph is a network that torch can follow.

    Args:
        scorer: The graph asked by its scores.
        forward: The graph in torch.
        feed: The rows as torch takes them.
        x: Rows of the data to compare on, shape (n, d).
        exact: Whether a threshold refers to the scores.

    Returns:
        The scorer with its slope, or with a note that says why it has none.

    Cost:
        A pass over the rows in both, and loading torch, unless an operator is not known.
    """
    try:
        forward.require_known()
        rows = _rows(x, types=forward.types)
        slope = _checked(scorer, forward=forward, feed=feed, rows=rows, exact=exact)
    except ModelError as error:
        note = f"no gradient of the ONNX graph, attacks see its scores only: {error}"
        return replace(scorer, notes=(*scorer.notes, note))
    return replace(scorer, slope=slope)


def _rows(x: Array, *, types: Sequence[str]) -> Array:
    """Rows of the data, and rows between them; whole where an input is."""
    rng = np.random.default_rng(0)
    first, second = rng.integers(len(x), size=(2, _BETWEEN))
    share = rng.uniform(-0.25, 1.25, size=(_BETWEEN, 1))  # a little beyond as well
    made = x[first] + share * (x[second] - x[first])
    return np.concatenate((x, np.rint(made) if any("int" in kind for kind in types) else made))


def _checked(
    scorer: Scorer, *, forward: GraphForward, feed: Reversible, rows: Array, exact: bool
) -> TensorSlope:
    """The slope, of logarithms where the graph lets them be taken.

    Raises:
        ModelError: it cannot be translated, does not answer as the runtime, or has no way back.
    """
    few = rows[:_FEW]
    column = np.size(quietly(lambda part: scorer.ask(scorer.feed(part)), few)) == len(few)
    if scorer.kind == "probability":
        with suppress(ModelError):  # then of the probabilities themselves
            way = replace(forward, logarithms=True, column=column)
            return _tried(way, scorer=scorer, feed=feed, rows=rows, exact=exact)
    return _tried(forward, scorer=scorer, feed=feed, rows=rows, exact=exact)


def _tried(
    way: GraphForward, *, scorer: Scorer, feed: Reversible, rows: Array, exact: bool
) -> TensorSlope:
    """The slope of a graph in torch.

    Raises:
        ModelError: as for `_checked`.
    """
    slope = TensorSlope(
        feed=feed,
        forward=way,
        kind="logit" if way.logarithms else scorer.kind,
        judge=Judge(scorer=scorer, logarithms=way.logarithms, exact=exact),
    )
    starts = range(0, len(rows), _ROWS)
    parts = [quietly(partial(_own, slope), rows[start : start + _ROWS]) for start in starts]
    own = np.concatenate(parts)
    _require_alike(np.exp(own) if way.logarithms else own, quietly(scorer, rows), half=way.half)
    slope(rows[:_FEW], lambda scores: (scores[:, 0], np.ones_like(scores)))
    return slope


def _own(slope: TensorSlope, x: Array) -> Array:
    """What torch answers, one column a class."""
    import torch  # noqa: PLC0415 (an extra)

    with torch.no_grad():
        answer = numbers(slope.forward.answer(slope.forward.tensor(slope.feed(x))))
    return as_columns(answer, kind=slope.kind, labels=tuple(range(max(2, answer.shape[1]))))


def _require_alike(ours: Array, theirs: Array, *, half: bool) -> None:
    """Refuse answers that are farther from the runtime's than rounding takes them."""
    if ours.shape != theirs.shape:
        message = (
            f"it answers {ours.shape[1]} scores in torch, and {theirs.shape[1]} in onnxruntime"
        )
        raise ModelError(message)
    known = np.isfinite(theirs).all(axis=1)  # what is not finite is refused elsewhere
    close = (_CLOSE_HALF if half else _CLOSE) * max(
        1.0, float(np.abs(theirs[known]).max(initial=0))
    )
    apart = np.abs(ours - theirs).max(axis=1, initial=0.0)
    wrong = np.flatnonzero(known & ~(apart <= close))
    if wrong.size:
        message = (
            f"in torch it answers {apart[wrong].max():.3g} apart from onnxruntime on "
            f"{wrong.size} of {len(ours)} rows"
        )
        raise ModelError(message)
