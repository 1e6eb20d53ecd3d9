"""Whether the user's recipe trains at all, and the same model twice."""

import numpy as np

from bartizan.core.classifier import decisions
from bartizan.core.errors import ModelError
from bartizan.core.streams import rng
from bartizan.data.strata import stratified
from bartizan.data.whole_rows import Whole

_ROWS = 1000
"""Rows of the trial: enough to train on, and a fraction of a second for most models."""


def tried(whole: Whole) -> tuple[str, ...]:
    """Train twice on the same rows with the same seed.

    Args:
        whole: The rows, with a recipe.

    Returns:
        A note where the two models decide differently; else nothing.

    Raises:
        ModelError: the recipe raised, or what it returned cannot be asked.
    """
    rows = whole.rows
    if rows.recipe is None:
        return ()
    picked = stratified(rows.data.y, most=_ROWS, rng=rng(rows.seed, "recipe", "rows"))
    part = rows.data.take(picked)
    try:
        told = [
            decisions(rows.recipe.fit(part, rng(rows.seed, "recipe", "trial")).scores(part.x))
            for _ in range(2)
        ]
    except ModelError as error:
        if not whole.personal:
            raise
        kind = type(error.__cause__ or error).__name__
        message = (
            f"the recipe raised {kind} (its message is not shown: it may quote personal values); "
            "call it with a few rows yourself"
        )
        raise ModelError(message) from None
    apart = float(np.mean(told[0] != told[1]))
    if not apart:
        return ()
    note = (
        f"the recipe is not deterministic: trained twice on the same {len(part.y):,} rows with the "
        f"same seed, its models decided differently on {apart:.1%} of them; findings may change "
        "from run to run. Let it use its third argument, the seed"
    )
    return (note,)
