"""The independent validator: nothing an attack claims is believed.

Written against the schema and the attacker feature by feature, on purpose without `Constraint`,
whose mistakes it is there to find.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.codec import Codec
from bartizan.core.relation import parse
from bartizan.core.schema import Feature, Schema

_SLACK = 1e-6
"""Slack of numbers relative to their size or unit: sums of floats, columns of single precision.
Whole numbers have none."""


@dataclass(frozen=True)
class Confirmed:
    """What is left of the claims."""

    points: Array
    """After decoding and type rounding, shape (n, d)."""
    success: Mask
    decided: Ints
    """What the model says about each point, alone in its batch; -1 where not asked."""
    price: Array
    """Recomputed, shape (n,); infinity where not confirmed."""


class Checker(Protocol):
    """Whoever confirms claims about one attacker: in tables, or of images."""

    @property
    def model(self) -> Classifier:
        """The model that claims are about."""
        ...

    def confirm(self, x0: Array, points: Array, *, y: Ints, claimed: Mask) -> Confirmed:
        """Check every claimed point: see `Validator.confirm`."""
        ...


def asked_alone(model: Classifier, point: Array, *, true: int, goal: str) -> tuple[int, bool]:
    """What a model decides about one row, and whether the attacker is after that decision."""
    decided = int(decisions(model.scores(point[None]))[0])
    return decided, decided != true if goal == "any" else str(model.classes[decided]) == goal


@dataclass(frozen=True)
class Validator:
    """Checks claims about one attacker in one table."""

    model: Classifier
    codec: Codec
    schema: Schema
    attacker: Attacker
    scale: Array
    """Unit of distance of each column, shape (d,)."""

    def confirm(self, x0: Array, points: Array, *, y: Ints, claimed: Mask) -> Confirmed:
        """Check every claimed point.

        Args:
            x0: Original rows, shape (n, d).
            points: Claimed rows.
            y: Classes of the original rows.
            claimed: Rows that a success is claimed for.

        Returns:
            Only what an honest bystander could repeat: the decoded row is one that this
            attacker can send, and the model, asked about it alone, gives the wanted answer.
        """
        points = self.codec.round(points)
        success = claimed.copy()
        decided = np.full(len(points), -1, dtype=np.int64)
        price = np.full(len(points), np.inf)
        for row in np.flatnonzero(claimed):
            before, after = x0[row], points[row]
            if not self._possible(before, after):
                success[row] = False
                continue
            decided[row], success[row] = asked_alone(
                self.model, points[row], true=int(y[row]), goal=self.attacker.goal
            )
            if success[row]:
                price[row] = self._price(before, after)
        return Confirmed(points=points, success=success, decided=decided, price=price)

    def _possible(self, before: Array, after: Array) -> bool:
        """Whether the attacker can turn one row into the other."""
        moves = all(
            self._allowed(feature, float(before[j]), float(after[j]), unit=float(self.scale[j]))
            for j, feature in enumerate(self.schema.features)
        )
        return moves and self._groups_whole(before, after) and self._related(before, after)

    def _allowed(self, feature: Feature, before: float, after: float, *, unit: float) -> bool:
        if before == after or (math.isnan(before) and math.isnan(after)):
            return True
        if math.isnan(before) or not math.isfinite(after) or feature.identifier:
            return False
        reach = self.attacker.reach(feature.group or feature.name)
        if not reach.mutable or not _of_type(feature, after):
            return False
        if _is_choice(feature):
            return self.attacker.money is not None or self.attacker.categories > 0
        slack = _SLACK * max(abs(before), abs(after), unit) if feature.type == "number" else 0.0
        wrong_way = {
            "any": False,
            "up": after < before - slack,
            "down": after > before + slack,
        }[reach.direction]
        return unit > 0 and not wrong_way and _in_bounds(feature, before, after, slack=slack)

    def _groups_whole(self, before: Array, after: Array) -> bool:
        for columns in self.schema.groups().values():
            picked = list(columns)
            if np.array_equal(before[picked], after[picked], equal_nan=True):
                continue
            if sorted(after[picked].tolist()) != [0.0] * (len(picked) - 1) + [1.0]:
                return False
        return True

    def _related(self, before: Array, after: Array) -> bool:
        for text in self.schema.relations:
            rule = parse(text, names=self.schema.names)
            if rule.holds(before[None])[0] and not rule.holds(after[None])[0]:
                return False
        return True

    def _price(self, before: Array, after: Array) -> float:
        """The price from first principles: see `Constraint.price`."""
        numbers, choices, money = [], set(), 0.0
        for j, feature in enumerate(self.schema.features):
            if before[j] == after[j] or math.isnan(before[j]):
                continue
            name = feature.group or feature.name
            cost = self.attacker.reach(name).cost or 0.0
            if _is_choice(feature):
                money += 0.0 if name in choices else cost
                choices.add(name)
            else:
                money += abs(after[j] - before[j]) * cost
                numbers.append(abs(after[j] - before[j]) / self.scale[j])
        if self.attacker.money is not None:
            return money
        share = len(choices) / self.attacker.categories if choices else 0.0
        return max(_length(numbers, norm=self.attacker.norm or "L2"), share * self.attacker.budget)


def _is_choice(feature: Feature) -> bool:
    return feature.group is not None or feature.type == "categorical"


def _of_type(feature: Feature, value: float) -> bool:
    whole = feature.type == "number" or value == round(value)
    return whole and (not feature.categories or 0 <= value < len(feature.categories))


def _in_bounds(feature: Feature, before: float, after: float, *, slack: float) -> bool:
    """A row that starts outside the bounds may come back, not go further out."""
    if feature.categories:
        return True
    low = -math.inf if feature.min is None else min(feature.min, before)
    high = math.inf if feature.max is None else max(feature.max, before)
    return low - slack <= after <= high + slack


def _length(changes: list[float], *, norm: str) -> float:
    match norm:
        case "L1":
            return sum(changes)
        case "Linf":
            return max(changes, default=0.0)
    return math.hypot(*changes)
