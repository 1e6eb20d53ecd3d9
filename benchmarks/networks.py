"""A small network for pictures of clothes, plain and hardened, and what runs on it."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_gradient import BoundGradient
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Classifier
from results import ROOT

EPS = 0.1
"""The usual budget on these pictures, in Linf, of values between 0 and 1."""
_PLAIN_EPOCHS, _HARD_EPOCHS = 6, 2
"""The plain one has seen enough by then to be as sure of itself as networks in use are."""
_BATCH = 100
_RATE = 1e-3
_TRIED = 1000
"""Pictures that the network is bound with: all ten classes are among them."""


@dataclass(frozen=True)
class Pictures:
    """Fashion-MNIST, 20,000 and 10,000; values between 0 and 1, one picture a row."""

    train_x: Tensor
    train_y: Tensor
    test_x: Array
    test_y: Ints


def pictures() -> Pictures:
    """Read them."""
    folder = Path(os.environ.get("BARTIZAN_DATA", ROOT.parent / "shared" / "data"))
    with np.load(folder / "fashion-mnist" / "fashion_mnist_20k_10k.npz") as file:
        return Pictures(
            train_x=torch.tensor(file["x_train"] / 255.0, dtype=torch.float32)[:, None],
            train_y=torch.tensor(file["y_train"], dtype=torch.int64),
            test_x=file["x_test"].reshape(-1, 784) / 255.0,
            test_y=file["y_test"].astype(np.int64),
        )


def bare() -> nn.Module:
    """Two convolutions and two layers, untrained."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(1568, 64), nn.ReLU(), nn.Linear(64, 10)),
    )


def trained(data: Pictures, *, hardened: bool, smoke: bool) -> nn.Module:
    """The trained network; kept in the temporary folder for the next run.

    Args:
        data: The pictures.
        hardened: Train on pictures that one step of the attack has changed, from a random start
            (Wong et al., 2020, "Fast is better than free").
        smoke: A tenth of the pictures, and one epoch.
    """
    torch.set_num_threads(1)
    name = f"bartizan-bench-{'hard' if hardened else 'plain'}{'-smoke' if smoke else ''}.pt"
    path = Path(tempfile.gettempdir()) / name
    model = bare()
    if path.exists():
        model.load_state_dict(torch.load(path, weights_only=True))
    else:
        _train(model, data, hardened=hardened, smoke=smoke)
        torch.save(model.state_dict(), path)
    return model.eval().requires_grad_(requires_grad=False)


def _train(model: nn.Module, data: Pictures, *, hardened: bool, smoke: bool) -> None:
    optimiser = torch.optim.Adam(model.parameters(), lr=_RATE)
    draw = torch.Generator().manual_seed(0)
    epochs = _HARD_EPOCHS if hardened else _PLAIN_EPOCHS
    for _ in range(1 if smoke else epochs):
        order = torch.randperm(len(data.train_y), generator=draw)
        for batch in order[:2000].split(_BATCH) if smoke else order.split(_BATCH):
            x, y = data.train_x[batch], data.train_y[batch]
            if hardened:
                x = _changed(model, x, y, draw=draw)
            optimiser.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimiser.step()


def _changed(model: nn.Module, x: Tensor, y: Tensor, *, draw: torch.Generator) -> Tensor:
    start = (torch.rand(x.shape, generator=draw) * 2 - 1) * EPS
    start.requires_grad_(requires_grad=True)
    loss = functional.cross_entropy(model(x + start), y)
    (grad,) = torch.autograd.grad(loss, start)
    change = (start.detach() + 1.25 * EPS * grad.sign()).clamp(-EPS, EPS)
    return (x + change).clamp(0, 1)


def bound(module: nn.Module, data: Pictures) -> BoundGradient:
    """The network as users hand it over: loaded, and bound to pictures it can be tried on."""
    pictures = data.test_x[:_TRIED].reshape(-1, 28, 28)
    table = load_dataset((pictures, data.test_y[:_TRIED]), target=None)
    made = bind(load_model(module), table)
    assert isinstance(made, BoundGradient)
    return made


def right(model: Classifier, x: Array, y: Ints) -> Mask:
    """Which rows it gets right."""
    return np.asarray(model.scores(x).argmax(axis=1) == y)


def _images(x: Array) -> Tensor:
    return torch.from_numpy(x.astype(np.float32)).view(-1, 1, 28, 28)


def bare_loop(module: nn.Module, x: Array, y: Ints, *, passes: int) -> float:
    """CPU seconds of forward and input gradient alone, so many times."""
    images, labels = _images(x), torch.from_numpy(y)
    started = process_time()
    for _ in range(passes):
        here = images.detach().requires_grad_(requires_grad=True)
        loss = functional.cross_entropy(module(here), labels, reduction="sum")
        torch.autograd.grad(loss, here)
    return process_time() - started
