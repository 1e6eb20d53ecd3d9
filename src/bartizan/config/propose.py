"""The attacker that is assumed where nobody declared one."""

from collections.abc import Sequence

from bartizan.core.attacker import Attacker, NormName, Reach
from bartizan.core.schema import Feature, Label, Schema

_EPS = 0.10
"""Largest move of a number, as a share of its 1-99 % range: small enough to be the same
customer, large enough to matter."""
_IMAGE_EPS: dict[NormName, float] = {"Linf": 8 / 255, "L2": 0.5, "L1": 12.0}
"""The usual yardsticks for small colour images, in units of the way from dark to bright: Linf and
L2 as in RobustBench (Croce et al. 2021, NeurIPS Datasets and Benchmarks, CIFAR-10), L1 as in
Croce and Hein (2021), "Mind the box", ICML."""
_RARE = 0.8
"""A class is rare below this part of an even share: 40 % of the rows, with two classes."""


def assumed_eps(norm: NormName, *, schema: Schema) -> float:
    """The budget nobody declared.

    Args:
        norm: How a change is measured.
        schema: What rows hold.

    Returns:
        In tables, a tenth of every column's range at once; for images, the field's usual budget.
    """
    if schema.image is not None:
        return _IMAGE_EPS[norm]
    d = len(schema.features)
    return {"Linf": _EPS, "L2": _EPS * d**0.5, "L1": _EPS * d}[norm]


def propose_attacker(schema: Schema, classes: Sequence[Label], counts: Sequence[int]) -> Attacker:
    """Propose somebody without special access who wants the rare class missed.

    Fraud, malware and intruders are the rare class, and hiding them is what pays. Identifiers
    and constants cannot move; which other columns are out of an attacker's hand is not guessed.

    Of images of three classes or more all are attacked: how often a traffic sign was photographed
    says nothing of what mistaking it costs. The attacker has a copy of the model and sees its
    gradients: that is what the usual yardstick measures, and many models of images are published
    or start from one that is.

    Args:
        schema: The table's columns, or the form of the images.
        classes: Class labels, length k.
        counts: Rows of each class, length k.

    Returns:
        An attacker of standing `assumed`.

    Example:
        >>> propose_attacker(Schema(features=()), ("ok", "fraud"), (90, 10)).protected
        ('fraud',)
    """
    columns: dict[str, list[Feature]] = {}
    for feature in schema.features:
        name = feature.name if feature.group is None else feature.group
        columns.setdefault(name, []).append(feature)
    return Attacker(
        name="anyone",
        access="labels" if schema.image is None else "gradients",
        goal="any",
        protected=_rare(classes, counts) if schema.image is None or len(classes) == 2 else (),
        norm="Linf",
        eps=assumed_eps("Linf", schema=schema),
        categories=1 if schema.image is None else 0,
        features={
            name: Reach(mutable=False) for name, members in columns.items() if _fixed(members)
        },
        standing="assumed",
    )


def _rare(classes: Sequence[Label], counts: Sequence[int]) -> tuple[str, ...]:
    """The rarest class that has rows, if it is rare; several if they are equally rare."""
    present = [count for count in counts if count > 0]
    if len(present) < 2 or min(present) >= _RARE * sum(present) / len(present):
        return ()
    least = min(present)
    return tuple(str(label) for label, count in zip(classes, counts, strict=True) if count == least)


def _fixed(members: Sequence[Feature]) -> bool:
    """Whether a column, or all columns of a one-hot group, cannot be moved."""
    return any(feature.identifier for feature in members) or all(
        is_constant(feature) for feature in members
    )


def is_constant(feature: Feature) -> bool:
    """Whether a column can hold one value only."""
    if feature.categories:
        return len(feature.categories) == 1
    return feature.min is not None and feature.min == feature.max
