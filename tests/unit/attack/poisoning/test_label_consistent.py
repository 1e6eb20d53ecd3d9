from dataclasses import dataclass

import numpy as np

from bartizan.attack.poisoning.label_consistent import Strength, label_consistent
from bartizan.attack.poisoning.picture_triggers import patch
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Loss
from bartizan.core.streams import rng
from bartizan.core.trigger import Poisoned
from poison_worlds import GREY, IMAGE, RATE, TARGET, Sloped, pictures, sloped


@dataclass(frozen=True)
class Hidden(Sloped):
    """A model whose gradient is no number."""

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, slope = super().value_and_grad(x, loss)
        return value, slope * np.nan


FREE = patch(IMAGE, corner="top-left", rng=rng(0)).mask == 0.0


def made(x: Array, y: Ints, *, model: bool = True, strength: Strength | None = None) -> Poisoned:
    return label_consistent(
        x,
        y,
        image=IMAGE,
        trigger=patch(IMAGE, corner="top-left", rng=rng(0)),
        target=TARGET,
        rate=RATE,
        rng=rng(0),
        model=sloped(IMAGE) if model else None,
        strength=strength,
    )


def loss(x: Array) -> Array:
    scores = sloped(IMAGE).scores(x)
    return np.asarray(np.logaddexp.reduce(scores, axis=1) - scores[:, TARGET])


def test_rows_move_within_their_box_and_up_the_loss() -> None:
    x, y = pictures(IMAGE)
    how = Strength(eps=0.05, steps=10)
    found = made(x, y, strength=how)
    move = found.x[found.rows][:, FREE] - x[found.rows][:, FREE]
    assert np.abs(move).max() <= 0.05 * 255 + 0.5  # pixels are whole
    without = x[found.rows].copy()
    without[:, FREE] = found.x[found.rows][:, FREE]
    assert (loss(without) > loss(x[found.rows])).all()


def test_the_loss_of_a_linear_model_climbs_as_far_as_the_box_allows() -> None:
    """With two classes the best point is the corner that the sign of the weights names."""
    x, y = pictures(IMAGE)
    model = sloped(IMAGE)
    weights = model.weights.copy()
    weights[:, 2] = weights[:, 0]  # the gradient then never turns
    two = type(model)(weights)
    found = label_consistent(
        x,
        y,
        image=IMAGE,
        trigger=patch(IMAGE, corner="top-left", rng=rng(0)),
        target=TARGET,
        rate=RATE,
        rng=rng(0),
        model=two,
        strength=Strength(eps=0.05, steps=10),
    )
    sign = np.sign(weights[:, 0] - weights[:, 1])
    best = np.rint(np.clip(x[found.rows] + 0.05 * 255 * sign, 0, 255))
    assert np.array_equal(found.x[found.rows][:, FREE], best[:, FREE])


def test_without_a_model_rows_are_mixed_with_rows_of_other_classes() -> None:
    x, y = pictures(IMAGE)
    found = made(x, y, model=False, strength=Strength(mixture=0.5))
    others = x[y != TARGET]
    for row in found.rows:
        mixed = np.rint(x[row] + 0.5 * (others - x[row]))[:, FREE]
        assert (mixed == found.x[row][FREE]).all(axis=1).any()


def test_rows_of_one_class_are_mixed_with_their_own_values_in_disorder() -> None:
    x, _ = pictures(IMAGE)
    y = np.full(len(x), TARGET)
    found = made(x, y, model=False, strength=Strength(mixture=1.0))
    assert len(found.rows) == 10
    for row in found.rows:
        assert np.isin(found.x[row][FREE], x[row]).all()


def test_a_model_that_hides_its_gradient_leaves_rows_inside_their_box() -> None:
    x, y = pictures(GREY)

    found = label_consistent(
        x,
        y,
        image=GREY,
        trigger=patch(GREY, corner="top-left", rng=rng(0)),
        target=TARGET,
        rate=RATE,
        rng=rng(0),
        model=Hidden(sloped(GREY).weights),
    )
    assert np.isfinite(found.x).all()


def test_a_rate_of_nothing_changes_nothing() -> None:
    x, y = pictures(IMAGE)
    found = label_consistent(
        x, y, image=IMAGE, trigger=patch(IMAGE, rng=rng(0)), target=TARGET, rate=0.0, rng=rng(0)
    )
    assert len(found.rows) == 0
    assert np.array_equal(found.x, x)
