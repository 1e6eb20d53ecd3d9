"""The control of every evasion attack: a linear twin that can be evaded for half the budget."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bartizan.attack.twins import LinearTwin
from bartizan.attack.window import windowed
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Recipe, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult
from bartizan.core.oracle import Oracle

_ROWS = 16
"""Rows attacked: enough that one unlucky row does not decide, few enough to be quick."""
_POOL = 500
"""Rows of the user's data looked through for plantable ones."""
_QUERIES = (1000, 40)
"""Queries a row: a thousand, or forty for each movable column in wide tables; with twenty, the
search with labels missed two cases of sixteen in a table of 57 columns."""
_DRAWS = 6
"""Random twins to choose from: relations may undo what one of them asks for."""
_FOUND = 0.75
"""Share of the planted cases that must be found within the budget. A sound search misses one or
two of sixteen now and then (14 on Adult census); a broken one finds none."""


def planted(run: Callable[..., Any], params: object) -> Callable[..., ControlResult]:
    """The control of one evasion attack.

    A random linear score over the columns that the attacker can move is cut so that some of
    the user's own rows cross the cut when half the budget is spent well. The attack must get
    three in four of them across for the whole budget. In large images all of this happens in a
    window of them: see `bartizan.attack.window`.

    Returns:
        ``control(*, constraint, data, recipe, rng) -> ControlResult``.
    """

    def control(
        *, constraint: Constraint, data: Dataset, recipe: Recipe | None, rng: np.random.Generator
    ) -> ControlResult:
        del recipe  # the twin is not trained
        some = np.sort(rng.choice(len(data.x), min(_POOL, len(data.x)), replace=False))
        constraint, pool = windowed(constraint, data.x, rows=some)
        twin, rows = _plant(constraint, pool, rng=rng)
        if not rows.size:
            return ControlResult(
                passed=False,
                detail=(
                    "no case could be planted: in none of the rows can this attacker change "
                    "anything for half the budget"
                ),
            )
        x = pool[rows]
        far = _pushed(twin, x, 4.0)
        owned = np.concatenate([pool, far])
        constraint = replace(constraint, sample=owned, sample_y=decisions(twin.scores(owned)))
        y = np.zeros(len(x), dtype=np.int64)
        budget = max(_QUERIES[0], _QUERIES[1] * len(constraint.numeric))
        oracle = Oracle(twin, y=y, access=constraint.attacker.access, budget=budget)
        points = run(oracle, constraint, x, y, params=params, rng=rng).points
        found = int(_broken(twin, constraint, x, points).sum())
        return ControlResult(
            passed=found >= _FOUND * len(x),
            detail=(
                f"found {found} of {len(x)} cases planted at half the budget "
                f"(linear twin, {budget} queries)"
            ),
        )

    return control


def _broken(twin: LinearTwin, constraint: Constraint, x: Array, points: Array) -> Mask:
    """Rows that really crossed within the budget: what the attack says of itself is not asked."""
    crossed = decisions(twin.scores(points)) == 1
    cheap = constraint.within(constraint.price(x, points))
    return np.asarray(crossed & cheap & constraint.valid(x, points))


def _plant(
    constraint: Constraint, pool: Array, *, rng: np.random.Generator
) -> tuple[LinearTwin, Ints]:
    """A twin, and rows that it can be made to misjudge for half the budget: the best draw."""
    drawn = [_drawn(constraint, pool, rng=rng) for _ in range(_DRAWS)]
    return max(drawn, key=lambda pair: len(pair[1]))


def _drawn(
    constraint: Constraint, pool: Array, *, rng: np.random.Generator
) -> tuple[LinearTwin, Ints]:
    twin = LinearTwin(
        constraint=constraint,
        weights=rng.choice([-1.0, 1.0], len(constraint.numeric))
        * rng.uniform(0.5, 1.5, len(constraint.numeric)),
        options=tuple(rng.uniform(0, 0.2, len(s.options)) for s in constraint.switches),
        threshold=0.0,
    )
    before, after = twin.value(pool), twin.value(_pushed(twin, pool, 0.5))
    gained = after - before > 1e-9
    # The cut that most rows straddle lies just below one of the pushed values.
    order = np.flatnonzero(gained)
    covered = [int(((before < after[i]) & (after >= after[i]) & gained).sum()) for i in order]
    if not covered:
        return twin, np.zeros(0, dtype=np.int64)
    cut = float(after[order[int(np.argmax(covered))]])
    rows = np.flatnonzero(gained & (before < cut) & (after >= cut))[:_ROWS]
    return replace(twin, threshold=cut), rows


def _pushed(twin: LinearTwin, x: Array, share: float) -> Array:
    """Rows moved up the twin's score as far as a share of the budget goes."""
    constraint = twin.constraint
    if not constraint.numeric.size:
        return _switched(twin, x)
    low, high = constraint.bounds(x)
    gain = np.broadcast_to(twin.weights, low.shape)
    offset = constraint.norm.ascend(gain, low / share, high / share) * share
    return constraint.moved(x, offset)


def _switched(twin: LinearTwin, x: Array) -> Array:
    """Rows with the best option of the first choice that the budget pays for."""
    points = x.copy()
    for switch, score, cost in zip(
        twin.constraint.switches, twin.options, twin.constraint.switch_cost, strict=True
    ):
        if cost <= 1:
            here = switch.chosen(x) >= 0
            points[np.ix_(here, switch.columns)] = switch.options[int(np.argmax(score))]
            return points
    return points
