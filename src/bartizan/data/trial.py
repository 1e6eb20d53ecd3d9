"""Whether the user's recipe trains at all, and the same model twice."""

import numpy as np

from bartizan.core.errors import ModelError
from bartizan.core.streams import rng
from bartizan.data.strata import stratified
from bartizan.data.whole_rows import Whole

_ROWS = 1000
"""Rows of the trial: enough to train on, and a fraction of a second for most models."""

_ROUNDING = 1e-6
"""Scores that differ by a smaller part of the largest do so by the order in which threads add."""


def tried(whole: Whole) -> tuple[str, ...]:
    """Train twice on the same rows with the same seed.

    Args:
        whole: The rows, with a recipe.

    Returns:
        A note where the two models score differently; else nothing. Scores tell what decisions
        hide: two models that learnt nothing alike may both decide for the common class.

    Raises:
        ModelError: the recipe raised, or what it returned cannot be asked.
    """
    rows = whole.rows
    if rows.recipe is None:
        return ()
    picked = stratified(rows.data.y, most=_ROWS, rng=rng(rows.seed, "recipe", "rows"))
    part = rows.data.take(picked)
    try:
        first, second = (
            rows.recipe.fit(part, rng(rows.seed, "recipe", "trial")).scores(part.x)
            for _ in range(2)
        )
    except ModelError as error:
        if not whole.personal:
            raise
        kind = type(error.__cause__ or error).__name__
        message = (
            f"the recipe raised {kind} (its message is not shown: it may quote personal values); "
            "call it with a few rows yourself"
        )
        raise ModelError(message) from None
    apart = float(np.abs(first - second).max())
    if apart <= _ROUNDING * max(1.0, float(np.abs(first).max())):
        return ()
    note = (
        f"the recipe is not deterministic: trained twice on the same {len(part.y):,} rows with the "
        f"same seed, it gave models whose scores differ by up to {apart:.2g}; findings may change "
        "from run to run. Let it use its third argument, the seed"
    )
    return (note,)
