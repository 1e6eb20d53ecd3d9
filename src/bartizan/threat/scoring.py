"""How bad a threat is at one element, before and after what is done about it."""

from collections.abc import Iterable, Sequence

from bartizan.core.known import Proof
from bartizan.core.risk import STEPS, Factors
from bartizan.core.system import Element
from bartizan.core.threat import Countermeasure
from bartizan.threat.asking import asked
from bartizan.threat.landscape import Landscape
from bartizan.threat.rule import Rule

_FLOOR = {"feasible": 1, "demonstrated": 2, "realized": 3}
"""Least likelihood by the maturity of a technique in MITRE ATLAS: what was used in the wild
against somebody is possible against us."""
_SHOWN = 4
"""Least likelihood of what a finding shows to work on this very model."""


def inherent(
    rule: Rule, element: Element, *, landscape: Landscape, maturity: Iterable[str]
) -> tuple[Factors, tuple[str, ...]]:
    """The factors without any control.

    Args:
        rule: The threat in general.
        element: Where.
        landscape: The system.
        maturity: Of the techniques of MITRE ATLAS that the rule names.

    Returns:
        The factors, and what moved them away from those of the rule. What is not known moves
        nothing: the question is asked elsewhere.
    """
    applying = [
        one for one in rule.adjust if asked(one.when, element, landscape=landscape).truth == "yes"
    ]
    why = [one.why for one in applying]
    likelihood = _within(rule.likelihood + sum(one.likelihood for one in applying))
    impact = _within(rule.impact + sum(one.impact for one in applying))
    detection = _within(rule.detection + sum(one.detection for one in applying))
    floor = max((_FLOOR[one] for one in maturity), default=1)
    if likelihood < floor:
        why.append("MITRE ATLAS knows of cases, so it is at least as likely as those")
    factors = Factors(likelihood=max(likelihood, floor), impact=impact, detection=detection)
    return factors, tuple(why)


def residual(
    before: Factors, *, countermeasures: Sequence[Countermeasure], proofs: Sequence[Proof]
) -> tuple[Factors, tuple[str, ...]]:
    """The factors with what evidence shows.

    Only controls that evidence verifies lower anything, each by its own steps, and never the
    impact; two that the same findings show lower it once, by the larger step. A finding that shows
    the attack to work puts the likelihood where it was without them, and at least at 4: what works
    here is likely.

    Args:
        before: Inherent factors.
        countermeasures: With their status.
        proofs: Findings of the entries that try the attack.

    Returns:
        The factors, and what moved them.
    """
    verified = [one for one in countermeasures if one.status == "verified"]
    likelihood = before.likelihood - _steps(verified, lowers="likelihood")
    detection = before.detection - _steps(verified, lowers="detection")
    why = [f"shown to work: {one.control}" for one in verified]
    failed = [one.finding for one in proofs if one.outcome == "fail"]
    if failed:
        likelihood = max(before.likelihood, _SHOWN)
        why.append(f"the attack works on this system: {', '.join(failed)}")
    factors = Factors(
        likelihood=_within(likelihood), impact=before.impact, detection=_within(detection)
    )
    return factors, tuple(why)


def _steps(verified: Iterable[Countermeasure], *, lowers: str) -> int:
    """How far controls lower one factor: the same evidence counts once, whatever it is called."""
    largest: dict[tuple[str, ...], int] = {}
    for one in verified:
        if one.lowers == lowers:
            key = tuple(proof.finding for proof in one.proofs) or (one.control,)
            largest[key] = max(largest.get(key, 0), one.by)
    return sum(largest.values())


def _within(step: int) -> int:
    return min(max(step, 1), STEPS)
