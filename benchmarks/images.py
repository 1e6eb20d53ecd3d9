"""A small network on Fashion-MNIST, and the images that it is attacked with."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import numpy as np
import torch
from torch import nn

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.schema import Image, Label
from results import ROOT

IMAGE = Image(height=28, width=28, channels=1)
BATCH = 64


@dataclass
class Network:
    """A torch module over rows of 0..255 as attacks ask it; keeps accounts."""

    module: nn.Module
    bare_s: float = 0.0
    """CPU seconds inside the module, with the way in and out of torch."""
    rows: int = 0
    calls: list[int] = field(default_factory=list)
    classes: tuple[Label, ...] = tuple(range(10))
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        """Logits, shape (n, 10)."""
        started = process_time()
        with torch.inference_mode():
            batch = torch.from_numpy(np.asarray(x, dtype=np.float32)).reshape(-1, 1, 28, 28)
            answer = self.module(batch / 255).double().numpy()
        self.bare_s += process_time() - started
        self.rows += len(x)
        self.calls.append(len(x))
        return np.asarray(answer)


def _data() -> dict[str, Array]:
    folder = Path(os.environ.get("BARTIZAN_DATA", ROOT.parent / "shared" / "data"))
    with np.load(folder / "fashion-mnist" / "fashion_mnist_20k_10k.npz") as found:
        return {name: found[name] for name in found.files}


def trained(*, rows: int = 20_000) -> Network:
    """One epoch of Adam over so many images (seeded)."""
    torch.manual_seed(0)
    data = _data()
    x = torch.from_numpy(data["x_train"][:rows].astype(np.float32)).reshape(-1, 1, 28, 28) / 255
    y = torch.from_numpy(data["y_train"][:rows].astype(np.int64))
    module = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip
    adam = torch.optim.Adam(module.parameters(), lr=2e-3)
    for part in torch.randperm(len(x)).split(BATCH):
        adam.zero_grad()
        nn.functional.cross_entropy(module(x[part]), y[part]).backward()
        adam.step()
    return Network(module.eval())


def rows(model: Network, samples: int) -> tuple[Array, Ints, Array]:
    """Test images that the network gets right, their classes, and images of an attacker."""
    data = _data()
    x = data["x_test"][: 3 * samples].reshape(-1, IMAGE.size).astype(float)
    y = data["y_test"][: 3 * samples].astype(np.int64)
    right = np.flatnonzero(model.scores(x).argmax(axis=1) == y)[:samples]
    own = data["x_train"][:256].reshape(-1, IMAGE.size).astype(float)
    return x[right], y[right], own
