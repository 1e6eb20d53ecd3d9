"""What a thief asks a model about: rows of their own, or made up from what they know."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.space import Space

_NEAR = 0.8
"""Share of an active thief's questions that lie where the copy is least sure. Measured on three
boosted models at 1,000 and 3,000 questions, 0.5, 0.8 and 1 did about equally well; the rest
keeps the copy honest where it is sure and wrong."""
_CANDIDATES = 5
"""Rows an active thief chooses from, for each question they may ask."""
_SHIFT = 0.125
"""Most that an image is moved, as a share of its side."""
_NOISE = 0.1
"""Most that noise changes a value of an image, as a share of its range."""


@dataclass(frozen=True)
class Pool:
    """What a thief knows of the data: rows of their own, and the schema."""

    space: Space
    rows: Array
    """Shape (n, d), n >= 1."""


Source: TypeAlias = Callable[[Pool, int, np.random.Generator], Array]
"""Makes at most that many questions, (m, d), in random order."""


def natural(pool: Pool, n: int, rng: np.random.Generator) -> Array:
    """The thief's own rows, none twice; fewer than n where there are not so many."""
    return pool.rows[rng.permutation(len(pool.rows))[:n]]


def marginal(pool: Pool, n: int, rng: np.random.Generator) -> Array:
    """Every column, or choice, drawn from the thief's rows on its own."""
    made = pool.rows[rng.integers(0, len(pool.rows), n)]
    grouped = [switch.columns for switch in pool.space.switches]
    alone = np.setdiff1d(np.arange(pool.rows.shape[1]), np.concatenate([[], *grouped]).astype(int))
    for columns in (*alone[:, None], *grouped):
        donors = rng.integers(0, len(pool.rows), n)
        made[:, columns] = pool.rows[donors[:, None], columns]
    return made


def uniform(pool: Pool, n: int, rng: np.random.Generator) -> Array:
    """Numbers anywhere within their bounds, any option of every choice; nothing is missing.

    Where the schema has no bound, the range of the thief's rows stands in.
    """
    made = marginal(pool, n, rng)
    for column in pool.space.numeric:
        low, high = _range(pool, int(column))
        made[:, column] = rng.uniform(low, high, n)
    for switch in pool.space.switches:
        made[:, switch.columns] = switch.options[rng.integers(0, len(switch.options), n)]
    return pool.space.round(made)


def _range(pool: Pool, column: int) -> tuple[float, float]:
    values = pool.rows[:, column]
    values = values[np.isfinite(values)]
    low, high = pool.space.lower[column], pool.space.upper[column]
    known = values if values.size else np.zeros(1)
    low = low if np.isfinite(low) else min(float(known.min()), high)
    high = high if np.isfinite(high) else max(float(known.max()), low)
    return float(low), float(high)


def crops(pool: Pool, n: int, rng: np.random.Generator) -> Array:
    """The thief's images moved by a few pixels; the edge is repeated. Images only."""
    image = pool.space.image
    if image is None:
        return marginal(pool, n, rng)
    height, width, _ = image.shape
    made = pool.rows[rng.integers(0, len(pool.rows), n)].reshape(n, *image.shape)
    down = rng.integers(-_most(height), _most(height) + 1, n)
    right = rng.integers(-_most(width), _most(width) + 1, n)
    rows = np.clip(np.arange(height) + down[:, None], 0, height - 1)
    columns = np.clip(np.arange(width) + right[:, None], 0, width - 1)
    moved = made[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return np.asarray(moved.reshape(n, -1))


def _most(side: int) -> int:
    return max(1, round(_SHIFT * side))


def noise(pool: Pool, n: int, rng: np.random.Generator) -> Array:
    """The thief's images with noise on every value. Images only."""
    made = pool.rows[rng.integers(0, len(pool.rows), n)]
    low, high = pool.space.lower, pool.space.upper
    made = made + rng.uniform(-_NOISE, _NOISE, made.shape) * pool.space.scale
    return pool.space.round(np.clip(made, low, high))


def sources(space: Space) -> dict[str, Source]:
    """The ways to make questions for one kind of data, the thief's own rows first."""
    if space.image is not None:
        return {"natural": natural, "crops": crops, "noise": noise}
    return {"natural": natural, "marginal": marginal, "uniform": uniform}


def candidates(pool: Pool, n: int, rng: np.random.Generator) -> Array:
    """What an active thief with n questions chooses from: own rows first, then made-up ones.

    Rows of one's own say more about the rows that matter; where there are twice as many as can
    be asked, nothing needs to be made up.
    """
    own = natural(pool, _CANDIDATES * n, rng)
    missing = 0 if len(own) >= 2 * n else _CANDIDATES * n - len(own)
    made = crops if pool.space.image is not None else marginal
    return np.concatenate([own, made(pool, missing, rng)])


def unsure_first(margin: Array, n: int, rng: np.random.Generator) -> Ints:
    """Choose where to ask next: mostly where the copy is least sure, the rest anywhere.

    Args:
        margin: How far the copy's best class lies above the next, for each candidate, shape
            (m,), m >= n; small = unsure.
        n: How many to choose.
        rng: For the rest.

    Returns:
        Positions, shape (n,), none twice.

    Source:
        Tramer et al. (2016), section 5, "line-search and adaptive retraining"; margin sampling
        as in Lewis and Gale (1994), with a random part.
    """
    near = int(np.ceil(_NEAR * n))
    order = np.argsort(margin, kind="stable")
    rest = rng.permutation(order[near:])[: n - near]
    return np.concatenate([order[:near], rest])
