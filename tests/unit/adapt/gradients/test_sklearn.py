import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import (
    LogisticRegression,
    Perceptron,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_gradient import BoundGradient
from bartizan.core.arrays import Ints
from bartizan.core.classifier import Differentiable, Loss, offered
from unit.adapt import pictures, samples

Made = Callable[[Ints], Loss]
LOSSES = pytest.mark.parametrize("loss", pictures.LOSSES.values(), ids=list(pictures.LOSSES))


def named(made: Any) -> str:
    return getattr(made, "activation", type(made).__name__)


def perceptron(activation: str) -> Any:
    return MLPClassifier((7, 5), activation=activation, solver="lbfgs", max_iter=15, random_state=0)


def fitted(model: Any, classes: int) -> Any:
    x, y = samples.arrays(classes)
    with np.errstate(all="ignore"):
        return model.fit(x, y)


def compare(made: Any, loss: Made, *, classes: int, threshold: float | None = None) -> None:
    x, y = samples.arrays(classes)
    bound = bind(load_model(made, threshold=threshold), samples.table(classes))
    assert isinstance(bound, BoundGradient)
    value, slope = bound.value_and_grad(x[:60], loss(y[:60]))
    scores = bound.scores(x[:60])
    seen = np.log(scores) if bound.score_kind == "probability" else scores
    np.testing.assert_allclose(value, loss(y[:60])(seen)[0], rtol=1e-9, atol=1e-12)
    expected = pictures.differences(bound, x[:60], loss(y[:60]))
    # the differences, not the gradient, lose digits where a probability is next to 1
    room = (1e-4 if bound.score_kind == "probability" else 1e-6) * max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(slope, expected, atol=room)
    assert np.abs(slope).max() > 1e-3


@LOSSES
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        LinearSVC(),
        LinearSVC(fit_intercept=False),
        SGDClassifier(random_state=0),
        RidgeClassifier(),
        Perceptron(),
        LinearDiscriminantAnalysis(),
    ],
    ids=named,
)
def test_linear_models(model: Any, classes: int, loss: Made) -> None:
    compare(fitted(model, classes), loss, classes=classes)


@LOSSES
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_perceptrons_of_several_layers(activation: str, classes: int, loss: Made) -> None:
    compare(fitted(perceptron(activation), classes), loss, classes=classes)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        MinMaxScaler((-3, 2)),
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(with_centering=False, with_scaling=False),
        "passthrough",
    ],
    ids=str,
)
@pytest.mark.parametrize("model", [LogisticRegression(), perceptron("tanh")], ids=named)
def test_scalers_before_the_model(model: Any, scaler: Any) -> None:
    made = fitted(make_pipeline(scaler, MinMaxScaler(), model), 3)
    compare(made, pictures.entropy, classes=3)


@LOSSES
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("model", [LogisticRegression(), perceptron("relu")], ids=named)
def test_an_operating_point_leaves_the_gradient_right(model: Any, loss: Made) -> None:
    compare(fitted(model, 2), loss, classes=2, threshold=0.2)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(MinMaxScaler(clip=True), LogisticRegression()),
        make_pipeline(PolynomialFeatures(2), LogisticRegression()),
        RandomForestClassifier(3, random_state=0),
        SVC(kernel="rbf"),
        SVC(kernel="linear"),
    ],
    ids=["clip", "polynomial", "forest", "rbf", "one-vs-one"],
)
def test_models_without_a_closed_form_show_no_gradient(model: Any) -> None:
    bound = bind(load_model(fitted(model, 3)), samples.table(3))
    assert not isinstance(bound, Differentiable)


def test_an_estimator_that_only_looks_linear_shows_no_gradient() -> None:
    class Squared(LogisticRegression):  # type: ignore[misc] # scikit-learn is not typed
        def decision_function(self, rows: Any) -> Any:
            return super().decision_function(rows) ** 3

    bound = bind(load_model(fitted(Squared(), 2)), samples.table())
    assert offered(bound) == "scores"


def test_columns_by_name_and_left_out_reach_the_gradient() -> None:
    data = samples.frame()
    made = LogisticRegression().fit(data[["gamma", "alpha"]], data["y"])
    table = load_dataset(data, target="y")
    bound = bind(load_model(made), table)
    assert isinstance(bound, BoundGradient)
    loss = pictures.entropy(table.dataset.y)
    _, slope = bound.value_and_grad(table.dataset.x, loss)
    expected = pictures.differences(bound, table.dataset.x, loss)
    np.testing.assert_allclose(slope, expected, atol=1e-8)
    assert (slope[:, [1, 3]] == 0.0).all()


def test_truth_values_move_no_score() -> None:
    x, y = samples.arrays()
    import polars as pl  # noqa: PLC0415 (this test alone)

    table = load_dataset(pl.DataFrame({"a": x[:, 0], "b": x[:, 1] > 0, "y": y}), target="y")
    made = LogisticRegression().fit(np.column_stack([x[:, 0], x[:, 1] > 0]), y)
    bound = bind(load_model(made), table)
    assert isinstance(bound, BoundGradient)
    _, slope = bound.value_and_grad(table.dataset.x, pictures.entropy(y))
    assert (slope[:, 0] != 0).any()


def test_a_linear_model_of_images_has_its_weights_as_gradient() -> None:
    table = pictures.table()
    x, y = table.dataset.x, table.dataset.y
    made = LogisticRegression(C=100.0, max_iter=5000).fit(x / 255, y)
    bound = bind(load_model(made, classes=table.dataset.classes), table)
    assert isinstance(bound, BoundGradient)
    _, slope = bound.value_and_grad(x, lambda s: (s[:, 1], np.eye(2)[[1] * len(s)]))
    np.testing.assert_allclose(slope, np.tile(made.coef_ / 255, (len(x), 1)), rtol=1e-12)


def test_a_bound_estimator_travels_to_another_process() -> None:
    x, y = samples.arrays()
    bound = bind(load_model(fitted(LogisticRegression(), 2)), samples.table())
    again = pickle.loads(pickle.dumps(bound))  # noqa: S301 (made here)
    assert isinstance(again, BoundGradient)
    assert isinstance(bound, BoundGradient)
    loss = pictures.entropy(y)
    for one, two in zip(again.value_and_grad(x, loss), bound.value_and_grad(x, loss), strict=True):
        np.testing.assert_array_equal(one, two)
