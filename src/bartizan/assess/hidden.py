"""Whether a model hides its gradient: then what gradient attacks leave standing proves nothing."""

from collections.abc import Sequence

import msgspec
import numpy as np

from bartizan.assess.findings import Done
from bartizan.assess.request import Request
from bartizan.assess.union import run as joined
from bartizan.attack.masking import Flag, Probe, Signs, probe, signs
from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.finding import Finding
from bartizan.core.oracle import Oracle

_ROWS = 32
"""Rows that are probed: a few dozen show what a model does, at the price of one attack."""
_FREE = "evasion.fmn"
"""The attack that knows no budget: it should reach every image."""

_WORDS: dict[Flag, str] = {
    "vanished": "gradients were zero or no numbers in {blind:.0%} of the rows",
    "beaten": "attacks without gradients broke {beaten} of {compared} rows that those with did not",
    "unreached": "without any budget {unreached:.0%} of the rows still held",
    "rising": "the loss was still rising at the last step in {rising:.0%} of the rows",
    "restless": "the same question got two answers in {restless:.0%} of the rows",
    "soft": "scores are probabilities, whose losses saturate",
}


def probed(constraint: Constraint, rows: Ints, *, request: Request) -> Probe:
    """Ask a model a few questions that show whether its gradient can be trusted.

    Args:
        constraint: An attacker who sees gradients.
        rows: Positions of the attacked rows; the first few dozen are used.
        request: The model and its data.
    """
    few = rows[:_ROWS]
    y = request.data.y[few]
    target = None
    if constraint.attacker.goal != "any":
        names = [str(label) for label in request.model.classes]
        target = names.index(constraint.attacker.goal)
    oracle = Oracle(request.model, y=y, access="gradients", target=target)
    return probe(oracle, constraint, request.data.x[few])


def open_book(done: Done) -> bool:
    """Whether an item is an attack with gradients."""
    return done.item.entry.kind == "attack" and "gradients" in done.item.entry.needs


def suspicion(parts: Sequence[Done], probed: Probe | None) -> str:
    """What speaks for a hidden gradient, in words; empty if nothing does.

    Args:
        parts: All attacks of one attacker.
        probed: What the model showed when it was probed.
    """
    worked = [(part, part.attacked) for part in parts if part.attacked is not None]
    white = [attacked for part, attacked in worked if open_book(part) and attacked.rows.size]
    black = [attacked for part, attacked in worked if not open_book(part) and attacked.rows.size]
    if not white:
        return ""
    best = joined(white)
    constraint = parts[0].item.constraint
    free = [attacked for part, attacked in worked if part.item.entry.id == _FREE]
    image = constraint is not None and constraint.space.image is not None
    known = np.where(np.isnan(best.vanished), 0.0, best.vanished)
    found = signs(
        best.price,
        known,
        budget=constraint.attacker.budget if constraint is not None else 0.0,
        black=_beside(best.rows, joined(black).rows, joined(black).price) if black else None,
        free=free[0].price if free and image else None,  # tables may leave no way, honestly
        probed=probed,
    )
    return "; ".join(_said(flag, found) for flag in found.flags)


def _beside(rows: Ints, others: Ints, price: Array) -> Array:
    """Prices of other attacks on the same rows; infinity where they did not get to a row."""
    made = np.full(len(rows), np.inf)
    both = np.isin(others, rows)
    made[np.searchsorted(rows, others[both])] = price[both]
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
