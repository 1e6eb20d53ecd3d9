"""Two independent implementations agree about images: the validator, and the constraint."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.assess.validate import Confirmed
from bartizan.assess.validate_image import ImageValidator
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.schema import Image
from bartizan.core.space import Box
from bartizan.core.streams import rng
from models import Yes
from plain import Plain

ROWS = 12


@dataclass(frozen=True)
class Case:
    """An attacker of images, images, and what they would like to have instead."""

    image: Image
    constraint: Constraint
    x0: Array
    wanted: Array

    @property
    def repaired(self) -> Array:
        return self.constraint.repair(self.x0, self.wanted.copy())

    def confirmed(self, points: Array) -> Confirmed:
        checker = ImageValidator(Yes(classes=(0, 1)), Plain(), self.image, self.constraint.attacker)
        return checker.confirm(
            self.x0, points, y=np.zeros(ROWS, dtype=np.int64), claimed=np.ones(ROWS, dtype=bool)
        )


def attacker(image: Image, draw: np.random.Generator) -> Attacker:
    norm = str(draw.choice(["L1", "L2", "Linf", "money"]))
    paid = norm == "money"
    chosen = range(image.size) if paid else draw.permutation(image.size)[: draw.integers(0, 4)]
    reach = {}
    for place in chosen:
        cost = float(draw.choice([0.0, 0.5, 3.0])) if paid else None
        way: Any = draw.choice(["any", "up", "down"])
        fixed = draw.random() < 0.3
        reach[f"x{place}"] = Reach(mutable=False) if fixed else Reach(direction=way, cost=cost)
    spend: dict[str, Any] = {"money": 9.0} if paid else {"norm": norm, "eps": 0.1}
    return Attacker(name="a", features=reach, categories=0, **spend)


def case(seed: int) -> Case:
    draw = rng(seed, "images")
    low, high = [(0.0, 255.0), (0.0, 1.0), (-1.0, 1.0), (-3.5, 7.0)][draw.integers(4)]
    whole = bool(low == 0.0 and draw.random() < 0.5)
    height, width = (int(side) for side in draw.integers(1, 4, 2))
    channels = int(draw.choice([1, 3]))
    image = Image(height=height, width=width, channels=channels, min=low, max=high, whole=whole)
    x0 = draw.uniform(low, high, (ROWS, image.size))
    x0 = np.where(draw.random(x0.shape) < 0.05, x0 + (high - low), x0)  # a few lie outside
    x0 = np.round(x0) if whole else x0
    constraint = Constraint(Box.of(image), attacker(image, draw), x0)
    step = draw.normal(0, 1, x0.shape) * draw.choice([0, 1], x0.shape)
    step[:, np.setdiff1d(np.arange(image.size), constraint.numeric)] = 0.0
    return Case(image, constraint, x0, x0 + step * (high - low) * draw.choice([0.01, 1]))


CASES = st.integers(0, 10**6).map(case)


@given(it=CASES)
def test_what_the_constraint_makes_is_confirmed_at_the_same_price(it: Case) -> None:
    made = it.repaired
    sure = it.confirmed(made)
    assert it.constraint.valid(it.x0, made).all()
    assert sure.success.all()
    assert sure.price == pytest.approx(it.constraint.price(it.x0, made), rel=1e-9, abs=1e-12)


@settings(max_examples=200)
@given(it=CASES, seed=st.integers(0, 10**6))
def test_they_reject_the_same_spoilt_images(it: Case, seed: int) -> None:
    draw, made = np.random.default_rng(seed), it.repaired
    column = draw.integers(0, made.shape[1], ROWS)
    made[np.arange(ROWS), column] += draw.choice([-300, -1.0, -0.5, 0.5, 1.0, 300, np.nan], ROWS)
    assert np.array_equal(it.confirmed(made).success, it.constraint.valid(it.x0, made))


@given(it=CASES, seed=st.integers(0, 10**6))
def test_every_planted_violation_is_refused(it: Case, seed: int) -> None:
    """One value of each row is spoilt in one way that no attacker has."""
    draw, made = np.random.default_rng(seed), it.repaired
    reach = it.image.max - it.image.min
    for row, column in enumerate(draw.integers(0, made.shape[1], ROWS)):
        kind = draw.choice(["bright", "dark", "nan", "inf", "part" if it.image.whole else "bright"])
        highest = max(it.image.max, it.x0[row, column])
        lowest = min(it.image.min, it.x0[row, column])
        made[row, column] = {
            "bright": highest + 0.01 * reach,
            "dark": lowest - 0.01 * reach,
            "nan": np.nan,
            "inf": -np.inf,
            "part": (lowest + highest) // 2 + 0.25,
        }[str(kind)]
    assert not it.confirmed(made).success.any()


@given(it=CASES)
def test_a_fixed_value_that_moved_is_refused(it: Case) -> None:
    names = [f"x{place}" for place in range(it.image.size)]
    still = Attacker(
        name="a", norm="L2", eps=1.0, features={name: Reach(mutable=False) for name in names}
    )
    stuck = replace(it, constraint=replace(it.constraint, attacker=still))
    moved = (it.repaired != it.x0).any(axis=1)
    assert np.array_equal(stuck.confirmed(it.repaired).success, ~moved)
