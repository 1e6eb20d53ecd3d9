"""Whether a model hides its gradient: then what gradient attacks leave standing proves nothing."""

from collections.abc import Sequence

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
    target = goal_class(constraint.attacker, request.model)
    oracle = Oracle(request.model, y=request.data.y[few], access="gradients", target=target)
    return probe(oracle, constraint, request.data.x[few])


def open_book(entry: Entry) -> bool:
    """Whether an entry is an attack with gradients."""
    return entry.kind == "attack" and "gradients" in entry.needs


def suspicion(parts: Sequence[Done], probed: Probe | None) -> str:
    """What speaks for a hidden gradient, in words; empty if nothing does.

    Args:
        parts: All attacks of one attacker.
        probed: What the model showed when it was probed.
    """
    white = _found([part for part in parts if open_book(part.item.entry)])
    black = _found([part for part in parts if not open_book(part.item.entry)])
    constraint = parts[0].item.constraint if parts else None
    if not white or constraint is None:
        return ""
    best = joined(white)
    found = signs(
        best.price,
        np.where(np.isnan(best.vanished), 0.0, best.vanished),
        budget=constraint.attacker.budget,
        black=_beside(best.rows, joined(black)) if black else None,
        free=_freely(parts, constraint),
        probed=probed,
    )
    return "; ".join(_said(flag, found) for flag in found.flags)


def _found(parts: Sequence[Done]) -> list[Attacked]:
    """What attacks found that got to at least one row."""
    return [
        part.attacked for part in parts if part.attacked is not None and part.attacked.rows.size
    ]


def _freely(parts: Sequence[Done], constraint: Constraint) -> Array | None:
    """Prices of the attack that knows no budget, where only a hidden gradient can stop it.

    In tables, and where pixels are fixed, there may honestly be no way; an attack that was cut
    short, or misses its planted case, proves nothing.
    """
    if constraint.space.image is None or len(constraint.numeric) < len(constraint.space.lower):
        return None
    sound = [part for part in parts if part.control.passed and not part.late]
    found = _found([part for part in sound if part.item.entry.id == _FREE])
    return found[0].price if found else None


def _beside(rows: Ints, others: Attacked) -> Array:
    """Prices of other attacks on the same rows; infinity where they did not get to a row."""
    made = np.full(len(rows), np.inf)
    both = np.isin(others.rows, rows)
    made[np.searchsorted(rows, others.rows[both])] = others.price[both]
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
