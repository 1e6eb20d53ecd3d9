"""Poison for linear models: rows climb to where training on them hurts most."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.poisoning.linear_model import LOSSES, LinearModel, LossName, fitted
from bartizan.attack.poisoning.quota import drawn
from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import InputError, NonFiniteError
from bartizan.core.trigger import Poisoned

_STRIDE = 0.1
"""First step, as a share of the range of each column; it halves where the loss does not grow."""
_SHORTEST = 1e-3
"""Step at which the climb ends."""


@dataclass(frozen=True, kw_only=True)
class Ascent:
    """How poison is sought, and against which model."""

    loss: LossName = "logistic"
    decay: float = 1.0
    """Pull of the victim's weights; 1 is scikit-learn's default for both losses."""
    steps: int = 50
    """Moves of all poison rows; each trains the victim once or more."""


def gradient_poison(
    x: Array,
    y: Ints,
    *,
    judged_x: Array,
    judged_y: Ints,
    low: Array,
    high: Array,
    rate: float,
    rng: np.random.Generator,
    ascent: Ascent | None = None,
) -> Poisoned:
    """Replace some rows by rows of the other class, moved up the loss on rows to be judged.

    Training ends where its slope is zero. That fixes how the weights follow a poison row, and so
    the slope of the judged loss by the row's values is known exactly, without training again.

    Args:
        x: Rows, shape (n, d), finite, on the scale that the victim trains on; unchanged.
        y: Classes 0 and 1, shape (n,).
        judged_x: Rows on which the victim shall fail, shape (m, d).
        judged_y: Their classes, shape (m,).
        low: Smallest values that the attacker can enter, shape (d,).
        high: Largest.
        rate: Share of all rows, 0..1.
        rng: Draws rows to replace; each starts with its own values and the other label.
        ascent: None = the defaults.

    Returns:
        The data; poisoned rows lie within the limits. No mark calls the damage up.

    Raises:
        InputError: classes other than 0 and 1.
        NonFiniteError: a value is missing.
        ModelError: the victim cannot be trained.

    Cost:
        About two trainings a step, O(n d^2) each.

    Source:
        Biggio, Nelson and Laskov (2012), "Poisoning Attacks against Support Vector Machines",
        arXiv:1206.6389, algorithm 1; Xiao et al. (2015), "Is Feature Selection Secure against
        Training Data Poisoning?", for losses other than the hinge. Deviations: all poison rows
        move at once, by signs of the slope; rows are replaced, not added.
    """
    how = Ascent() if ascent is None else ascent
    _require_plain(x, y)
    rows = drawn(np.arange(len(y)), n=len(y), rate=rate, what="rows", rng=rng)
    made, labels = x.copy(), y.copy()
    labels[rows] = 1 - y[rows]
    made[rows] = np.clip(x[rows], low, high)
    if len(rows):
        hill = _Hill(
            x=made,
            signs=_signs(labels),
            rows=rows,
            judged_x=judged_x,
            judged=_signs(judged_y),
            how=how,
        )
        made[rows] = _climbed(hill, low=low, high=high)
    return Poisoned(x=made, y=labels, rows=rows)


@dataclass(frozen=True, kw_only=True)
class _Hill:
    """The judged loss over the values of the poison rows."""

    x: Array
    signs: Array
    rows: Ints
    judged_x: Array
    judged: Array
    how: Ascent

    def height(self, poison: Array, start: Array | None) -> tuple[float, LinearModel]:
        """Mean loss on judged rows of the victim trained with these rows."""
        rows = self.x.copy()
        rows[self.rows] = poison
        model = fitted(rows, self.signs, loss=self.how.loss, decay=self.how.decay, start=start)
        value = LOSSES[self.how.loss].value(model.scores(self.judged_x), self.judged)
        return float(value.mean()), model

    def slope(self, poison: Array, model: LinearModel) -> Array:
        """See `poison_slope`."""
        return poison_slope(
            model,
            poison,
            self.signs[self.rows],
            judged_x=self.judged_x,
            judged_signs=self.judged,
            loss=self.how.loss,
        )


def poison_slope(
    model: LinearModel,
    poison: Array,
    signs: Array,
    *,
    judged_x: Array,
    judged_signs: Array,
    loss: LossName,
) -> Array:
    """How the mean judged loss grows with each value of each poison row.

    With H the Hessian of the training loss, g the slope of the judged loss by the weights and
    v = H^-1 g, a row p of score f and sign s has the slope
    ``-(loss''(f, s) * (v . [p, 1]) * w + loss'(f, s) * v_w)``.

    Args:
        model: Trained with the poison rows.
        poison: Shape (q, d).
        signs: Of the poison rows, -1 or 1, shape (q,).
        judged_x: Shape (m, d).
        judged_signs: Shape (m,).
        loss: Of training and of judgement.

    Returns:
        Shape (q, d); larger = worse for the victim.

    Source:
        Biggio et al. (2012), section 3.2, for the implicit slope.
    """
    curve = LOSSES[loss]
    weight = curve.first(model.scores(judged_x), judged_signs) / len(judged_x)
    follow = model.solve(np.append(judged_x.T @ weight, weight.sum()))
    scores = model.scores(poison)
    reach = poison @ follow[:-1] + follow[-1]
    across = (curve.second(scores, signs) * reach)[:, None] * model.theta[None, :-1]
    return -(across + curve.first(scores, signs)[:, None] * follow[None, :-1])


def _climbed(hill: _Hill, *, low: Array, high: Array) -> Array:
    """Steps of one length, shortened where they lead down."""
    here, stride = hill.x[hill.rows], _STRIDE
    best, model = hill.height(here, None)
    uphill = hill.slope(here, model)
    for _ in range(hill.how.steps):
        there = np.clip(here + stride * (high - low) * np.sign(uphill), low, high)
        value, moved = hill.height(there, model.theta)
        if value > best:
            here, best, model = there, value, moved
            uphill = hill.slope(here, model)
        else:
            stride /= 2
            if stride < _SHORTEST:
                break
    return here


def _signs(y: Ints) -> Array:
    return np.where(y == 1, 1.0, -1.0)


def _require_plain(x: Array, y: Ints) -> None:
    if not np.isin(y, (0, 1)).all():
        message = f"gradient poisoning is for the classes 0 and 1, got {np.unique(y)[:5].tolist()}"
        raise InputError(message)
    if not np.isfinite(x).all():
        message = "gradient poisoning needs numbers in every cell; fill missing values first"
        raise NonFiniteError(message)
