from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.plan import (
    Planned,
    constraints,
    missing_need,
    with_neighbours,
)
from bartizan.attack import ENTRIES
from bartizan.core.attacker import Access, Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.entry import Entry
from bartizan.core.errors import ConfigError
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box, Mixed

SPACE = Box.uniform(2)
ROWS = np.zeros((1, 2))
NUMBERS = {"x0": Reach(mutable=False), "x1": Reach(mutable=False)}


def attacker(**more: Any) -> Attacker:
    return Attacker(**{"name": "eve", "norm": "L2", "eps": 1.0, **more})


def constraint(**more: Any) -> Constraint:
    return Constraint(SPACE, attacker(**more), ROWS)


def entry(*needs: Any) -> Entry:
    return replace(ENTRIES[0], needs=needs)


def test_beside_each_attacker_stand_a_weaker_and_a_stronger_one() -> None:
    same, weaker, stronger = with_neighbours(attacker(access="scores", categories=4))
    assert same == attacker(access="scores", categories=4)
    assert (weaker.name, weaker.standing) == ("eve-weaker", "weaker")
    assert (weaker.eps, weaker.categories, weaker.access) == (0.5, 2, "labels")
    assert (stronger.name, stronger.standing) == ("eve-stronger", "stronger")
    assert (stronger.eps, stronger.categories, stronger.access) == (2.0, 8, "scores")


def test_only_the_declared_one_decides() -> None:
    assert [a.decides for a in with_neighbours(attacker())] == [True, False, False]
    assumed = with_neighbours(attacker(standing="assumed"))
    assert [a.decides for a in assumed] == [True, False, False]


def test_money_is_halved_and_doubled_too() -> None:
    _, weaker, stronger = with_neighbours(Attacker(name="eve", money=10.0))
    assert (weaker.money, weaker.eps, stronger.money) == (5.0, None, 20.0)


@pytest.mark.parametrize(
    ("access", "more"),
    [("labels", "scores"), ("scores", "scores"), ("gradients", "gradients"),
     ("structure", "structure")],
)  # fmt: skip
def test_the_stronger_one_sees_scores_at_least(access: Access, more: Access) -> None:
    assert with_neighbours(attacker(access=access))[2].access == more


@pytest.mark.parametrize(("allowed", "fewer"), [(0, 0), (1, 1), (2, 1), (3, 2), (9, 4)])
def test_the_weaker_one_keeps_a_category_where_there_is_one(allowed: int, fewer: int) -> None:
    assert with_neighbours(attacker(categories=allowed))[1].categories == fewer


def test_all_else_is_the_same_for_the_neighbours() -> None:
    declared = attacker(
        goal="good", protected=("bad",), queries=7, features={"x0": Reach(direction="up")}
    )
    for other in with_neighbours(declared)[1:]:
        for name in ("goal", "protected", "queries", "features", "norm"):
            assert getattr(other, name) == getattr(declared, name)


def test_every_attacker_comes_with_their_neighbours_in_the_same_space() -> None:
    classes = np.zeros(1, dtype=np.int64)
    both = [attacker(), attacker(name="bob")]
    made = constraints(both, SPACE, sample=ROWS, sample_y=classes)
    assert [c.attacker.name for c in made] == [
        "eve", "eve-weaker", "eve-stronger", "bob", "bob-weaker", "bob-stronger",
    ]  # fmt: skip
    assert all(c.space is SPACE and c.sample is ROWS and c.sample_y is classes for c in made)


def test_an_entry_that_needs_more_than_the_attacker_sees_says_so() -> None:
    assert missing_need(entry("scores"), constraint()) == "it needs scores"
    assert missing_need(entry("scores"), constraint(access="scores")) is None
    assert missing_need(entry("scores"), constraint(access="structure")) is None
    assert missing_need(entry("labels"), constraint()) is None


def test_an_entry_that_moves_numbers_needs_one_that_moves() -> None:
    frozen = constraint(features=NUMBERS)
    assert missing_need(entry("numeric"), constraint()) is None
    assert missing_need(entry("numeric"), frozen) == "the attacker can move no number"
    assert missing_need(entry("choices"), frozen) == "the attacker can change nothing"
    assert missing_need(entry("choices"), constraint()) is None


def test_a_category_is_enough_for_an_entry_that_makes_choices() -> None:
    schema = Schema(features=(Feature(name="c", type="categorical", categories=("a", "b")),))
    space = Mixed.of(schema, np.zeros((1, 1)))
    only = Constraint(space, attacker(), np.zeros((1, 1)))
    assert missing_need(entry("choices"), only) is None
    assert missing_need(entry("numeric"), only) == "the attacker can move no number"
    none = Constraint(space, attacker(categories=0), np.zeros((1, 1)))
    assert missing_need(entry("choices"), none) == "the attacker can change nothing"


def test_the_first_missing_need_is_told() -> None:
    frozen = constraint(features=NUMBERS)
    assert missing_need(entry("labels", "scores", "numeric"), frozen) == "it needs scores"


def test_the_id_of_a_finding_names_entry_subject_and_attacker() -> None:
    rows = np.zeros(0, dtype=np.int64)
    attack = Planned(entry=ENTRIES[0], constraint=constraint(), rows=rows, queries=1)
    assert attack.id("fraud") == "evasion.coordinate@fraud#eve"
    check = Planned(entry=ENTRIES[0], constraint=None, rows=rows, queries=0)
    assert check.id("fraud") == "evasion.coordinate@fraud"
    assert check.attacker is None


@pytest.mark.parametrize("other", ["eve", "eve-weaker"])
def test_two_attackers_of_one_name_are_refused(other: str) -> None:
    with pytest.raises(ConfigError, match=f"two attackers are called '{other}'"):
        constraints(
            [attacker(), attacker(name=other)], SPACE, sample=ROWS, sample_y=np.zeros(1, np.int64)
        )
