"""A model as one attacker sees it: what they may ask, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import ACCESS_ORDER, Access
from bartizan.core.classifier import (
    Classifier,
    Differentiable,
    ScoreKind,
    TreeEnsemble,
    decisions,
    margins,
)
from bartizan.core.errors import AccessError, BudgetExceededError
from bartizan.core.trees import Trees

CHUNK_ROWS = 8192
"""Rows sent to the model at once: large enough to hide the cost of a call, small enough to
stay in the processor's cache for tables of usual width."""
CHUNK_BYTES = 32 << 20
"""Most that the rows of one call weigh as 64-bit numbers: 27 photographs of 224 x 224, whose
activations in a deep network need a hundred times as much; 1,365 small colour images."""

RowLoss: TypeAlias = Callable[[Array, Ints], tuple[Array, Array]]
"""Scores (m, k) and the attacked row that each belongs to (m,) -> values (m,), larger = closer
to what the attacker wants, and their derivatives by the scores (m, k)."""


def chunk_rows(width: int) -> int:
    """Rows sent to a model at once, at most.

    Args:
        width: Numbers in a row.

    Example:
        >>> chunk_rows(30), chunk_rows(224 * 224 * 3)
        (8192, 27)
    """
    return min(CHUNK_ROWS, light_rows(width))


def light_rows(width: int) -> int:
    """Rows that weigh no more than one call may, at least one.

    Args:
        width: Numbers in a row.
    """
    return max(CHUNK_BYTES // (8 * max(width, 1)), 1)


@dataclass(frozen=True)
class Slope:
    """What one pass forward and back tells about some points."""

    wrong: Mask
    """Whether the decision is what the attacker wants, shape (m,)."""
    value: Array
    """Of the loss, shape (m,)."""
    grad: Array
    """Of the loss by the point, shape (m, d); as the model gives it, finite or not."""


class Oracle:
    """Counts every row sent to the model and refuses the first one past the budget.

    The goal is built in: an answer is "wrong" if the row left its own class (untargeted), or
    reached the target class.
    """

    def __init__(
        self,
        model: Classifier,
        *,
        y: Ints,
        access: Access = "labels",
        budget: int | None = None,
        target: int | None = None,
        chunk_rows: int | None = None,
        late: Callable[[], bool] = lambda: False,
    ) -> None:
        self._model = model
        self._y = y
        self._access = access
        self._target = target
        self._chunk_rows = chunk_rows
        self._late = late
        self.budget = budget
        """Most queries for each row, or none."""
        self.queries = np.zeros(len(y), dtype=np.int64)
        """Queries so far for each row, shape (rows,)."""
        self.calls = 0
        """Calls of the model; one call carries many queries."""
        self.model_s = 0.0
        """Seconds spent inside the model."""

    @property
    def score_kind(self) -> ScoreKind:
        """What the scores are."""
        return self._model.score_kind

    @property
    def y(self) -> Ints:
        """True class of each attacked row, shape (rows,): attackers know their own inputs."""
        return self._y

    @property
    def target(self) -> int | None:
        """The class that the attacker wants to be taken for; none = any wrong one."""
        return self._target

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self._model.classes)

    def sees(self, access: Access) -> bool:
        """Whether this attacker may ask for that much."""
        return ACCESS_ORDER.index(self._access) >= ACCESS_ORDER.index(access)

    def left(self) -> Ints:
        """Queries left for each row, shape (rows,); a very large number without a budget.

        None are left once it is too late: attacks then end with what they have.
        """
        if self._late():
            return np.zeros_like(self.queries)
        if self.budget is None:
            return np.full(len(self.queries), np.iinfo(np.int64).max)
        return self.budget - self.queries

    def wrong(self, x: Array, rows: Ints) -> Mask:
        """Whether the model's decision is what the attacker wants.

        Args:
            x: Questions, shape (m, d).
            rows: Which of the attacked rows each question belongs to, shape (m,).

        Returns:
            Shape (m,).

        Raises:
            BudgetExceededError: a row has too few queries left; nothing was sent.
        """
        return self.wanted(decisions(self._ask(x, rows)), rows)

    def margin(self, x: Array, rows: Ints) -> Array:
        """How far each question is from what the attacker wants, shape (m,).

        At or below zero means reached for untargeted goals as `wrong` has it, but for exact
        ties; below zero always does. Needs access to scores.

        Raises:
            AccessError: this attacker sees labels only.
            BudgetExceededError: as for `wrong`.
        """
        if not self.sees("scores"):
            message = f"the attacker sees {self._access} only, the attack asked for scores"
            raise AccessError(message)
        scores = self._ask(x, rows)
        if self._target is None:
            return margins(scores, self._y[rows], kind=self.score_kind)
        target = np.full(len(x), self._target, dtype=np.int64)
        return -margins(scores, target, kind=self.score_kind)

    def differentiate(self, x: Array, rows: Ints, loss: RowLoss) -> Slope:
        """One pass forward and back; counts as one query for each point.

        Args:
            x: Points, shape (m, d).
            rows: Which of the attacked rows each belongs to, shape (m,).
            loss: What to differentiate.

        Raises:
            AccessError: this attacker sees no gradients, or the model has none.
            BudgetExceededError: as for `wrong`.
        """
        if not self.sees("gradients") or not isinstance(self._model, Differentiable):
            message = f"the attacker sees {self._access} of this model, the attack asked for slopes"
            raise AccessError(message)
        self._charge(rows)
        parts = []
        started = perf_counter()
        for part in self._chunks(x):
            parts.append(self._sloped(self._model, x[part], rows[part], loss))
            self.calls += 1
        self.model_s += perf_counter() - started
        if len(parts) == 1:
            return parts[0]
        return Slope(
            wrong=np.concatenate([np.zeros(0, dtype=bool), *(part.wrong for part in parts)]),
            value=np.concatenate([np.zeros(0), *(part.value for part in parts)]),
            grad=np.concatenate([np.zeros((0, x.shape[1])), *(part.grad for part in parts)]),
        )

    def _chunks(self, x: Array) -> list[slice]:
        """What is sent to the model at once."""
        size = self._chunk_rows or chunk_rows(x.shape[1])
        return [slice(start, start + size) for start in range(0, len(x), size)]

    def _sloped(self, model: Differentiable, x: Array, rows: Ints, loss: RowLoss) -> Slope:
        seen: list[Ints] = []

        def observed(scores: Array) -> tuple[Array, Array]:
            seen.append(decisions(scores))
            return loss(scores, rows)

        value, grad = model.value_and_grad(x, observed)
        return Slope(wrong=self.wanted(seen[0], rows), value=value, grad=grad)

    def structure(self) -> Trees:
        """The trees of the model; costs no query.

        Raises:
            AccessError: this attacker does not see them, or the model has none.
        """
        if not self.sees("structure") or not isinstance(self._model, TreeEnsemble):
            message = f"the attacker sees {self._access} of this model, the attack asked for trees"
            raise AccessError(message)
        return self._model.structure()

    def wanted(self, decided: Ints, rows: Ints) -> Mask:
        """Whether decisions are what the attacker of each row wants; shapes broadcast."""
        if self._target is None:
            return np.asarray(decided != self._y[rows])
        return np.asarray(decided == self._target)

    def _ask(self, x: Array, rows: Ints) -> Array:
        self._charge(rows)
        parts = []
        started = perf_counter()
        for part in self._chunks(x):
            parts.append(self._model.scores(x[part]))
            self.calls += 1
        self.model_s += perf_counter() - started
        if not parts:
            return np.zeros((0, len(self._model.classes)))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _charge(self, rows: Ints) -> None:
        total = self.queries + np.bincount(rows, minlength=len(self.queries))
        if self.budget is not None and total.max(initial=0) > self.budget:
            row = int(total.argmax())
            message = f"row {row} would need {int(total[row])} queries, its budget is {self.budget}"
            raise BudgetExceededError(message)
        self.queries = total
