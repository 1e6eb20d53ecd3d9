"""The search for the smallest marks: closed forms, planted marks, and what it refuses."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.classifier import Loss, ScoreKind
from bartizan.core.errors import ShapeError
from bartizan.core.schema import Label
from bartizan.detect.trigger_canvas import Canvas
from bartizan.detect.trigger_inversion import (
    Inversion,
    Marks,
    Search,
    cross_entropy,
    invert,
    screened,
)


@dataclass
class Planted:
    """Each class likes pixels of its own, as many as the others; one pixel calls one far louder."""

    k: int = 6
    d: int = 37
    pixel: int = 36
    target: int = 2
    strength: float = 60.0
    score_kind: ScoreKind = "logit"
    weights: Array = field(init=False)
    sent: int = 0

    def __post_init__(self) -> None:
        self.weights = np.zeros((self.d, self.k))
        self.weights[np.arange(self.d), np.arange(self.d) % self.k] = 5.0
        self.weights[self.pixel] = 0.0
        self.weights[self.pixel, self.target] = self.strength

    @property
    def classes(self) -> tuple[Label, ...]:
        return tuple(range(self.k))

    def scores(self, x: Array) -> Array:
        return x @ self.weights

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        self.sent = max(self.sent, len(x))
        value, slope = loss(self.scores(x))
        return value, slope @ self.weights.T


def finish(search: Search) -> Marks:
    while True:
        try:
            share = next(search)
            assert 0.0 <= share <= 1.0
        except StopIteration as end:
            marks: Marks = end.value
            return marks


def rows(model: Planted, n: int = 200) -> Array:
    x = np.random.default_rng(1).uniform(size=(n, model.d))
    x[:, model.pixel] = 0.0
    return x


def found(model: Planted, *, settings: Inversion | None = None, n: int = 200) -> Marks:
    x = rows(model, n)
    canvas = Canvas(low=np.zeros(model.d), high=np.ones(model.d))
    return finish(
        invert(
            model,
            x,
            model.scores(x).argmax(axis=1),
            canvas=canvas,
            targets=np.arange(model.k),
            settings=settings or Inversion(),
            rng=np.random.default_rng(0),
        )
    )


def test_the_target_of_a_planted_pixel_has_by_far_the_smallest_mark() -> None:
    model = Planted()
    marks = found(model)
    assert marks.targets[marks.size.argmin()] == model.target
    assert marks.size[model.target] < 0.5 * np.median(marks.size)
    assert marks.mask[model.target].argmax() == model.pixel
    assert marks.reached[model.target]


def test_without_a_planted_pixel_no_class_stands_out() -> None:
    marks = found(Planted(strength=0.0))
    assert marks.size.min() > 0.5 * np.median(marks.size)


def test_the_mark_turns_rows_it_was_not_made_on() -> None:
    model = Planted()
    fresh = np.random.default_rng(9).uniform(size=(300, model.d))
    stamped = found(model).overlay(model.target).stamp(fresh, rng=np.random.default_rng(0))
    assert (model.scores(stamped).argmax(axis=1) == model.target).mean() > 0.9


def test_equal_seeds_give_equal_marks() -> None:
    np.testing.assert_array_equal(found(Planted()).mask, found(Planted()).mask)


def test_no_mark_lies_where_the_canvas_is_closed() -> None:
    model = Planted()
    x = rows(model)
    high = np.ones(model.d)
    high[model.pixel] = 0.0
    marks = finish(
        invert(
            model,
            x,
            model.scores(x).argmax(axis=1),
            canvas=Canvas(low=np.zeros(model.d), high=high),
            targets=np.arange(model.k),
            settings=Inversion(steps=20),
            rng=np.random.default_rng(0),
        )
    )
    assert not marks.mask[:, model.pixel].any()


def test_a_model_without_a_slope_is_told_by_the_share_that_vanished() -> None:
    model = Planted()
    model.weights = np.zeros_like(model.weights)
    x = rows(model)
    decided = np.arange(len(x)) % model.k
    canvas = Canvas(low=np.zeros(model.d), high=np.ones(model.d))
    marks = finish(
        invert(
            model,
            x,
            decided,
            canvas=canvas,
            targets=np.arange(1, model.k),
            settings=Inversion(steps=3),
            rng=np.random.default_rng(0),
        )
    )
    assert marks.vanished > 0.9
    assert not marks.reached.any()


def test_a_target_that_every_row_has_already_is_refused() -> None:
    model = Planted()
    x = rows(model)
    with pytest.raises(ShapeError, match="rows that the model does not give the target"):
        next(
            invert(
                model,
                x,
                np.zeros(len(x), dtype=np.int64),
                canvas=Canvas(low=np.zeros(model.d), high=np.ones(model.d)),
                targets=np.arange(2),
                settings=Inversion(),
                rng=np.random.default_rng(0),
            )
        )


def test_a_thousand_classes_are_screened_and_the_planted_one_is_searched_in_full() -> None:
    model = Planted(k=1000, d=64, pixel=63, target=777, strength=60.0)
    x = rows(model, 60)
    marks = finish(
        screened(
            model,
            x,
            model.scores(x).argmax(axis=1),
            canvas=Canvas(low=np.zeros(model.d), high=np.ones(model.d)),
            targets=np.arange(model.k),
            most=8,
            rng=np.random.default_rng(0),
        )
    )
    assert len(marks.targets) == 8
    assert marks.targets[marks.size.argmin()] == 777


def test_one_step_never_sends_more_numbers_than_is_said() -> None:
    model = Planted(k=4, d=90_000, pixel=5)
    found(model, settings=Inversion(steps=1), n=20)
    assert model.sent * model.d <= 4_000_000


def test_the_slope_of_the_loss_is_that_of_differences() -> None:
    scores = np.random.default_rng(3).normal(size=(5, 4))
    wanted = np.array([0, 1, 2, 3, 0])
    value, slope = cross_entropy(scores, wanted)
    for column in range(4):
        moved = scores.copy()
        moved[:, column] += 1e-6
        np.testing.assert_allclose(
            (cross_entropy(moved, wanted)[0] - value) / 1e-6, slope[:, column], atol=1e-5
        )
