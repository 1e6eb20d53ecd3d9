"""Whether a model hides its gradient: then what gradient attacks leave standing proves nothing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from bartizan.assess.findings import Done
from bartizan.assess.outcome import Attacked
from bartizan.assess.request import Request
from bartizan.assess.rows import goal_class
from bartizan.assess.union import run as joined
from bartizan.attack.masking import Flag, Probe, Signs, probe, signs
from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.entry import Entry
from bartizan.core.finding import Finding
from bartizan.core.oracle import Oracle
from bartizan.core.streams import rng

_ROWS = 32
"""Rows that are probed: a few dozen show what a model does, at the price of one attack."""

_LATE = "the time limit cut the look at its gradient short"

_WORDS: dict[Flag, str] = {
    "vanished": "gradients were zero or no numbers in {blind:.0%} of the rows",
    "foreign": "in {foreign:.0%} of the rows scores change otherwise than the gradient says",
    "unseen": "numbers whose gradient is zero move the scores in {unseen:.0%} of the rows",
    "beaten": "attacks without gradients broke {beaten} of {compared} rows that those with did not",
    "unreached": "without any budget {unreached:.0%} of the rows still held",
    "rising": "the loss was still rising at the last step in {rising:.0%} of the rows",
    "restless": "the same question got two answers in {restless:.0%} of the rows",
    "soft": "scores are probabilities, whose losses saturate",
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a few questions showed of a gradient, and what they cost."""

    probe: Probe | None = None
    rows: int = 0
    why: str = ""
    """Why it is not complete; empty if it is. Then nothing speaks for the gradient."""
    queries: int = 0
    calls: int = 0
    model_s: float = 0.0
    wall_s: float = 0.0

    def __str__(self) -> str:
        """As evidence says it."""
        if self.probe is None:
            return self.why
        seen = self.probe.compared
        told = int((seen.agrees | seen.differs).sum())
        text = (
            f"asked {self.queries} questions about {self.rows} rows: scores change as the gradient "
            f"says in {int(seen.agrees.sum())} of {told} rows that show it"
        )
        return f"{text}; {self.why}" if self.why else text


def look(
    constraint: Constraint,
    rows: Ints,
    *,
    request: Request,
    late: Callable[[], bool] = lambda: False,
) -> Look:
    """Ask a model a few questions that show whether its gradient can be trusted.

    Args:
        constraint: An attacker who sees gradients.
        rows: Positions of the attacked rows; a few dozen are used, spread over all of them.
        request: The model and its data.
        late: Whether time is up; the look then ends with what it has.

    Returns:
        What was seen. It is taken before the attacks, so that no pass comes without it.
    """
    few = rows[np.unique(np.linspace(0, len(rows) - 1, _ROWS).astype(np.int64))]
    started = time.perf_counter()
    oracle = Oracle(
        request.model,
        y=request.data.y[few],
        access="gradients",
        target=goal_class(constraint.attacker, request.model),
        late=late,
    )
    stream = rng(request.seed, "probe", constraint.attacker.name)
    try:
        found, why = probe(oracle, constraint, request.data.x[few], rng=stream), ""
    except Exception as error:  # noqa: BLE001 - whatever breaks in a model must not pass
        found, why = None, f"its gradient could not be looked at: {type(error).__name__}: {error}"
    return Look(
        probe=found,
        rows=len(few),
        why=why or (_LATE if late() else ""),
        queries=int(oracle.queries.sum()),
        calls=oracle.calls,
        model_s=oracle.model_s,
        wall_s=time.perf_counter() - started,
    )


def open_book(entry: Entry) -> bool:
    """Whether an entry is an attack with gradients."""
    return entry.kind == "attack" and "gradients" in entry.needs


def suspicion(parts: Sequence[Done], look: Look, *, own: Attacked | None = None) -> str:
    """What speaks for a hidden gradient, in words; empty if nothing does.

    Args:
        parts: All attacks of one attacker.
        look: At the gradient, as this attacker sees it.
        own: What the attack found that is judged, whose own gradients count; none = all attacks
            are judged together, and a row counts as blind where each of them was.
    """
    seeing = [part for part in parts if open_book(part.item.entry)]
    white = _found(seeing)
    black = _found([part for part in parts if not open_book(part.item.entry)])
    constraint = parts[0].item.constraint if parts else None
    if not white or constraint is None:
        return ""
    best = joined(white)
    vanished = (own or best).vanished
    found = signs(
        best.price,
        np.where(np.isnan(vanished), 0.0, vanished),
        budget=constraint.attacker.budget,
        black=_beside(best, black) if not all(part.late for part in seeing) else None,
        free=_freely(parts, constraint),
        probed=look.probe,
    )
    told = [_said(flag, found) for flag in found.flags]
    return "; ".join([*told, look.why] if look.why else told)


def _found(parts: Sequence[Done]) -> list[Attacked]:
    """What attacks found that got to at least one row; the points, which may be large, left out."""
    found = [part.attacked for part in parts if part.attacked is not None]
    return [replace(one, points=one.points[:, :0]) for one in found if one.rows.size]


def _freely(parts: Sequence[Done], constraint: Constraint) -> Array | None:
    """Prices of the attack that knows no budget, where only a hidden gradient can stop it.

    In tables, and where pixels are fixed, there may honestly be no way; an attack that was cut
    short, or misses its planted case, proves nothing.
    """
    if constraint.space.image is None or len(constraint.numeric) < len(constraint.space.lower):
        return None
    sound = [part for part in parts if part.control.passed and not part.late]
    found = _found([part for part in sound if part.item.entry.unbounded])
    return found[0].price if found else None


def _beside(white: Attacked, others: Sequence[Attacked]) -> Array | None:
    """Prices of other attacks on the same rows; not a number where either asked nothing.

    An attack that the time limit stopped has not got to all rows of its last block.
    """
    if not others:
        return None
    black = joined(others)
    both = np.isin(black.rows, white.rows) & (black.queries > 0)
    made = np.full(len(white.rows), np.nan)
    made[np.searchsorted(white.rows, black.rows[both])] = black.price[both]
    made[white.queries == 0] = np.nan
    return made


def _said(flag: Flag, found: Signs) -> str:
    return _WORDS[flag].format(**{name: getattr(found, name) for name in found.__match_args__})


def doubted(finding: Finding, why: str) -> Finding:
    """Take a pass back that rests on a gradient which may be hidden, and say why.

    Args:
        finding: Of an attack with gradients, or of all attacks together.
        why: From `suspicion`; empty = nothing is doubted.
    """
    if not why or finding.outcome == "not-run":
        return finding
    remark = f"Signs of a hidden gradient: {why}."
    finding = msgspec.structs.replace(finding, remarks=(*finding.remarks, remark))
    if finding.outcome != "pass":
        return finding
    reason = f"{finding.reason}; but the model may hide its gradient: {why}"
    return msgspec.structs.replace(finding, outcome="inconclusive", reason=reason)
