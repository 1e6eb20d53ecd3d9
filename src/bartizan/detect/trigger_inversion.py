"""Finds the smallest mark that turns almost every row into a class, for many classes at once.

In a model with a backdoor one class can be reached by a far smaller mark than the others.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Differentiable
from bartizan.core.errors import ShapeError
from bartizan.core.trigger import Overlay
from bartizan.detect.trigger_canvas import Canvas
from bartizan.detect.trigger_descent import Descent

VALUES = 4_000_000
"""Numbers sent to the model at once, 32 MB: activations of deep networks need far more."""
_FEWEST = 4
"""Rows of a class a step: with fewer, the share that is turned is a guess."""
_QUICK = 25
"""Steps of the short search: as long as a mark grows."""


@dataclass(frozen=True, kw_only=True)
class Inversion:
    """Settings."""

    steps: int = 150
    """Steps at most. After 100 the smallest marks of digits shrink by less than 5 % more."""
    rows: int = 24
    """Rows of each class in a step, drawn anew for each. With 32 a scan of ten classes of clothes
    took 2.06 s instead of 1.57, and patches stood out as far."""
    goal: float = 0.95
    """Share of the rows that must be turned; Wang et al. use 0.99, of which few rows tell less."""
    rate: float = 0.1
    """Length of a step in the mask's and the pattern's logits."""
    patience: int = 30
    """Steps that turned too few rows, since the mark last shrank by 1 %, after which a target is
    done. Steps that turn enough are not counted: there the weight of the size still grows."""


@dataclass(frozen=True, kw_only=True)
class Marks:
    """The smallest marks found, one for each target."""

    targets: Ints
    """Shape (c,)."""
    mask: Array
    """Shape (c, d), 0..1."""
    pattern: Array
    """Shape (c, d), in the units of the data."""
    size: Array
    """Sum of the mask over pixels, shape (c,); smaller = more suspicious."""
    reached: Mask
    """Whether a mark turned enough rows, shape (c,); where none did, the last is given."""
    share: Array
    """Running share of the rows turned at the last step, shape (c,)."""
    vanished: float
    """Share of the gradients that were zero or not finite."""

    def overlay(self, place: int) -> Overlay:
        """The mark of one target."""
        text = f"a mark of {self.size[place]:.1f} pixels"
        return Overlay(mask=self.mask[place], pattern=self.pattern[place], text=text)


Search: TypeAlias = Generator[float, None, Marks]
"""Yields how far it is, 0..1."""


def invert(
    model: Differentiable,
    x: Array,
    decided: Ints,
    *,
    canvas: Canvas,
    targets: Ints,
    settings: Inversion,
    rng: np.random.Generator,
) -> Search:
    """Search the smallest mark for each target, all targets in one optimisation.

    Every step sends a few rows of each target through the model in one batch. The weight of a
    mark's size grows while enough rows are turned, and shrinks while they are not.

    Args:
        model: Shows its gradient.
        x: Rows, shape (n, d), finite where marks can lie.
        decided: What the model says of them, shape (n,).
        canvas: Where marks may lie.
        targets: Classes to reach, shape (c,).
        settings: See `Inversion`.
        rng: Draws the rows.

    Yields:
        How far it is.

    Returns:
        The marks, in the order of the targets.

    Raises:
        ShapeError: there is no row, or a target has no row of another class.
        ModelError: the model crashed.

    Cost:
        steps * rows * targets gradients at most; a target that stops shrinking leaves early.

    Source:
        Wang et al. (2019), "Neural Cleanse", IEEE S&P, section V. Deviations: all classes in one
        batch, with a weight each; rows that the model already gives the target are left out;
        a mark counts once the running share of turned rows reaches the goal.
    """
    if not len(x) or any((decided != target).sum() == 0 for target in targets):
        message = "an inversion needs rows that the model does not give the target already"
        raise ShapeError(message)
    room = max(VALUES // (_FEWEST * x.shape[1]), 1)
    parts = [targets[start : start + room] for start in range(0, len(targets), room)]
    found = []
    for place, part in enumerate(parts):
        rows = int(np.clip(VALUES // (len(part) * x.shape[1]), _FEWEST, settings.rows))
        search = _Search(
            model=model, x=x, canvas=canvas, targets=part, settings=settings,
            pools=[rng.permutation(np.flatnonzero(decided != target)) for target in part],
            rows=rows,
        )  # fmt: skip
        for step in range(settings.steps):
            if not search.step(step):
                break
            yield (place + (step + 1) / settings.steps) / len(parts)
        found.append(search.marks())
    return _joined(found)


def screened(
    model: Differentiable,
    x: Array,
    decided: Ints,
    *,
    canvas: Canvas,
    targets: Ints,
    most: int,
    rng: np.random.Generator,
) -> Search:
    """A short search for every target; the ones that gave way most come first.

    Args:
        model: As for `invert`, and so are the other arguments.
        x: Rows.
        decided: Their classes.
        canvas: Where marks may lie.
        targets: Classes, of which there are many.
        most: Targets that are searched for in full, half of them the ones that gave way most,
            the others drawn: they say what is usual.
        rng: Draws rows and targets.

    Returns:
        The marks of the targets searched for in full.

    Cost:
        100 gradients a target, and those of `invert`.
    """
    quick = Inversion(steps=_QUICK, rows=_FEWEST, patience=_QUICK)
    first = yield from _scaled(
        invert(model, x, decided, canvas=canvas, targets=targets, settings=quick, rng=rng)
    )
    order = np.lexsort((first.size, -first.share))
    near, rest = order[: most // 2], order[most // 2 :]
    chosen = targets[np.concatenate([near, rng.permutation(rest)[: most - len(near)]])]
    return (yield from invert(
        model, x, decided, canvas=canvas, targets=chosen, settings=Inversion(), rng=rng
    ))  # fmt: skip


def _scaled(search: Search) -> Search:
    """The same, as the first half of the way."""
    while True:
        try:
            yield 0.5 * next(search)
        except StopIteration as end:
            marks: Marks = end.value
            return marks


@dataclass
class _Search:
    """One optimisation on its way."""

    model: Differentiable
    x: Array
    canvas: Canvas
    targets: Ints
    settings: Inversion
    pools: list[Ints]
    rows: int
    best: Array = field(init=False)
    mask: Array = field(init=False)
    pattern: Array = field(init=False)

    def __post_init__(self) -> None:
        c, p, d = len(self.targets), self.canvas.pixels, len(self.canvas.low)
        self.descent = Descent.started(c, p, d, rate=self.settings.rate)
        self.best = np.full(c, np.inf)
        self.mask, self.pattern = np.zeros((c, p)), np.zeros((c, d))
        self.since = np.zeros(c, dtype=np.int64)
        self.share = np.zeros(c)
        self.open = np.arange(c)
        """Targets that are still searched for."""
        self.seen, self.blind = 0, 0

    def step(self, number: int) -> bool:
        """One step for every open target; whether any is still open."""
        rows, canvas, here = self.rows, self.canvas, self.open
        mask, pattern = self.descent.shown(here, free=canvas.free)
        values = canvas.low + pattern * (canvas.high - canvas.low)
        own = np.stack([_turn(self.pools[place], number, rows) for place in here])
        clean, wide = self.x[own], canvas.spread(mask)[:, None]
        moved = values[:, None] - clean
        clean += wide * moved
        hits, grad = self._asked(clean, here)
        by_mask = canvas.gathered(np.einsum("crd,crd->cd", moved, grad))
        by_pattern = grad.sum(axis=1) * wide[:, 0] * (canvas.high - canvas.low)
        self._keep(here, hits, mask, values, first=number == 0)
        self.descent.step(here, by_mask, by_pattern, grows=self.share[here] >= self.settings.goal)
        self.open = here[self.since[here] < self.settings.patience]
        return bool(self.open.size)

    def _asked(self, x: Array, here: Ints) -> tuple[Array, Array]:
        """Share of the rows turned for each target, and the gradient by row: (c, rows, d)."""
        wanted = np.repeat(self.targets[here], self.rows)
        hits: list[Mask] = []

        def loss(scores: Array) -> tuple[Array, Array]:
            hits.append(scores.argmax(axis=1) == wanted)
            return cross_entropy(scores, wanted)

        _, grad = self.model.value_and_grad(x.reshape(-1, x.shape[2]), loss)
        if not np.isfinite(grad).all():
            grad = np.where(np.isfinite(grad), grad, 0.0)
        self.seen += len(grad)
        self.blind += int((~grad.any(axis=1)).sum())
        return hits[0].reshape(len(here), -1).mean(axis=1), grad.reshape(x.shape) / self.rows

    def _keep(self, here: Ints, hits: Array, mask: Array, values: Array, *, first: bool) -> None:
        """Remember marks that are smaller than all before and turn enough rows."""
        self.share[here] = hits if first else 0.7 * self.share[here] + 0.3 * hits
        goal, size = self.settings.goal, mask.sum(axis=1)
        smaller = (np.minimum(hits, self.share[here] + 0.05) >= goal) & (size < self.best[here])
        self.since[here] += np.isfinite(self.best[here]) & (self.share[here] < goal)
        clearly = smaller & (size < 0.99 * self.best[here])
        self.since[here[clearly]] = 0
        unmet = smaller | ~np.isfinite(self.best[here])
        self.mask[here[unmet]], self.pattern[here[unmet]] = mask[unmet], values[unmet]
        self.best[here[smaller]] = size[smaller]

    def marks(self) -> Marks:
        """What was found."""
        return Marks(
            targets=self.targets,
            mask=self.canvas.spread(self.mask),
            pattern=self.pattern,
            size=self.mask.sum(axis=1),
            reached=np.isfinite(self.best),
            share=self.share,
            vanished=self.blind / max(self.seen, 1),
        )


def cross_entropy(scores: Array, wanted: Ints) -> tuple[Array, Array]:
    """Minus the logarithm of the wanted class' probability, and its derivative; (n, k) scores."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    slope, places = np.exp(shifted), np.arange(len(scores))
    total = slope.sum(axis=1)
    value = np.log(total) - shifted[places, wanted]
    slope /= total[:, None]
    slope[places, wanted] = 0.0
    slope[places, wanted] = -slope.sum(axis=1)  # not p - 1: that is 0 once p rounds to 1
    return value, slope


def _turn(pool: Ints, number: int, rows: int) -> Ints:
    """The next rows of a pool, beginning anew at its end."""
    return pool[(np.arange(rows) + number * rows) % len(pool)]


def _joined(parts: list[Marks]) -> Marks:
    return Marks(
        targets=np.concatenate([part.targets for part in parts]),
        mask=np.concatenate([part.mask for part in parts]),
        pattern=np.concatenate([part.pattern for part in parts]),
        size=np.concatenate([part.size for part in parts]),
        reached=np.concatenate([part.reached for part in parts]),
        share=np.concatenate([part.share for part in parts]),
        vanished=float(np.mean([part.vanished for part in parts])),
    )
