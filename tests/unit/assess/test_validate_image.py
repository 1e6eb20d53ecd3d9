from typing import Any

import numpy as np
import pytest

from bartizan.assess.validate import Confirmed
from bartizan.assess.validate_image import ImageValidator
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.schema import Image
from models import Yes
from plain import Plain

WHOLE = Image(height=2, width=2, channels=1)
REAL = Image(height=2, width=2, channels=1, min=-1.0, max=1.0, whole=False)
EVE = Attacker(
    name="eve",
    norm="Linf",
    eps=0.1,
    features={
        "x1": Reach(mutable=False),
        "x2": Reach(direction="up"),
        "x3": Reach(direction="down"),
    },
)
BEFORE = np.array([100.0, 100, 100, 100])


def judged(after: Any, *, before: Any = BEFORE, y: int = 0, **changes: Any) -> Confirmed:
    parts: dict[str, Any] = {
        "model": Yes(), "codec": Plain(), "image": WHOLE, "attacker": EVE, **changes
    }  # fmt: skip
    rows = np.array(after, dtype=float)[None], np.array(before, dtype=float)[None]
    return ImageValidator(**parts).confirm(
        rows[1], rows[0], y=np.array([y]), claimed=np.array([True])
    )


@pytest.mark.parametrize(
    "after",
    [
        [100, 100, 100, 100],
        [0, 100, 255, 0],
        [255, 100, 101, 99],
    ],
)
def test_an_honest_claim_is_confirmed(after: list[float]) -> None:
    sure = judged(after)
    assert (sure.success.tolist(), sure.decided.tolist()) == ([True], [1])
    assert sure.price[0] == pytest.approx(np.abs(np.array(after) - BEFORE).max() / 255)


LIES = {
    "too dark": [-1, 100, 100, 100],
    "too bright": [256, 100, 100, 100],
    "a hair too bright": [255 + 1e-9, 100, 100, 100],
    "half a shade": [100.5, 100, 100, 100],
    "a hair of a shade": [100 + 1e-9, 100, 100, 100],
    "a fixed value": [100, 101, 100, 100],
    "down where only up": [100, 100, 99, 100],
    "up where only down": [100, 100, 100, 101],
    "no number": [np.nan, 100, 100, 100],
    "infinity": [np.inf, 100, 100, 100],
    "minus infinity": [100, 100, 100, -np.inf],
}


@pytest.mark.parametrize("after", LIES.values(), ids=LIES)
def test_a_lie_is_rejected_without_asking_the_model(after: list[float]) -> None:
    model = Yes()
    sure = judged(after, model=model)
    assert (sure.success.tolist(), sure.decided.tolist()) == ([False], [-1])
    assert np.isinf(sure.price).all()
    assert not model.asked


def test_real_values_have_the_slack_of_single_precision_and_no_more() -> None:
    start = [0.0, 0, 0, 0]
    for value, okay in ((1 + 1e-7, True), (1 + 1e-5, False), (0.123, True), (-1.1, False)):
        after = [value, 0, 0, 0]
        assert judged(after, before=start, image=REAL).success.tolist() == [okay]


def test_a_value_that_starts_outside_may_stay_or_come_back_but_not_go_further() -> None:
    start = [300.0, -5.0, 100.0, 100.0]
    free = Attacker(name="eve", norm="Linf", eps=1.0)
    for after, okay in (
        (start, True),
        ([280, -2, 100, 100], True),
        ([301, -5, 100, 100], False),
        ([300, -6, 100, 100], False),
    ):
        assert judged(after, before=start, attacker=free).success.tolist() == [okay]


def test_a_fraction_that_was_there_may_stay() -> None:
    start = [0.5, 100.0, 100.0, 100.0]
    assert judged([0.5, 100, 120, 100], before=start).success.tolist() == [True]
    assert judged([1.5, 100, 120, 100], before=start).success.tolist() == [False]


def test_a_claim_is_judged_after_decoding() -> None:
    sure = judged([117.4, 100, 100, 100], codec=Plain(step=1.0))
    assert (sure.points[0, 0], sure.price[0]) == (117, pytest.approx(17 / 255))
    assert judged([255.4, 100, 100, 100], codec=Plain(step=1.0)).success.tolist() == [True]


def test_a_class_that_did_not_flip_or_is_not_the_goal_is_rejected() -> None:
    assert judged(BEFORE, y=1).success.tolist() == [False]
    aimed = Attacker(name="eve", norm="L2", eps=1.0, goal="odd")
    assert judged(BEFORE, attacker=aimed).success.tolist() == [False]
    assert judged(BEFORE, attacker=aimed, model=Yes(answer=2)).success.tolist() == [True]


def test_only_what_is_claimed_is_asked_about_and_each_image_alone() -> None:
    model = Yes()
    rows = np.tile(BEFORE, (3, 1)) + np.arange(3)[:, None] * [1, 0, 0, 0]
    sure = ImageValidator(model, Plain(), WHOLE, EVE).confirm(
        np.tile(BEFORE, (3, 1)),
        rows,
        y=np.zeros(3, dtype=np.int64),
        claimed=np.array([True, False, True]),
    )
    assert sure.success.tolist() == [True, False, True]
    assert sure.decided.tolist() == [1, -1, 1]
    assert [asked.tolist() for asked in model.asked] == [[rows[0].tolist()], [rows[2].tolist()]]


@pytest.mark.parametrize(
    ("norm", "length"), [("L1", 140 / 255), ("L2", 100 / 255), ("Linf", 80 / 255)]
)
def test_the_price_is_the_length_in_ways_from_dark_to_bright(norm: Any, length: float) -> None:
    attacker = Attacker(name="eve", norm=norm, eps=1.0)
    sure = judged([160, 20, 100, 100], attacker=attacker)
    assert sure.price[0] == pytest.approx(length)
    real = judged([0.6, -0.8, 0, 0], before=[0, 0, 0, 0], attacker=attacker, image=REAL)
    assert real.price[0] == pytest.approx(length * 255 / 200)


def test_money_adds_up() -> None:
    costs = {f"x{place}": Reach(cost=cost) for place, cost in enumerate((2.0, 0.5, 0.0, 1.0))}
    attacker = Attacker(name="eve", money=1.0, features=costs)
    assert judged([103, 96, 0, 100], attacker=attacker).price[0] == pytest.approx(6 + 2)
