"""Random tables and attackers, from a seed: every type, bound, direction and price."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Mixed
from bartizan.core.streams import rng

ROWS = 12


@dataclass(frozen=True)
class Case:
    """An attacker, rows, and rows they would like to have instead."""

    schema: Schema
    constraint: Constraint
    x0: Array
    wanted: Array

    @property
    def repaired(self) -> Array:
        return self.constraint.repair(self.x0, self.wanted.copy())


def _feature(j: int, draw: np.random.Generator) -> Feature:
    name, missing = f"f{j}", bool(draw.random() < 0.3)
    low = float(draw.normal(-5, 2)) if draw.random() < 0.5 else None
    high = float(draw.normal(5, 2)) if draw.random() < 0.5 else None
    kind = draw.choice(["number", "number", "integer", "ordered", "categorical", "identifier"])
    if kind == "identifier":
        return Feature(name=name, identifier=True)
    if kind in ("ordered", "categorical"):
        categories = tuple(map(str, range(draw.integers(1, 5))))
        return Feature(name=name, type=kind, categories=categories, missing=missing)
    return Feature(name=name, type=kind, min=low, max=high, missing=missing)


def _column(feature: Feature, draw: np.random.Generator) -> Array:
    """Values, a few of them outside what the feature admits."""
    if feature.categories:
        values = draw.integers(0, len(feature.categories), ROWS).astype(float)
    else:
        values = draw.normal(0, 4, ROWS)
    if feature.type == "integer":
        values = np.where(draw.random(ROWS) < 0.9, np.round(values), values)
    return np.where(feature.missing & (draw.random(ROWS) < 0.3), np.nan, values)


def _reach(feature: Feature, draw: np.random.Generator, *, paid: bool) -> Reach:
    if draw.random() < 0.2:
        return Reach(mutable=False)
    free = feature.type == "categorical" or feature.group is not None or feature.identifier
    way: Any = "any" if free else draw.choice(["any", "any", "up", "down"])
    return Reach(direction=way, cost=float(draw.choice([0.0, 0.5, 3.0])) if paid else None)


def _attacker(features: tuple[Feature, ...], draw: np.random.Generator) -> Attacker:
    norm = draw.choice(["L1", "L2", "Linf", "money"])
    paid = norm == "money"
    names = {feature.group or feature.name: feature for feature in features}
    reach = {name: _reach(feature, draw, paid=paid) for name, feature in names.items()}
    budget = float(draw.choice([0.05, 1.0, 30.0]))
    spend: dict[str, Any] = {"money": budget} if paid else {"norm": str(norm), "eps": budget}
    return Attacker(name="a", features=reach, categories=int(draw.integers(0, 4)), **spend)


def case(seed: int, *, relations: tuple[str, ...] = ()) -> Case:
    """One random case; relations speak of the numbers n0, n1, n2, which are then in front."""
    draw = rng(seed, "tables")
    numbers = tuple(Feature(name=f"n{j}") for j in range(3 if relations else 0))
    others = tuple(_feature(j, draw) for j in range(draw.integers(1, 6)))
    group = tuple(Feature(name=f"g{j}", group="g") for j in range(draw.integers(2, 4)))
    features = (*numbers, *others, *group)
    columns = [_column(feature, draw) for feature in (*numbers, *others)]
    hot = np.eye(len(group))[draw.integers(0, len(group), ROWS)]
    x0 = np.column_stack([*columns, hot])
    x0[0, -len(group) :] = np.nan
    schema = Schema(features=features, relations=relations)
    space = Mixed.of(schema, x0)
    constraint = Constraint(space, _attacker(features, draw), x0)
    return Case(schema, constraint, x0, _wanted(constraint, x0, draw))


def _wanted(constraint: Constraint, x0: Array, draw: np.random.Generator) -> Array:
    wanted, numeric = x0.copy(), constraint.numeric
    change = draw.normal(0, 1, (ROWS, len(numeric))) * draw.choice([0, 1], (ROWS, len(numeric)))
    wanted[:, numeric] += change * constraint.space.scale[numeric] * draw.choice([0.01, 1, 5])
    for switch in constraint.switches:
        here = (draw.random(ROWS) < 0.4) & (switch.chosen(x0) >= 0)
        drawn = draw.integers(0, len(switch.options), here.sum())
        wanted[np.ix_(here, switch.columns)] = switch.options[drawn]
    return wanted


CASES = st.integers(0, 10**6).map(case)
