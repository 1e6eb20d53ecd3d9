import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from bartizan.attack.poisoning.label_flips import random_flips
from bartizan.attack.poisoning.linear_gradient import Ascent, gradient_poison, poison_slope
from bartizan.attack.poisoning.linear_model import LOSSES, LossName, fitted
from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import InputError, ModelError, NonFiniteError
from bartizan.core.streams import rng

both = pytest.mark.parametrize("loss", ["ridge", "logistic"])


def rows(n: int, *, d: int = 4, seed: int = 0) -> tuple[Array, Ints]:
    draws = np.random.default_rng(seed)
    weights = np.random.default_rng(99).normal(size=d)
    x = draws.normal(size=(n, d))
    return x, (x @ weights + draws.normal(size=n) * 0.7 > 0.3).astype(np.int64)


def signs(y: Ints) -> Array:
    return np.where(y == 1, 1.0, -1.0)


def test_ridge_is_the_closed_form() -> None:
    x, y = rows(60)
    model = fitted(x, signs(y), loss="ridge", decay=2.5)
    wide = np.column_stack([x, np.ones(60)])
    pull = np.diag([2.5] * 4 + [0.0])
    exact = np.linalg.solve(wide.T @ wide + pull, wide.T @ signs(y))
    assert np.allclose(model.theta, exact, atol=1e-8)


def test_logistic_is_what_a_general_minimiser_finds() -> None:
    x, y = rows(60)
    model = fitted(x, signs(y), loss="logistic", decay=0.7)

    def height(theta: Array) -> float:
        inner = signs(y) * (x @ theta[:-1] + theta[-1])
        return float(np.logaddexp(0, -inner).sum() + 0.35 * theta[:-1] @ theta[:-1])

    exact = minimize(height, np.zeros(5), tol=1e-12)
    assert height(model.theta) <= exact.fun + 1e-9
    assert np.allclose(model.theta, exact.x, atol=1e-4)


def test_logistic_is_that_of_scikit_learn() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    x, y = rows(200)
    theirs = linear.LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(x, y)
    ours = fitted(x, signs(y), loss="logistic", decay=1.0).theta
    assert np.allclose(ours, np.append(theirs.coef_[0], theirs.intercept_), atol=1e-5)


def judged_after(poison: Array, x: Array, s: Array, *, loss: LossName) -> float:
    """Mean loss on other rows of a model trained with poison in the first rows."""
    made = x.copy()
    made[: len(poison)] = poison
    model = fitted(made, s, loss=loss, decay=1.0)
    other, labels = rows(50, seed=1)
    return float(LOSSES[loss].value(model.scores(other), signs(labels)).mean())


@both
def test_the_slope_is_that_of_training_anew(loss: LossName) -> None:
    x, y = rows(40)
    other, labels = rows(50, seed=1)
    slope = poison_slope(
        fitted(x, signs(y), loss=loss, decay=1.0),
        x[:3],
        signs(y)[:3],
        judged_x=other,
        judged_signs=signs(labels),
        loss=loss,
    )
    exact = approx_fprime(
        x[:3].ravel(), lambda flat: judged_after(flat.reshape(3, 4), x, signs(y), loss=loss), 1e-6
    )
    assert np.abs(exact).max() > 1e-4
    assert np.allclose(slope.ravel(), exact, atol=1e-3 * np.abs(exact).max())


def test_the_slope_of_ridge_is_the_derivative_of_the_closed_form() -> None:
    """d theta / dt = A^-1 (db/dt - dA/dt theta), for A theta = b, by the product rule."""
    x, y = rows(40)
    other, labels = rows(50, seed=1)
    wide, s = np.column_stack([x, np.ones(40)]), signs(y)
    matrix = wide.T @ wide + np.diag([1.0] * 4 + [0.0])
    theta = np.linalg.solve(matrix, wide.T @ s)
    reach = np.column_stack([other, np.ones(50)])
    residual = (reach @ theta - signs(labels)) / 50
    exact = np.zeros(4)
    for j in range(4):
        unit = np.eye(5)[j]
        turned = np.outer(unit, wide[0]) + np.outer(wide[0], unit)
        moved = np.linalg.solve(matrix, unit * s[0] - turned @ theta)
        exact[j] = residual @ reach @ moved
    slope = poison_slope(
        fitted(x, s, loss="ridge", decay=1.0),
        x[:1],
        s[:1],
        judged_x=other,
        judged_signs=signs(labels),
        loss="ridge",
    )
    assert np.allclose(slope[0], exact, rtol=1e-6)


def attacked(loss: LossName, rate: float, *, x: Array, y: Ints) -> tuple[Array, Ints]:
    other, labels = rows(200, d=8, seed=1)
    made = gradient_poison(
        x,
        y,
        judged_x=other,
        judged_y=labels,
        low=np.full(8, -3.0),
        high=np.full(8, 3.0),
        rate=rate,
        rng=rng(0),
        ascent=Ascent(loss=loss),
    )
    return made.x, made.y


@both
def test_poison_costs_many_times_what_flips_cost_on_rows_nobody_judged(loss: LossName) -> None:
    x, y = rows(400, d=8)
    x = np.clip(x, -3.0, 3.0)
    fresh, labels = rows(2000, d=8, seed=2)

    def accuracy(x: Array, y: Ints) -> float:
        scores = fitted(x, signs(y), loss=loss, decay=1.0).scores(fresh)
        return float(((scores > 0) == (labels == 1)).mean())

    flipped = random_flips(x, y, k=2, rate=0.05, rng=rng(0))
    clean = accuracy(x, y)
    lost = clean - accuracy(*attacked(loss, 0.05, x=x, y=y))
    assert lost >= 0.1
    assert lost >= 5 * (clean - accuracy(flipped.x, flipped.y))


@both
def test_more_steps_never_hurt_the_victim_less(loss: LossName) -> None:
    x, y = rows(100)
    heights = []
    for steps in (0, 1, 4, 16):
        other, labels = rows(50, seed=1)
        made = gradient_poison(
            x,
            y,
            judged_x=other,
            judged_y=labels,
            low=np.full(4, -3.0),
            high=np.full(4, 3.0),
            rate=0.05,
            rng=rng(0),
            ascent=Ascent(loss=loss, steps=steps),
        )
        model = fitted(made.x, signs(made.y), loss=loss, decay=1.0)
        heights.append(LOSSES[loss].value(model.scores(other), signs(labels)).mean())
    assert heights == sorted(heights)
    assert heights[-1] > heights[0]


def test_columns_without_variance_and_doubled_ones_do_no_harm() -> None:
    x, y = rows(100)
    wide = np.column_stack([x, x[:, :1], np.full(100, 7.0)])
    for loss in LOSSES:
        model = fitted(wide, signs(y), loss=loss, decay=0.0)
        assert np.isfinite(model.theta).all()


def test_classes_that_nothing_keeps_apart_have_no_fit() -> None:
    x = np.array([[-1.0], [1.0]])
    with pytest.raises(ModelError, match="larger decay"):
        fitted(x * 1e-6, np.array([-1.0, 1.0]), loss="logistic", decay=0.0)


def test_gaps_and_further_classes_are_refused() -> None:
    x, y = rows(20)
    limits = {"low": np.full(4, -3.0), "high": np.full(4, 3.0), "rate": 0.1, "rng": rng(0)}
    with pytest.raises(InputError, match="classes 0 and 1"):
        gradient_poison(x, y + 1, judged_x=x, judged_y=y, **limits)  # type: ignore[arg-type]  # a dict of keywords
    x[3, 2] = np.nan
    with pytest.raises(NonFiniteError, match="missing values"):
        gradient_poison(x, y, judged_x=x, judged_y=y, **limits)  # type: ignore[arg-type]  # a dict of keywords
