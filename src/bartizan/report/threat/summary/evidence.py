"""What findings say of a threat, in a few words."""

from collections import Counter

from bartizan.core.finding import Outcome
from bartizan.core.threat import Threat


def evidence(one: Threat) -> str:
    """What findings say of a threat and of what is done against it, as counts."""
    counts = Counter(two.outcome for two in one.rests_on)
    said: dict[Outcome, str]
    said = {"fail": "failed", "pass": "passed", "inconclusive": "inconclusive", "not-run": "no run"}
    return ", ".join(f"{counts[key]} {word}" for key, word in said.items() if counts[key]) or "none"


def moved(one: Threat, factor: str) -> str:
    """A factor, and what it became."""
    before, after = (getattr(each, factor) for each in (one.inherent, one.residual))
    return str(before) if before == after else f"{before} → {after}"
