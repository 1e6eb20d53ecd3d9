"""Hidden layers and weights of models of users, and gradients of our own networks."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_layers import BoundLayers
from bartizan.adapt.gradients.stand_in import SlopedLayered, SlopedNetwork
from bartizan.core.arrays import Array
from bartizan.core.classifier import Differentiable, Embedding, Weighted, offered
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ModelError
from bartizan.core.schema import Feature, Schema

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4))
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 1)
TABLE = load_dataset((X, Y), target=None)


def bound(model: object) -> BoundLayers:
    made = bind(load_model(model), TABLE)
    assert isinstance(made, BoundLayers)
    assert isinstance(made, Embedding)
    assert isinstance(made, Weighted)
    assert offered(made) == "gradients"
    return made


def test_the_last_hidden_layer_of_a_network_gives_its_probabilities() -> None:
    raw = make_pipeline(
        StandardScaler(), MLPClassifier((7, 5), solver="lbfgs", max_iter=900, tol=0.1)
    )
    raw.fit(X, Y)
    made, network = bound(raw), raw[-1]
    first, second = made.features(X)
    assert (first.shape, second.shape) == ((120, 7), (120, 5))
    logits = second @ network.coefs_[-1] + network.intercepts_[-1]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, made.scores(X), atol=1e-9)
    assert [one.shape for one in made.layers()] == [(7, 4), (5, 7), (3, 5)]
    np.testing.assert_array_equal(made.layers()[1], network.coefs_[1].T)


def test_a_linear_model_has_weights_and_no_hidden_layer() -> None:
    made = bound(LogisticRegression().fit(X, Y))
    assert made.features(X) == ()
    assert [one.shape for one in made.layers()] == [(3, 4)]


def test_layers_of_a_torch_module_are_its_activations() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    nn = torch.nn
    module = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
    made = bound(module)
    first, second = made.features(X)
    assert (first.shape, second.shape) == ((120, 6), (120, 5))
    last = module[4]
    again = second @ last.weight.detach().numpy().T + last.bias.detach().numpy()
    np.testing.assert_allclose(again, made.scores(X), atol=1e-5)
    assert [one.shape for one in made.layers()] == [(6, 4), (5, 6), (3, 5)]
    assert not any(part._forward_hooks for part in module.modules())


def test_channels_of_a_convolution_are_averaged_over_the_picture() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    nn = torch.nn
    module = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 2))
    pictures = RNG.uniform(size=(40, 8, 8))
    table = load_dataset((pictures, np.arange(40) % 2), target=None)
    made = bind(load_model(module), table)
    assert isinstance(made, BoundLayers)
    (hidden,) = made.features(table.dataset.x)
    with torch.no_grad():
        held = module[1](module[0](torch.tensor(pictures, dtype=torch.float32)[:, None]))
    np.testing.assert_allclose(hidden, held.mean(dim=(2, 3)).numpy(), atol=1e-5)
    assert [one.shape for one in made.layers()] == [(3, 9), (2, 108)]


def mixed() -> Dataset:
    """Numbers on different scales, a gap, a category; and a class without a row."""
    x = np.stack([RNG.normal(size=90), 50 * RNG.normal(size=90), RNG.integers(0, 3, 90)], axis=1)
    x[3, 0] = np.nan
    schema = Schema(
        features=(
            Feature(name="a", missing=True),
            Feature(name="b"),
            Feature(name="c", type="categorical", categories=("x", "y", "z")),
        )
    )
    return Dataset(
        name="rows", x=x, y=2 * (x[:, 1] > 0).astype(np.int64), classes=("p", "q", "r"),
        ids=np.arange(90), schema=schema, digest="sha256:0",
    )  # fmt: skip


def network(data: Dataset) -> SlopedLayered:
    made = SlopedNetwork(rounds=15).fit(data, np.random.default_rng(0))
    assert isinstance(made, Differentiable)
    return made


def test_the_gradient_of_our_network_is_that_of_differences() -> None:
    data = mixed()
    model, x = network(data), data.x[10:20]

    def second(scores: Array) -> tuple[Array, Array]:
        slope = np.zeros_like(scores)
        slope[:, 2] = 1.0
        return scores[:, 2], slope

    value, grad = model.value_and_grad(x, second)
    np.testing.assert_allclose(np.exp(value), model.scores(x)[:, 2], atol=1e-5)
    for column, step in ((0, 1e-5), (1, 1e-4)):
        moved = x.copy()
        moved[:, column] += step
        there = model.value_and_grad(moved, second)[0]
        np.testing.assert_allclose((there - value) / step, grad[:, column], rtol=1e-3, atol=1e-5)
    assert not grad[:, 2].any()


def test_a_class_without_a_row_is_never_likely() -> None:
    data = mixed()
    scores: list[Array] = []

    def look(known: Array) -> tuple[Array, Array]:
        scores.append(known)
        return known[:, 0], np.zeros_like(known)

    network(data).value_and_grad(data.x, look)
    assert scores[0].shape == (90, 3)
    assert (scores[0][:, 1] < -600).all()


def test_rows_of_one_class_train_no_network() -> None:
    data = mixed()
    with pytest.raises(ModelError, match="one class"):
        SlopedNetwork().fit(replace(data, y=np.zeros(90, dtype=np.int64)), RNG)
