"""Groups of pictures that stand apart in their class, and which of them are like no honest one."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits

from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.picture_triggers import patch
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Image, Schema
from bartizan.data.detectors.picture_groups import distinct, suspected
from bartizan.data.detectors.suspects import NEEDED, NEEDED_CLEAR, Suspects, clearest
from bartizan.data.labelled import Labelled

IMAGE = Image(height=8, width=8, channels=1, max=16.0)


class PixelsOnly(Labelled):
    """Rows of which no network is trained."""

    hidden = ()


def digits() -> tuple[Array, Ints]:
    x, y = load_digits(return_X_y=True)
    return x, y.astype(np.int64)


def found(x: Array, y: Ints) -> list[Suspects]:
    data = Dataset(
        name="rows",
        x=x,
        y=y,
        classes=tuple(range(10)),
        ids=np.arange(len(y)),
        schema=Schema(image=IMAGE),
        digest="none",
    )
    return suspected(PixelsOnly(data=data), fewest=4, rng=np.random.default_rng(0))


def likeness(one: Suspects, rows: Mask) -> float:
    return float((one.member & rows).sum() / (one.member | rows).sum())


@pytest.mark.parametrize("rate", [0.03, 0.1])
def test_carriers_of_a_patch_are_the_clearest_group_and_any_effect_tells_them(rate: float) -> None:
    x, y = digits()
    rng = np.random.default_rng(0)
    made = planted(x, y, trigger=patch(IMAGE, rng=rng), target=4, rate=rate, rng=rng)
    first = found(made.x, made.y)[0]
    assert first.label == 4
    assert likeness(first, np.isin(np.arange(len(y)), made.rows)) > 0.95
    assert first.needed == NEEDED_CLEAR


def test_no_group_of_clean_digits_is_told_by_any_effect() -> None:
    assert {one.needed for one in found(*digits())} == {NEEDED}


def test_one_film_is_no_mark_however_far_apart_it_is() -> None:
    x, y = digits()
    rng = np.random.default_rng(0)
    rows = np.flatnonzero(y == 4)[:40]
    film = np.isin(np.arange(len(y)), rows)
    x[rows] = np.clip(x[rows[0]][::-1] + rng.normal(0, 0.3, size=(40, 64)), 0, 16)
    seen = [one for one in found(x, y) if likeness(one, film) > 0.9]
    assert seen
    assert {one.needed for one in seen} == {NEEDED}


def suspects(member: list[int], gain: float, *, label: int = 0) -> Suspects:
    held = np.isin(np.arange(20), member)
    return Suspects(
        label=label, member=held, gain=gain, rows=np.arange(20), along=held.astype(np.float64)
    )


def test_groups_alike_are_one_and_a_class_has_a_few() -> None:
    twice = [suspects([1, 2, 3, 4, 5], 50.0), suspects([1, 2, 3, 4, 5], 40.0)]
    assert distinct(twice) == twice[:1]
    many = [suspects([k], 30.0 - k) for k in range(20)]
    assert 1 < len(distinct(many)) < 20


@pytest.mark.parametrize(
    "change",
    [{"needed": NEEDED_CLEAR}, {"gain": 60.0}, {"far": 5.0}, {"moved": 0.9}, {"varied": 2.0}],
)
def test_what_makes_a_group_clearer(change: dict[str, float]) -> None:
    plain = replace(suspects([1], 50.0), varied=0.9)
    other = replace(plain, **change)  # type: ignore[arg-type] # the names are fields
    assert clearest([plain, other])[0] is other
