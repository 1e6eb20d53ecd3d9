"""A user's own network can be trained further and lose units; other models say that they cannot."""

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.loading import load_model
from bartizan.adapt.networks.tunable import Keepable, tunable
from bartizan.adapt.table import Table, load_dataset
from bartizan.core.classifier import Tunable, decisions
from bartizan.core.errors import ModelError
from bartizan.core.streams import rng


def clouds() -> Table:
    """Two classes that lie apart."""
    stream = rng(0, "clouds")
    y = stream.integers(0, 2, 400)
    x = stream.normal(size=(400, 2)) + 3.0 * y[:, None]
    return load_dataset((x, np.array(["no", "yes"])[y]), target=None)


def estimator(table: Table, *, scaled: bool) -> Any:
    """A fitted network of scikit-learn, alone or behind a scaler."""
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 (slow to import)
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 (slow to import)
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 (slow to import)

    network = MLPClassifier((16, 8), max_iter=60, random_state=0)
    made = make_pipeline(StandardScaler(), network) if scaled else network
    data = table.dataset
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return made.fit(data.x, np.array(data.classes)[data.y])


def module(table: Table) -> Any:
    """A trained network of torch."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    made = torch.nn.Sequential(
        torch.nn.Linear(2, 16),
        torch.nn.ReLU(),
        torch.nn.Linear(16, 8),
        torch.nn.ReLU(),
        torch.nn.Linear(8, 2),
    )
    found = tunable(load_model(made, classes=("no", "yes")), table)
    return found.tuned(table.dataset, rng(0, "train"), rounds=30).like.open()  # type: ignore[attr-defined]  # of the torch one


KINDS = ("plain", "pipeline", "torch")


@cache
def ready(kind: str) -> tuple[Keepable, Table]:
    """A network of one kind, and its data."""
    table = clouds()
    if kind == "torch":
        return tunable(load_model(module(table), classes=("no", "yes")), table), table
    return tunable(load_model(estimator(table, scaled=kind == "pipeline")), table), table


def accuracy(model: Tunable, table: Table) -> float:
    """Share of right decisions."""
    data = table.dataset
    return float((decisions(model.scores(data.x)) == data.y).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_layers_are_those_that_make_the_scores(kind: str) -> None:
    model, table = ready(kind)
    assert isinstance(model, Tunable)
    layers = model.features(table.dataset.x)
    assert [layer.shape for layer in layers] == [(400, 16), (400, 8)]
    mute = np.flatnonzero((layers[-1] == 0).all(axis=0))
    made = model.without([np.empty(0, np.int64), mute])
    assert np.allclose(made.scores(table.dataset.x), model.scores(table.dataset.x), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_training_further_learns_other_labels_and_leaves_the_model_alone(kind: str) -> None:
    model, table = ready(kind)
    before = accuracy(model, table)
    assert before > 0.9
    data = table.dataset
    turned = type(data)(
        name="turned",
        x=data.x,
        y=1 - data.y,
        classes=data.classes,
        ids=data.ids,
        schema=data.schema,
        digest="",
    )
    made = model.tuned(turned, rng(0, "tune"), rounds=200)
    assert accuracy(made, table) < 0.3
    assert accuracy(model, table) == before


@pytest.mark.parametrize("kind", KINDS)
def test_units_stay_gone_and_can_be_taken_out_twice(kind: str) -> None:
    model, table = ready(kind)
    first = model.without([np.array([0]), np.array([2, 3])])
    second = first.without([np.array([0]), np.array([0])])
    made = second.tuned(table.dataset, rng(0, "tune"), rounds=2)
    assert [layer.shape[1] for layer in made.features(table.dataset.x)] == [14, 5]


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_never_emptied(kind: str) -> None:
    model, _ = ready(kind)
    with pytest.raises(ModelError, match="at least one"):
        model.without([np.arange(16), np.empty(0, np.int64)])


def test_what_is_written_can_be_loaded_again(tmp_path: Path) -> None:
    model, table = ready("pipeline")
    made = model.without([np.array([1]), np.array([0])]).tuned(table.dataset, rng(0, "tune"))
    path = tmp_path / f"again{made.suffix}"
    path.write_bytes(made.content())
    again = tunable(load_model(path), table)
    assert np.allclose(again.scores(table.dataset.x), made.scores(table.dataset.x))


def test_a_state_dict_fits_the_factory_after_units_went(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    model, table = ready("torch")
    made = model.without([np.array([1]), np.array([0])])
    path = tmp_path / f"again{made.suffix}"
    path.write_bytes(made.content())
    fresh = module(table)
    fresh.load_state_dict(torch.load(path, weights_only=True))
    again = tunable(load_model(fresh, classes=("no", "yes")), table)
    assert np.allclose(again.scores(table.dataset.x), made.scores(table.dataset.x), atol=1e-6)


def test_trees_have_no_units() -> None:
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415 (slow to import)

    table = clouds()
    data = table.dataset
    tree = DecisionTreeClassifier().fit(data.x, np.array(data.classes)[data.y])
    with pytest.raises(ModelError, match=r"DecisionTreeClassifier .* cannot be repaired"):
        tunable(load_model(tree), table)


def test_another_module_is_refused() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(ModelError, match="expected a torch Sequential"):
        tunable(load_model(torch.nn.Linear(2, 2), classes=("no", "yes")), clouds())


def test_lbfgs_knows_no_further_rows() -> None:
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 (slow to import)

    table = clouds()
    data = table.dataset
    network = MLPClassifier((4,), solver="lbfgs", random_state=0, max_iter=2000)
    network.fit(data.x, np.array(data.classes)[data.y])
    with pytest.raises(ModelError, match="lbfgs"):
        tunable(load_model(network), table).tuned(data, rng(0, "tune"))
