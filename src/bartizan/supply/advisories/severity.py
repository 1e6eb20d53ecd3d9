"""How bad an advisory is, in four words.

A rating in words by whoever wrote the advisory comes first, then the base score of CVSS 3, which
is computed here. Where there is neither, it counts as high: nobody has said that it is harmless.

Source: FIRST, CVSS v3.1 Specification Document, sections 7.1 (formulas), 7.4 (weights), 5 (words)
and Appendix A (rounding). 3.0 rounds by another rule and otherwise agrees; the two differ in the
last digit at most. CVSS 4 has no formula but a table of 270 rows, and counts as unknown.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from bartizan.core.errors import InputError
from bartizan.core.finding import Severity
from bartizan.supply.advisories.advisory import Advisory, Affected, Rating

UNKNOWN: Final[Severity] = "high"
_WORDS: Final[dict[str, Severity]] = {
    "CRITICAL": "critical",
    "HIGH": "high",
    "IMPORTANT": "high",
    "MODERATE": "medium",
    "MEDIUM": "medium",
    "LOW": "low",
}
"""GitHub says MODERATE, others MEDIUM."""
_FLAT: Final[dict[str, dict[str, float]]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
"""Section 7.4."""
_RIGHTS: Final[dict[str, dict[str, float]]] = {
    "U": {"N": 0.85, "L": 0.62, "H": 0.27},
    "C": {"N": 0.85, "L": 0.68, "H": 0.5},
}
"""Weight of the privileges required, by whether the scope stays unchanged or changes."""


def severity_of(advisory: Advisory, affected: Affected) -> tuple[Severity, str]:
    """The word for an advisory about one package, and where it comes from."""
    for told in (affected.database_specific, affected.ecosystem_specific):
        if word := _word(told):
            return word, "as the advisory rates this package"
    if word := _word(advisory.database_specific):
        return word, "as the advisory rates it"
    score = _score(affected.severity or advisory.severity or ())
    if score is not None:
        return rated(score), f"CVSS 3 base score {score}"
    return UNKNOWN, "the advisory has no rating that is read here, which counts as high"


def rated(score: float) -> Severity:
    """The word for a base score. 0 is rated none, but somebody published it: low."""
    if score >= 9.0:
        return "critical"
    if score >= 7.0:
        return "high"
    return "medium" if score >= 4.0 else "low"


def base_score(vector: str) -> float:
    """The base score of a vector of CVSS 3.0 or 3.1.

    Example:
        >>> base_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
        9.8

    Raises:
        InputError: it is none, or a base metric is missing or doubled.
    """
    metrics = _metrics(vector)
    try:
        weight = {key: values[metrics[key]] for key, values in _FLAT.items()}
        changed = metrics["S"] == "C"
        rights = _RIGHTS[metrics["S"]][metrics["PR"]]
    except KeyError as error:
        message = f"the vector lacks a base metric, or has a value that is none: {error}"
        raise InputError(message) from error
    lost = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    exploited = 8.22 * weight["AV"] * weight["AC"] * rights * weight["UI"]
    return _rounded_up(min((1.08 if changed else 1.0) * (impact + exploited), 10.0))


def _metrics(vector: str) -> Mapping[str, str]:
    """The parts of a vector by name."""
    front, *parts = vector.strip().rstrip("/").split("/")
    pairs = [part.split(":") for part in parts]
    if front not in ("CVSS:3.0", "CVSS:3.1") or any(len(pair) != 2 for pair in pairs):
        message = "expected a vector of CVSS 3.0 or 3.1"
        raise InputError(message)
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a metric stands in the vector twice"
        raise InputError(message)
    return found


def _rounded_up(value: float) -> float:
    """The smallest number with one decimal that is not below, in whole numbers: Appendix A."""
    whole = round(value * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10


def _word(told: object) -> Severity | None:
    """A rating in words among what a database adds."""
    word = told.get("severity") if isinstance(told, dict) else None
    return _WORDS.get(word.strip().upper()) if isinstance(word, str) else None


def _score(ratings: Iterable[Rating]) -> float | None:
    """The worst base score among the vectors that can be read."""
    scores = []
    for one in ratings:
        if one.type == "CVSS_V3":
            try:
                scores.append(base_score(one.score))
            except InputError:
                continue
    return max(scores, default=None)
