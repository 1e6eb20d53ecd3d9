"""All attacks of one attacker together: a row is lost if any of them breaks it.

Two attacks that break different rows may each stay below a limit that both together exceed, and
nobody who attacks stops after the first try.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bartizan.assess.findings import Done
from bartizan.assess.outcome import Attacked
from bartizan.core.arrays import AnyArray, Ints, Mask
from bartizan.core.classifier import Recipe
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult, Entry
from bartizan.core.finding import Taxonomy


@dataclass(frozen=True)
class Params:
    """No settings."""


def run(parts: Sequence[Attacked]) -> Attacked:
    """Take the cheapest change that any attack found for each row.

    Args:
        parts: What the attacks found, at least one. A row that an attack did not get to, because
            it crashed or was stopped, is held there.

    Returns:
        Rows that at least one attack got to. Questions add up; `needed` is that of the quickest
        attack; the largest lower bound counts, and the smallest share of vanished gradients: a
        loss that saturates for one attack says nothing of another's.
    """
    rows = np.unique(np.concatenate([part.rows for part in parts]))
    best = _spread(parts[0], rows)
    for part in parts[1:]:
        best = _better(best, _spread(part, rows))
    return best


def _spread(part: Attacked, rows: Ints) -> Attacked:
    """The same over more rows, which it holds."""
    place = np.searchsorted(rows, part.rows)

    def laid(values: AnyArray, blank: float) -> AnyArray:
        wide = np.full((len(rows), *values.shape[1:]), blank, dtype=values.dtype)
        wide[place] = values
        return wide

    return Attacked(
        rows=rows,
        points=laid(part.points, 0.0),
        price=laid(part.price, np.inf),
        decided=laid(part.decided, -1),
        queries=laid(part.queries, 0),
        needed=laid(part.needed, -1),
        lower=laid(part.lower, 0.0),
        vanished=laid(part.vanished, np.nan),
        rejected=part.rejected,
        unfinished=None if part.unfinished is None else laid(part.unfinished, blank=0.0),
    )


def _better(one: Attacked, other: Attacked) -> Attacked:
    """The better of two attacks, row by row."""
    cheaper = other.price < one.price
    needed = np.stack([one.needed, other.needed]).astype(float)
    quickest = np.where(needed < 0, np.inf, needed).min(axis=0)
    return Attacked(
        rows=one.rows,
        points=np.where(cheaper[:, None], other.points, one.points),
        price=np.minimum(one.price, other.price),
        decided=np.where(cheaper, other.decided, one.decided),
        queries=one.queries + other.queries,
        needed=np.where(np.isfinite(quickest), quickest, -1).astype(np.int64),
        lower=np.maximum(one.lower, other.lower),
        vanished=np.fmin(one.vanished, other.vanished),  # seen by one is seen
        rejected=one.rejected + other.rejected,
        unfinished=_either(one.unfinished, other.unfinished),
    )


def _either(one: Mask | None, other: Mask | None) -> Mask | None:
    """Rows that a limit ended in either; none where neither has a limit."""
    if one is None or other is None:
        return other if one is None else one
    return one | other


def united(done: Done, parts: Sequence[Done]) -> Done:
    """What became of the union, from what became of its attacks.

    Args:
        done: The union, with its own control.
        parts: The attacks of the same attacker.

    Returns:
        The union with their results. What an attack confirmed counts even if its own control
        failed; what it did not find does not, so a pass needs every attack to be sound.
    """
    worked = [
        (part.item.entry.id, part.attacked)
        for part in parts
        if part.attacked is not None and part.attacked.rows.size
    ]
    unsound = [part.item.entry.id for part in parts if not part.control.passed]
    errors = [f"{part.item.entry.id}: {error}" for part in parts for error in part.errors]
    errors += [f"{name} missed the case planted for it" for name in unsound]
    return replace(
        done,
        attacked=run([found for _, found in worked]) if worked else None,
        errors=tuple(errors),
        asked=sum(part.asked for part in parts),
        late=any(part.late or part.attacked is None for part in parts),
        results=tuple(digest for part in parts for digest in part.results),
        parts=tuple(worked),
        remarks=_covers(parts),
    )


def _covers(parts: Sequence[Done]) -> tuple[str, ...]:
    """What the union rests on, where that is less than all rows of all attacks."""
    reached = [0 if part.attacked is None else len(part.attacked.rows) for part in parts]
    hindered = [_hindered(part) for part in parts]
    planned = [len(part.item.rows) for part in parts]
    if not any(reached) or (reached == planned and not any(hindered)):
        return ()
    told = [
        f"{part.item.entry.id} on {n} of {all_} rows{f' ({why})' if why else ''}"
        for part, n, all_, why in zip(parts, reached, planned, hindered, strict=True)
    ]
    return (f"This covers {', '.join(told)}.",)


def _hindered(part: Done) -> str:
    """What kept an attack from being what it should be; empty if nothing did."""
    reasons = {
        "it crashed": bool(part.errors),
        "it missed the case planted for it": not part.control.passed and not part.errors,
        "the time limit cut it short": part.late,
        "it was not begun": part.attacked is None and not part.errors and part.control.passed,
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)


def control(
    *,
    constraint: Constraint | None,
    data: Dataset,
    recipe: Recipe | None,
    rng: np.random.Generator,
) -> ControlResult:
    """Two made-up attacks that break different halves must together break everything."""
    del constraint, recipe
    n = min(len(data.y), 64)
    first = rng.permutation(n) < n // 2
    both = run([_half(data, first), _half(data, ~first)])
    found = int(np.isfinite(both.price).sum())
    return ControlResult(
        passed=found == n, detail=f"two attacks that break half each break {found} of {n}"
    )


def _half(data: Dataset, broken: Mask) -> Attacked:
    n = len(broken)
    return Attacked(
        rows=np.arange(n),
        points=data.x[:n],
        price=np.where(broken, 1.0, np.inf),
        decided=np.where(broken, 0, -1),
        queries=np.ones(n, dtype=np.int64),
        needed=np.where(broken, 1, -1),
        lower=np.zeros(n),
        vanished=np.full(n, np.nan),
        rejected=0,
    )


ENTRY = Entry(
    id="evasion.union",
    kind="union",
    title="Evasion: all attacks together",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("attack-success", "<=", 0.20),
    taxonomy=Taxonomy(atlas=("AML.T0015",), owasp_ml=("ML01:2023",), nist_ai_100_2=("Evasion",)),
    references=("arXiv:1902.06705",),
    fix="What helps is said at the attacks that it consists of.",
)
