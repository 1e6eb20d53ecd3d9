"""Which kinds of personal data a column holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.special import bdtrc

from bartizan.detect.personal_kinds import KINDS, PLACES, Kind

_GAPS = re.compile(r"[\s./()-]+")
_ODDS = 1e-6
"""Chance, for one kind and column, that as many numbers without meaning pass its check digit. With
twenty kinds and a thousand columns, one table of fifty raises a false alarm."""
_LONG = 10_000
"""Characters of a value that are looked at."""
_LATITUDE = re.compile(r"\blat(?:itude)?\b|\bbreitengrad\b")
_LONGITUDE = re.compile(r"\b(?:lon|lng|long|longitude)\b|\bl\u00e4ngengrad\b")


@dataclass(frozen=True)
class Sighting:
    """A kind found in a column."""

    kind: Kind
    hits: int
    values: int
    """Distinct values that were looked at."""

    @property
    def share(self) -> float:
        """Share of the distinct values looked at."""
        return self.hits / self.values


def sightings(name: str, values: Sequence[str]) -> list[Sighting]:
    """Which kinds a column holds.

    A check digit that one number in ten passes says nothing of one number: of those that look
    like the kind, half must pass, and more than chance explains (binomial tail of 1e-6).

    Args:
        name: Of the column.
        values: Distinct values of it, or a sample of them.

    Returns:
        Every kind that is there, worst first.
    """
    found = [one for kind in KINDS if (one := _sighted(kind, name, values)) is not None]
    order = ("high", "medium", "low")
    return sorted(found, key=lambda one: (order.index(one.kind.harm), -one.share))


def _sighted(kind: Kind, name: str, values: Sequence[str]) -> Sighting | None:
    if not values or (kind.named is not None and not kind.named.search(spaced(name))):
        return None
    tried = [_tried(kind, value[:_LONG].strip()) for value in values]
    shaped, hits = sum(one is not None for one in tried), sum(one is True for one in tried)
    if hits < kind.least or hits < kind.share * len(values):
        return None
    if kind.chance and (hits < shaped / 2 or bdtrc(hits - 1, shaped, kind.chance) > _ODDS):
        return None
    return Sighting(kind, hits, len(values))


def _tried(kind: Kind, value: str) -> bool | None:
    """Whether a value holds the kind; none = nothing in it looks like it."""
    spots = [kind.shape.fullmatch(value)] if kind.whole else kind.shape.finditer(value)
    seen = None
    for spot in spots:
        if spot is None:
            break
        if kind.valid is None or kind.valid(_GAPS.sub("", spot.group())):
            return True
        seen = False
    return seen


def placed(samples: Mapping[str, Sequence[str]]) -> dict[str, Sighting]:
    """Columns that are coordinates together: a latitude and a longitude, with three decimals.

    Three decimals are a hundred metres: a house, or a few.

    Args:
        samples: Distinct values of each column.

    Returns:
        The columns of both names, where both hold such numbers in their range.
    """
    found: dict[str, dict[str, Sighting]] = {"lat": {}, "lon": {}}
    for name, values in samples.items():
        for key, pattern, most in (("lat", _LATITUDE, 90), ("lon", _LONGITUDE, 180)):
            if pattern.search(spaced(name)) and (one := _sighted(PLACES, name, values)):
                inside = all(abs(float(v)) <= most for v in values if PLACES.shape.fullmatch(v))
                found[key] |= {name: one} if inside else {}
    return found["lat"] | found["lon"] if found["lat"] and found["lon"] else {}


def spaced(name: str) -> str:
    """A column's name as words of small letters: ``homePhone_2`` is ``home phone 2``."""
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower().strip()
