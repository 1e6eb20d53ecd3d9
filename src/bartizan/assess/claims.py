"""Numbers and curves of claims about membership: who is named rightly, and who wrongly."""

from dataclasses import dataclass

import numpy as np

from bartizan.assess.candidates import Candidates
from bartizan.assess.shadows import Shadows, Sight
from bartizan.attack.likelihood_ratio import certainty, label_ratio, likelihood_ratio
from bartizan.attack.roc import Roc, area
from bartizan.core.arrays import Array, Mask
from bartizan.core.classifier import ScoreKind
from bartizan.core.finding import Measure, Series
from bartizan.core.interval import gap_interval, share_interval

FALSE = 0.01
"""Share of the others who are claimed wrongly: a claim that is wrong more often accuses nobody."""
ENOUGH = 300
"""Rows a side for the share found at 1 % false claims: with fewer, less than three rows make
out that percent, and a model that leaks nothing could not be shown to keep to 5 %."""
_FOUND = ("membership-tpr-at-1-percent-fpr", "membership-auc", "membership-advantage")
"""Measures of the way that decides; the first is the check's."""
_POINTS = 60
"""Points of a curve, evenly spread over the logarithm of the axis."""


@dataclass(frozen=True)
class Claims:
    """What every way to guess membership says of the rows in question; larger = member."""

    member: Mask
    by: dict[str, Array]
    """Scores by the way's name, each of shape (n,); the one that decides comes first."""

    def roc(self, name: str) -> Roc:
        """The curve of one way."""
        return Roc.of(self.by[name][self.member], self.by[name][~self.member])

    def area(self, name: str, *, measure: str) -> Measure:
        """The area under the curve of one way."""
        if name not in self.by or not self.member.any():
            why = "there are no rows to compare" if name in self.by else "it was not tried"
            return Measure(name=measure, value=None, why=why)
        found = area(self.by[name][self.member], self.by[name][~self.member])
        n = len(self.member)
        return Measure(name=measure, value=found.value, low=found.low, high=found.high, n=n)


def claims(
    sight: Sight, shadows: Shadows | None, *, member: Mask, labels: bool, kind: ScoreKind
) -> Claims:
    """Every way to guess that there is something for.

    Args:
        sight: What the model in question says.
        shadows: What shadow models say, if there are any.
        member: Which rows trained the model.
        labels: Whether the attacker who decides sees labels only.
        kind: What the scores of the model are.
    """
    by: dict[str, Array] = {}
    if kind != "label":
        by["loss-threshold"] = sight.confidence
    if shadows is None:
        by["label-only"] = sight.right.astype(float)
    else:
        by["label-only"] = label_ratio(sight.right, shadows.right, shadows.inside)
        if kind != "label":
            most = certainty(sight.confidence, kind=kind)
            by["likelihood-ratio"] = likelihood_ratio(
                sight.confidence.clip(-most, most),
                shadows.confidence.clip(-most, most),
                shadows.inside,
            )
    order = ["label-only"] if labels else ["likelihood-ratio", "loss-threshold", "label-only"]
    first = next(name for name in order if name in by)
    return Claims(member, {first: by.pop(first), **by})


def found_at(claims: Claims, *, why: str) -> tuple[Measure, Measure, Measure]:
    """What the way that decides finds: at 1 % false claims, over all, and at its best point.

    Args:
        claims: Of all ways.
        why: Why the deciding way could not be tried, or too few rows; empty if it was.

    Returns:
        The deciding measure, the area and the advantage. The interval of the first is that of
        the share alone: where exactly the threshold of 1 % lies is taken as known.
    """
    name = next(iter(claims.by))
    each = int(claims.member.sum())
    first, whole, best = _FOUND
    if why:
        missing = [Measure(name=key, value=None, why=why) for key in _FOUND]
        return missing[0], missing[1], missing[2]
    roc = claims.roc(name)
    hits = round(float(roc.at(FALSE)) * each)
    low, high = share_interval(hits, each)
    share = Measure(name=first, value=hits / each, low=low, high=high, n=each)
    if each < ENOUGH:
        share = Measure(name=first, value=None, why=too_few(each, ENOUGH))
    advantage = Measure(name=best, value=roc.advantage, n=2 * each)
    return share, claims.area(name, measure=whole), advantage


def too_few(each: int, needed: int) -> str:
    """Says how many rows are missing."""
    return (
        f"{needed} rows of the training data and as many others are needed, none of them on both "
        f"sides or twice on one; there are {each}"
    )


def accuracy_gap(sight: Sight, asked: Candidates) -> Measure:
    """How much better the model does on rows it was trained on: what labels alone give away."""
    name = "accuracy-gap"
    if not asked.each:
        return Measure(name=name, value=None, why="there are no rows to compare")
    hits = [int(sight.right[side].sum()) for side in (asked.member, ~asked.member)]
    gap, low, high = gap_interval((hits[0], asked.each), (hits[1], asked.each))
    return Measure(name=name, value=gap, low=low, high=high, n=2 * asked.each)


def curves(claims: Claims) -> tuple[Series, ...]:
    """The share of members found against the share of others claimed, on log axes."""
    each = int(claims.member.sum())
    if not each:
        return ()
    grid = np.unique(np.append(np.logspace(-np.log10(each), 0, _POINTS), FALSE))
    lines = {name: claims.roc(name).at(grid) for name in sorted(claims.by)}
    return tuple(_curve(name, grid, line) for name, line in {**lines, "guessing": grid}.items())


def _curve(name: str, grid: Array, line: Array) -> Series:
    """One curve; nothing found has no logarithm, so such points are left out."""
    shown = line > 0
    return Series(
        name=name,
        x_name="share of the others claimed wrongly",
        x_unit="",
        y_name="share of the training rows found",
        x=tuple(grid[shown].tolist()),
        y=tuple(line[shown].tolist()),
        chart="Membership: who was in the training data?",
        x_scale="log",
        y_scale="log",
    )
