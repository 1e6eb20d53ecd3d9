import numpy as np
import pytest

from bartizan.adapt.training.perceptron import Perceptron, Singles, _Layers
from bartizan.core.streams import rng


def test_the_slope_is_that_of_the_mean_cross_entropy() -> None:
    draw = rng(0, "slope")
    x = draw.normal(size=(7, 3)).astype(np.float32)
    targets = draw.dirichlet(np.ones(4), size=7).astype(np.float32)
    layers, slopes = _Layers.of(3, 4), _Layers.of(3, 4)
    layers.flat[...] = draw.normal(size=layers.flat.size)
    layers.slope(x, targets, into=slopes)

    def loss(flat: Singles) -> float:
        kept = layers.flat.copy()
        layers.flat[...] = flat
        scores = (layers.hidden(x) @ layers.last + layers.offset).astype(float)
        layers.flat[...] = kept
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return float(-(targets * logs).sum(axis=1).mean() + 3e-3 / 2 * (np.square(flat)).sum())

    for place in draw.choice(layers.flat.size, 40, replace=False):
        step = np.zeros_like(layers.flat)
        step[place] = 1e-2
        found = (loss(layers.flat + step) - loss(layers.flat - step)) / 2e-2
        assert slopes.flat[place] == pytest.approx(found, abs=2e-3)


def test_what_no_line_can_tell_apart_is_learnt() -> None:
    x = rng(0, "xor").uniform(-1, 1, (600, 2))
    second = (x[:, 0] > 0) ^ (x[:, 1] > 0)
    made = Perceptron.trained(x[:500], np.eye(2)[second[:500].astype(int)], rng=rng(1))
    found = made.scores(x[500:]).argmax(axis=1) == second[500:]
    assert found.mean() > 0.93


@pytest.mark.parametrize("n", [1, 2, 129])
def test_few_rows_columns_of_any_size_and_constant_ones_are_no_error(n: int) -> None:
    x = np.column_stack([np.arange(n) * 1e9, np.arange(n) * 1e-9, np.ones(n)])
    made = Perceptron.trained(x, np.eye(3)[np.arange(n) % 3], rng=rng(0))
    assert np.isfinite(made.scores(x)).all()
    assert np.isfinite(made.scores(np.full((1, 3), 1e300))).all()
