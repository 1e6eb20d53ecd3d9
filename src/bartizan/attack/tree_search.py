"""Local search among slots: pay for axes, give them back, and never at a higher price again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from bartizan.attack.tree_goal import reached
from bartizan.attack.tree_scene import Scene
from bartizan.core.arrays import Array, Ints, Mask

_CLOSER = 1 - 1e-9
"""A cheaper state is cheaper by more than rounding."""
_HOLD = 5
"""Steps for which an axis that was given back is not paid for again, nor the other way round."""

Confirm: TypeAlias = Callable[[Ints, Ints], Mask]
"""Rows (m,) and states of theirs (m, axes) -> whether the attacker really gets there (m,)."""


@dataclass
class State:
    """Where the searches stand. One state a row of `rows`; all arrays are indexed by state."""

    rows: Ints
    slots: Ints
    """Shape (states, axes)."""
    cap: Array
    """Cost that must be undercut, shape (states,)."""
    best: Ints
    """Slots of the cheapest confirmed state; -1 where there is none."""
    held: Ints
    """Step until which each axis is left alone, shape (states, axes)."""
    doubt: Mask
    """States whose margin promised more than was confirmed."""

    @classmethod
    def at(cls, rows: Ints, slots: Ints, *, cap: Array) -> "State":
        """States that begin somewhere."""
        return cls(
            rows=rows, slots=slots.copy(), cap=cap.copy(), best=np.full_like(slots, -1),
            held=np.zeros_like(slots), doubt=np.zeros(len(rows), dtype=bool),
        )  # fmt: skip


@dataclass(frozen=True)
class _Look:
    """What every move of one axis leads to; all of shape (states, slots) but `here`."""

    cost: Array
    margin: Array
    here: Ints
    """A slot of each state's own, whose entries describe the state itself, shape (states,)."""

    def now(self, what: Array) -> Array:
        """The state's own value, shape (states, 1)."""
        return np.take_along_axis(what, self.here[:, None], axis=1)


class Again(Protocol):
    """Moves walks that are stuck elsewhere."""

    def again(self, state: "State", stuck: Ints, *, step: int) -> None:
        """Change the slots of stuck states; `step` comes next."""
        ...


def search(
    scene: Scene,
    state: State,
    *,
    confirm: Confirm,
    restarts: Again,
    steps: int,
    late: Callable[[], bool] = lambda: False,
) -> None:
    """Walk all states for a number of steps; `state` holds what was found.

    A step looks at all moves of a single axis. If one of them gets the wanted answer below the
    cap, the cheapest is taken and becomes the cap. Else, below the cap, the move that gains most
    for its cost is taken; at the cap, the one that loses least for what it saves. Axes moved one
    way are held for a few steps, so that the walk leaves the cell it came from.

    Args:
        scene: The block.
        state: Where to begin.
        confirm: Asked about every state that becomes the cap.
        restarts: Asked where to go on once there is nowhere to go.
        steps: Steps of each walk.
        late: Asked before every step whether to stop.

    Source:
        The neighbourhood of Zhang, Zhang and Hsieh (2020), "An efficient adversarial attack for
        tree ensembles", arXiv:2010.11598: leaf tuples next to each other. Deviations: a move
        crosses a cut of one axis and so changes all trees that share it (binned trees share
        most cuts, and no single tree can then leave its leaf); a move may cross several cuts;
        walks go through tuples without the wanted answer (strategic oscillation, Glover).
    """
    waiting = np.arange(len(state.rows))
    for step in range(steps):
        waiting = waiting[state.cap[waiting] > 0]
        if not waiting.size or late():
            return
        look = _looked(scene, state, waiting)
        line = scene.goal.line(state.rows[waiting])
        line = np.where(state.doubt[waiting], np.abs(line), line)
        won = reached(look.margin, line) & (look.cost < state.cap[waiting, None] * _CLOSER)
        lucky = np.asarray(won.any(axis=1))
        refused = _win(
            scene, state, waiting[lucky], look=_part(look, lucky), won=won[lucky], confirm=confirm
        )
        others = ~lucky
        stuck = _walk(scene, state, waiting[others], look=_part(look, others), step=step)
        restarts.again(state, np.concatenate([refused, stuck]), step=step + 1)


def _part(look: _Look, which: Mask) -> _Look:
    return _Look(look.cost[which], look.margin[which], look.here[which])


def _looked(scene: Scene, state: State, waiting: Ints) -> _Look:
    rows, slots = state.rows[waiting], state.slots[waiting]
    sums = scene.moves.sums(slots, rest=scene.rest[rows], frozen=scene.cells.frozen[rows])
    cost, margin = scene.cells.moved(rows, slots), scene.goal.margin(sums, rows)
    return _Look(cost, margin, _own(scene, rows, slots))


def _own(scene: Scene, rows: Ints, slots: Ints) -> Ints:
    """A slot that each state is in: of an axis that is not frozen, where there is one."""
    axis = scene.cells.frozen[rows].argmin(axis=1)
    return slots[np.arange(len(slots)), axis]


def _win(
    scene: Scene, state: State, which: Ints, *, look: _Look, won: Mask, confirm: Confirm
) -> Ints:
    """Take the cheapest winning move of each state, and confirm it; -> states refused."""
    pick = np.where(won, look.cost, np.inf).argmin(axis=1)
    _take(scene, state, which, pick)
    sure = confirm(state.rows[which], state.slots[which])
    cost = look.cost[np.arange(len(pick)), pick]
    state.cap[which[sure]] = cost[sure]
    state.best[which[sure]] = state.slots[which[sure]]
    state.doubt[which[~sure]] = True
    return which[~sure]


def _take(scene: Scene, state: State, which: Ints, pick: Ints) -> Ints:
    """Move states to slots; -> the axes moved."""
    axis = scene.axes.owner[pick]
    state.slots[which, axis] = pick
    return np.asarray(axis)


def _walk(scene: Scene, state: State, which: Ints, *, look: _Look, step: int) -> Ints:
    """One step without a win; -> states with nowhere to go."""
    if not which.size:
        return which
    cap = state.cap[which, None]
    cost, margin = look.now(look.cost), look.now(look.margin)
    below = (cost < cap * _CLOSER)[:, 0]
    free = (state.held[which] <= step)[:, scene.axes.owner]
    gain, paid = look.margin - margin, look.cost - cost
    tiny = 1e-9 * np.where(np.isfinite(cap), cap, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        pay = gain / np.maximum(paid, tiny)
        pay[~(free & (look.cost < cap * _CLOSER) & (gain > scene.goal.slack))] = -np.inf
        save = gain / np.maximum(-paid, tiny)
        save[~(free & (paid < -tiny))] = -np.inf
    value = np.where(below[:, None], pay, save)
    pick = value.argmax(axis=1)
    can = np.isfinite(value[np.arange(len(pick)), pick])
    axis = _take(scene, state, which[can], pick[can])
    state.held[which[can], axis] = step + _HOLD
    blocked = np.flatnonzero(~can & ~below)
    moved = _clamped(scene, state, which[blocked], look=look, places=blocked)
    return np.concatenate([which[~can & below], which[blocked[~moved]]])


def _clamped(scene: Scene, state: State, which: Ints, *, look: _Look, places: Ints) -> Mask:
    """Bring every axis that costs as much as the cap alone below it; -> whether some did.

    Where the largest coordinate counts, no single move makes a state cheaper.
    """
    moved = np.zeros(len(which), dtype=bool)
    owner, cells = scene.axes.owner, scene.cells
    for turn, (one, place) in enumerate(zip(which, places, strict=True)):
        row, slots = state.rows[one], state.slots[one]
        limit = state.cap[one] * _CLOSER
        open_ = np.where(cells.term[row] < limit, look.margin[place], -np.inf)
        for axis in np.flatnonzero(~cells.frozen[row] & (cells.term[row, slots] >= limit)):
            here = np.flatnonzero(owner == axis)
            state.slots[one, axis] = here[open_[here].argmax()]
            moved[turn] = True
    return moved
