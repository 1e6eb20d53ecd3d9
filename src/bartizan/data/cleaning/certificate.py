"""The finding about a vote of models: how many changed rows it withstands."""

import msgspec

from bartizan.core.finding import Finding, Measure, Series
from bartizan.data.cleaning.account import POISONING
from bartizan.defend.certificate import Curve

_CERTIFIES = (
    "A certificate counts training rows that were added or removed; a changed row counts as two. "
    "It takes the labels and the types of columns as known, for they were read from all rows: it "
    "does not cover rows that bring a new label or turn a column of numbers into one of words, nor "
    "new categories where the recipe looks at the list of all of them. It holds for the vote of "
    "these models, not for one model that is trained on all rows."
)
_CONSTANT = (
    "A model that always says the most frequent class certifies constant-class for every number "
    "of rows: only what lies above says anything, and balanced figures say more."
)


def certificate_finding(curve: Curve, *, name: str, count: int, n: int, balanced: bool) -> Finding:
    """What a vote of so many models withstands, beside the constant answer."""
    first = curve.points[0]
    measures = [
        *(_standing("certified", one.radius, one.share, n=n) for one in curve.points),
        *(_standing("balanced-certified", one.radius, one.balanced, n=n) for one in curve.points),
        Measure(name="constant-class", value=curve.constant, n=n, better="higher"),
        Measure(
            name="constant-class-balanced", value=curve.constant_balanced, n=n, better="higher"
        ),
    ]
    theatre = [one.radius for one in curve.points if one.share[0] <= curve.constant]
    remarks = [_CERTIFIES, _CONSTANT]
    if theatre:
        remarks.append(
            f"From {theatre[0]:,} rows on, the vote certifies no more than the constant answer."
        )
    return Finding(
        id=f"clean.certificate@{name}",
        entry="clean.certificate",
        title=f"What a vote of {count} models withstands" + (" (balanced)" if balanced else ""),
        subject=name,
        outcome="pass",
        reason=f"right on {first.share[0]:.1%} of {n:,} rows that no model had seen",
        measures=tuple(measures),
        series=_curves(curve),
        taxonomy=POISONING,
        remarks=tuple(remarks),
    )


def _standing(name: str, radius: int, share: tuple[float, float, float], *, n: int) -> Measure:
    value, low, high = share
    return Measure(
        name=f"{name}-at-{radius}", value=value, low=low, high=high, n=n, better="higher"
    )


def _curves(curve: Curve) -> tuple[Series, ...]:
    radii = tuple(float(one.radius) for one in curve.points)
    drawn = (
        ("certified", tuple(one.share[0] for one in curve.points)),
        ("constant class", (curve.constant,) * len(radii)),
        ("balanced", tuple(one.balanced[0] for one in curve.points)),
        ("constant class, balanced", (curve.constant_balanced,) * len(radii)),
    )
    blank = Series(
        name="",
        x_name="training rows added or removed",
        x_unit="rows",
        y_name="share of rows that is right and certified",
        x=radii,
        y=radii,
    )
    return tuple(msgspec.structs.replace(blank, name=name, y=y) for name, y in drawn)
