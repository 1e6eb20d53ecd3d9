"""Two or three sentences for somebody who reads nothing else."""

from collections.abc import Sequence

import numpy as np

from bartizan.core.attacker import Attacker
from bartizan.core.finding import Finding, Outcome
from bartizan.core.shades import in_shades

_TOLD = {
    "privacy.membership": "gives away which rows it was trained on",
    "extraction.surrogate": "can be copied by asking it questions",
    "explain.importance": "rests on a single feature",
    "fairness.groups": "errs more often for some groups of people than for others",
    "fairness.crossed": "errs more often for some people where two groups cross",
    "damage.label-flips": "would lose much to a few wrong labels in its training data",
    "damage.source": "would lose much to a few contributors who send wrong labels",
    "damage.linear-gradient": "would lose much to a few rows computed to harm it",
    "damage.cell-trigger": "would learn a backdoor from a few marked training rows",
    "damage.picture-trigger": "would learn a backdoor from a few marked training images",
    "backdoor.inversion": "answers to a mark far too small to be natural",
    "backdoor.cells": "answers to a value that clean models do not answer to",
    "backdoor.tree-trigger": "answers to a value that clean models do not answer to",
    "backdoor.strip": "would not be kept by a filter from rows with a trigger",
}
"""What a failure of a check says of the model."""
_ASKS = {"labels": "sees only its decisions", "scores": "sees its scores"}


def headline(
    findings: Sequence[Finding], attackers: Sequence[Attacker], *, subject: str, outcome: Outcome
) -> str:
    """Say what was found in plain words, the worst finding first."""
    deciding = [finding for finding in findings if finding.decides]
    failed = [f for f in deciding if f.outcome == "fail"]
    useless = [f for f in failed if f.entry.startswith("utility.")]
    if useless:
        first = (
            f"{subject} does not tell the classes apart on this data, so its robustness means "
            f"nothing. {_sentence(useless[0].reason)}"
        )
        return " ".join((first, *useless[0].remarks))
    broken = [f for f in failed if f.attacker]
    told = [_given_away(f, subject=subject) for f in failed if not f.attacker]
    if broken:
        worst = max(broken, key=_badness)
        told.insert(0, _broken(worst, attackers, subject=subject))
    unclear = [f for f in deciding if f.outcome in ("inconclusive", "not-run")]
    if told:
        return " ".join((*told, *_still_open(unclear, deciding)))
    if outcome == "pass":
        return _held(findings, deciding, subject=subject)
    if not deciding:
        why = "all findings that could decide are waived" if findings else "nothing was judged"
        return f"No verdict on {subject}: {why}."
    first = f"{unclear[0].title}: {unclear[0].reason}."
    return f"No verdict on {subject}: {len(unclear)} of {len(deciding)} checks are open. {first}"


def _still_open(unclear: Sequence[Finding], deciding: Sequence[Finding]) -> tuple[str, ...]:
    """That a failure is not all there is to say."""
    if not unclear:
        return ()
    verb = "is" if len(unclear) == 1 else "are"
    return (f"{len(unclear)} of {len(deciding)} checks {verb} open.",)


def _given_away(finding: Finding, *, subject: str) -> str:
    """What a failed check says of the model, with its numbers."""
    said = _TOLD.get(finding.entry)
    return f"{f'{subject} {said}' if said else finding.title}: {finding.reason}."


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def _held(findings: Sequence[Finding], deciding: Sequence[Finding], *, subject: str) -> str:
    if not any(finding.attacker for finding in deciding):
        first = (
            f"{subject} tells the classes apart; no attack decided, so nothing is known of more."
        )
    elif any(finding.standing == "assumed" for finding in deciding):
        first = f"{subject} held against the attacker that was assumed; nobody declared one."
    else:
        first = f"{subject} held against every attacker that was declared."
    return f"{first} {_waived(findings)}What was not tested stands under coverage."


def _badness(finding: Finding) -> tuple[float, ...]:
    """How bad a broken finding is: how many rows fall; of equals, how cheaply and quickly."""
    costs = [finding.measure(name) for name in ("median-price", "median-queries")]
    return _success(finding), *(
        -np.inf if c is None or c.value is None else -c.value for c in costs
    )


def _success(finding: Finding) -> float:
    measure = finding.measure("attack-success")
    return (measure.value or 0.0) if measure else 0.0


def _broken(finding: Finding, attackers: Sequence[Attacker], *, subject: str) -> str:
    attacker = next(a for a in attackers if a.name == finding.attacker)
    named = " or ".join(repr(name) for name in attacker.protected)
    rows = f"the rows of class {named} that it judges" if named else "the rows it judges"
    image = any(example.views for example in finding.examples)
    budget = _budget(attacker, image=image)
    first = (
        f"{subject} can be evaded: attacker {attacker.name!r}, who "
        f"{_ASKS.get(attacker.access, 'sees inside it')} and has {budget}, gets "
        f"{_success(finding):.0%} of {rows} correctly past it."
    )
    sentences = [first]
    price, queries = finding.measure("median-price"), finding.measure("median-queries")
    if price and queries and price.value is not None and queries.value is not None:
        length = _length(price.value, image=image)
        cost = f"{length} {'in money' if price.unit == 'money' else f'({price.unit})'}"
        asked = f"{queries.value:.0f} question{'' if round(queries.value) == 1 else 's'}"
        sentences.append(
            f"Half of these fall within {asked} to the model; after all questions, half cost no "
            f"more than {cost}."
        )
    if finding.weaknesses:
        names = ", ".join(weakness.feature for weakness in finding.weaknesses[:3])
        sentences.append(f"The weakness sits mostly in {names}.")
    return " ".join(sentences)


def _length(value: float, *, image: bool) -> str:
    """A price or budget; of images 8/255 where it is a number of shades."""
    return (in_shades(value) if image else None) or f"{value:.4g}"


def _budget(attacker: Attacker, *, image: bool) -> str:
    if attacker.money is not None:
        return f"{attacker.money:g} to spend per row"
    whose = "the way from dark to bright" if image else "its usual range"
    if attacker.norm == "Linf":
        length = _length(attacker.eps or 0.0, image=image)
        return f"room to change each value by {length} of {whose}"
    whose = whose.replace("its usual range", "their usual range")
    return f"room to change values by {attacker.eps:.4g} of {whose} in all ({attacker.norm})"


def _waived(findings: Sequence[Finding]) -> str:
    count = sum(finding.waived is not None for finding in findings)
    return f"{count} finding(s) are waived. " if count else ""
