"""Modules of torch."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bartizan.adapt.framework import Trial
from bartizan.adapt.images.layout import Layout, choose_layout, layouts
from bartizan.adapt.networks.forward import Forward
from bartizan.adapt.networks.layers import ModuleSlope
from bartizan.adapt.scoring.containers import AsTensor
from bartizan.adapt.scoring.feeding import Through
from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.scoring.scorer import Scorer
from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import ModelError, SchemaError

_FEW = 5
"""Rows that a layout is tried on first: most are refused at once."""
_SUM = 1e-2
"""How far the sum of probabilities may be from 1: half precision keeps three digits."""
_FAR = 1e4
"""How much farther from their mean rows are moved to see whether answers stay within 0..1; a
logit that lies there by chance leaves it."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """The framework of torch modules."""

    module: Any

    @property
    def names(self) -> tuple[str, ...] | None:
        """A module does not say."""
        return None

    @property
    def width(self) -> int | None:
        """A module does not say."""
        return None

    def scorer(self, trial: Trial) -> Scorer:
        """What the module answers, taken for what it looks like, and its gradient."""
        dtype = Forward(module=self.module).dtype
        if trial.image is not None:
            ways = layouts(trial.image, forms=("nchw", "nhwc", "nhw", "rows"), dtype=dtype)
            made = choose_layout(lambda way: self._scorer(way, trial), trial=trial, ways=ways)
            return _tried(made, x=trial.x)
        if not trial.codec.numeric:
            text = next(column.name for column in trial.codec.columns if not column.numeric)
            message = (
                f"a torch module takes numbers, and column {text!r} holds text; encode it as the "
                "module's training data was, or hand over a function that does both"
            )
            raise SchemaError(message)
        made = self._scorer(AsTensor(codec=trial.codec, dtype=dtype), trial)
        return _tried(made, x=trial.x)

    def _scorer(self, feed: Layout | AsTensor, trial: Trial) -> Scorer:
        """The module asked in one way."""
        forward = Forward(module=self.module)
        run = Through(feed, forward)
        quietly(run, trial.x[:_FEW])
        answer = quietly(run, trial.x)
        if answer.ndim not in (1, 2) or len(answer) != len(trial.x) or 0 in answer.shape:
            message = (
                f"the module was asked about {len(trial.x)} rows and answered shape "
                f"{answer.shape}; expected (n,), (n, 1) or (n, k)"
            )
            raise ModelError(message)
        if answer.ndim == 1 and len(trial.classes) > 2:
            message = (
                f"the module answered one number for each row, and the data has "
                f"{len(trial.classes)} classes; return the score of each class, not the decision"
            )
            raise ModelError(message)
        columns = answer.shape[1] if answer.ndim == 2 and answer.shape[1] > 1 else 2
        kind = _kind(answer, run=run, x=trial.x)
        return Scorer(
            feed=feed,
            ask=forward,
            kind=kind,
            answers=tuple(range(columns)),
            naming="places",
            slope=ModuleSlope(feed=feed, forward=forward, kind=kind),
        )


def _tried(scorer: Scorer, *, x: Array) -> Scorer:
    """Without the gradient, if there is no way back at all."""
    try:
        if scorer.slope is not None:
            scorer.slope(x[:_FEW], lambda scores: (scores[:, 0], np.ones_like(scores)))
    except ModelError as error:
        return replace(scorer, slope=None, notes=(*scorer.notes, f"no gradient: {error}"))
    return scorer


def _kind(answer: Array, *, run: Through, x: Array) -> ScoreKind:
    """Probabilities or logits, by what they are: on these rows, and far away from them.

    Raises:
        ModelError: values from 0 to 1 that belong to several questions.
    """
    looks = _looks(answer)
    if looks == "logit":
        return "logit"
    middle = x.mean(axis=0)
    try:
        far = quietly(run, middle + _FAR * (x - middle))
    except ModelError:  # not every module takes what is no data
        far = answer
    finite = np.isfinite(far.reshape(len(far), -1)).all(axis=1)
    if finite.any() and _looks(far[finite]) == "logit":
        return "logit"
    if looks == "several":
        message = (
            "the module answers values from 0 to 1 that do not sum to 1, as for several labels at "
            "once; Bartizan judges one target: return logits, or probabilities of one class each"
        )
        raise ModelError(message)
    return "probability"


def _looks(answer: Array) -> str:
    """`logit`, `probability`, or `several` for sigmoids of more than one column."""
    if not ((answer >= 0.0) & (answer <= 1.0)).all():
        return "logit"
    if answer.ndim == 1 or answer.shape[1] == 1:
        return "probability"
    return "probability" if (np.abs(answer.sum(axis=1) - 1.0) <= _SUM).all() else "several"
