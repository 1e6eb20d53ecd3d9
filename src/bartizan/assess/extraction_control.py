"""The control of theft: a linear twin must be stolen exactly, a random one must not be."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bartizan.attack.equations import TRIED, solve
from bartizan.attack.terms import Terms
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Recipe, ScoreKind
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult, Study, finished
from bartizan.core.schema import Label
from bartizan.core.space import space_of

_ROWS = 600
"""Rows of the user's data that the twins answer, at most."""
_FEWEST = 100
"""Different rows below which a random twin can be learnt by heart."""
_QUERIES = 160
"""Questions of the thief of the random twin: enough to train on, quick."""
_EXACT = 1e-6
"""Largest error of a stolen weight, for weights around 1."""
_LUCK = 4.0
"""Standard errors by which a copy of random answers may agree above the floor."""


@dataclass(frozen=True)
class SumTwin:
    """A linear score of terms."""

    terms: Terms
    weights: Array
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, 2)."""
        return np.outer(self.terms.matrix(x) @ self.weights, [0.0, 1.0])


@dataclass(frozen=True)
class HashTwin:
    """Answers each row at random, and always the same: there is nothing to learn."""

    key: bytes
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "probability"
    seen: dict[bytes, float] = field(default_factory=dict)
    """Answers so far, so that a row asked again costs nothing."""

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, 2)."""
        share = np.array([self._share(row.tobytes()) for row in np.ascontiguousarray(x)])
        return np.stack([1 - share, share], axis=1).reshape(-1, 2)

    def _share(self, row: bytes) -> float:
        if row not in self.seen:
            drawn = hashlib.blake2b(row, key=self.key, digest_size=4).digest()
            self.seen[row] = (int.from_bytes(drawn) + 0.5) / 2**32
        return self.seen[row]


def planted(run: Callable[..., Any], params: object) -> Callable[..., ControlResult]:
    """The control of a check on theft: ``control(*, constraint, data, recipe, rng)``."""

    def control(
        *,
        constraint: Constraint | None,
        data: Dataset,
        recipe: Recipe | None,
        rng: np.random.Generator,
    ) -> ControlResult:
        del constraint, recipe
        sample = data.take(different(data.x, rng)[:_ROWS])
        if len(sample.y) < _FEWEST:
            detail = f"only {len(sample.y)} different rows; {_FEWEST} are needed to plant a case"
            return ControlResult(passed=False, detail=detail)
        error, asked = stolen_exactly(sample, rng)
        study = Study(model=HashTwin(rng.bytes(16)), data=sample, queries=_QUERIES)
        reached = finished(run(study, params=params, rng=rng)).measures[0]
        allowed = _LUCK / np.sqrt(max(reached.n, 1))  # floor 1/2: twice the error of a share
        value = 1.0 if reached.value is None else reached.value
        return ControlResult(
            passed=bool(error <= _EXACT and value <= allowed),
            detail=(
                f"a linear twin was stolen in {asked} questions with an error of {error:.1e}; of "
                f"a twin that answers at random, {value:.2f} above the floor (at most "
                f"{allowed:.2f} is luck)"
            ),
        )

    return control


def different(x: Array, rng: np.random.Generator) -> Ints:
    """Positions of rows that are all different, in random order."""
    order = rng.permutation(len(x))
    _, first = np.unique([hash(row.tobytes()) for row in x[order]], return_index=True)
    return order[np.sort(first)]


def stolen_exactly(data: Dataset, rng: np.random.Generator) -> tuple[float, int]:
    """Largest error of the weights of a stolen linear twin, and the questions it took."""
    terms = Terms.of(space_of(data.schema, data.x), data.x)
    width = len(terms.owners)
    twin = SumTwin(terms, rng.choice([-1.0, 1.0], width) * rng.uniform(0.5, 1.5, width))
    copy = solve(twin.scores, terms, kind="logit", rows=data.x[:TRIED])
    found = copy.scores(data.x)[:, 1] - twin.scores(data.x)[:, 1]
    return float(np.abs(found).max()) / max(1.0, float(np.abs(twin.weights).sum())), copy.asked
