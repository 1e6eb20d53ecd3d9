"""The unit of work: some rows, one entry, one attacker. Runs anywhere, gives the same answer."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from bartizan.assess.validate import Checker
from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.errors import ShapeError
from bartizan.core.oracle import Oracle, chunk_rows
from bartizan.core.streams import rng

BLOCK_ROWS = 256
"""Rows of one block: enough to fill the model's batches, few enough to lose little."""


def block_rows(width: int) -> int:
    """Rows of one block; fewer where rows are wide, as attacks hold a dozen copies of a block.

    Args:
        width: Numbers in a row.

    Example:
        >>> block_rows(3072), block_rows(224 * 224 * 3)
        (256, 27)
    """
    return min(BLOCK_ROWS, chunk_rows(width))


@dataclass(frozen=True)
class Block:
    """One piece of work, complete in itself but for the model."""

    key: str
    """Digest of everything that decides the result: what `--resume` looks up."""
    stream: tuple[str | int, ...]
    """Name of the random stream."""
    seed: int
    run: Callable[..., Any]
    params: object
    constraint: Constraint
    x: Array
    y: Ints
    target: int | None
    queries: int
    deadline: float | None = None
    """On the wall clock, seconds since the epoch; past it the attack ends with what it has."""


@dataclass(frozen=True)
class BlockResult:
    """What one block found, confirmed. Row i belongs to row i of the block."""

    points: Array
    success: Mask
    price: Array
    decided: Ints
    claimed: Mask
    """What the attack said, before the validator."""
    queries: Ints
    needed: Ints
    lower: Array | None = None
    """Proven: nothing cheaper exists; none where the attack proves nothing."""
    unfinished: Mask | None = None
    """Whether a time limit ended the proof of a row; none where there is no such limit."""
    vanished: Array | None = None
    """Share of gradients that were zero; none where the attack uses none."""
    asked: int = 0
    """Questions asked for all rows, also by an attack that crashed."""
    taken_over: bool = False
    """Whether an earlier run did the work."""
    calls: int = 0
    model_s: float = 0.0
    wall_s: float = 0.0
    late: bool = False
    """Whether the time limit cut the attack short."""
    error: str = ""
    """The crash, if there was one; then the arrays are empty."""

    def arrays(self) -> dict[str, AnyArray]:
        """The repeatable part, for the store."""
        told = {name: getattr(self, name) for name in (*_STORED, *_OPTIONAL)}
        return {name: values for name, values in told.items() if values is not None}

    @classmethod
    def restored(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """From the store."""
        return cls(
            points=arrays["points"],
            success=arrays["success"],
            price=arrays["price"],
            decided=arrays["decided"],
            claimed=arrays["claimed"],
            queries=arrays["queries"],
            needed=arrays["needed"],
            asked=int(arrays["queries"].sum()),
            taken_over=True,
            lower=arrays.get("lower"),
            unfinished=arrays.get("unfinished"),
            vanished=arrays.get("vanished"),
        )


_STORED = ("points", "success", "price", "decided", "claimed", "queries", "needed")
_OPTIONAL = ("lower", "unfinished", "vanished")


def _crashed(error: Exception, *, d: int, oracle: Oracle, wall_s: float) -> BlockResult:
    return BlockResult(
        points=np.zeros((0, d)),
        success=np.zeros(0, dtype=bool),
        price=np.zeros(0),
        decided=np.zeros(0, dtype=np.int64),
        claimed=np.zeros(0, dtype=bool),
        queries=np.zeros(0, dtype=np.int64),
        needed=np.zeros(0, dtype=np.int64),
        asked=int(oracle.queries.sum()),
        calls=oracle.calls,
        model_s=oracle.model_s,
        wall_s=wall_s,
        error=f"{type(error).__name__}: {error}",
    )


def _check(found: AttackResult, *, n: int) -> None:
    """Refuse what does not say one thing about each row."""
    told = {name: getattr(found, name) for name in ("points", "success", "needed", *_OPTIONAL)}
    for name, values in told.items():
        if values is not None and len(values) != n:
            message = f"expected `{name}` for {n} rows from the attack, got {len(values)}"
            raise ShapeError(message)


def _needed(within: Mask, told: Ints, asked: Ints) -> Ints:
    """Questions until the budget was met; -1 where it never was.

    Decoding can bring a point within the budget that the attack thought too dear; then all its
    questions count.
    """
    return np.where(within, np.where(told > 0, np.minimum(told, asked), asked), -1)


def attack(block: Block, validator: Checker) -> BlockResult:
    """Run one block and confirm what it claims. A crash is a result too."""
    started = time.perf_counter()
    deadline = block.deadline
    oracle = Oracle(
        validator.model,
        y=block.y,
        access=block.constraint.attacker.access,
        budget=block.queries,
        target=block.target,
        late=(lambda: False) if deadline is None else (lambda: time.time() > deadline),
    )
    stream = rng(block.seed, *block.stream)
    try:
        found = block.run(
            oracle, block.constraint, block.x, block.y, params=block.params, rng=stream
        )
        _check(found, n=len(block.x))
        sure = validator.confirm(block.x, found.points, y=block.y, claimed=found.success)
    except Exception as error:  # noqa: BLE001 - whatever breaks inside an entry makes a finding
        wall_s = time.perf_counter() - started
        return _crashed(error, d=block.x.shape[1], oracle=oracle, wall_s=wall_s)
    return BlockResult(
        points=sure.points,
        success=sure.success,
        price=sure.price,
        decided=sure.decided,
        claimed=found.success,
        queries=oracle.queries,
        needed=_needed(block.constraint.within(sure.price), found.needed, oracle.queries),
        lower=found.lower,
        unfinished=found.unfinished,
        vanished=found.vanished,
        asked=int(oracle.queries.sum()),
        calls=oracle.calls,
        model_s=oracle.model_s,
        wall_s=time.perf_counter() - started,
        late=deadline is not None and time.time() > deadline,
    )
