"""Small planted image data, and derivatives to compare gradients with."""

from typing import Any

import numpy as np

from bartizan.adapt import Table
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Loss
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Image, Schema

N = 120


class NoCodec:
    """A codec of images that nobody may ask for columns."""

    def decode(self, x: Array) -> Array:
        return x

    def round(self, x: Array) -> Array:
        return np.rint(x)


def table(*, height: int = 4, width: int = 5, channels: int = 3, top: float = 255.0) -> Table:
    """Noise; the class says whether the middle channel of the pixel (2, 2) is bright."""
    image = Image(height=height, width=width, channels=channels, max=top, whole=top > 1)
    rng = np.random.default_rng(5)
    x = np.rint(rng.uniform(0, 255, size=(N, image.size))) / 255 * top
    bright = x.reshape(N, *image.shape)[:, 2, 2, channels // 2]
    data = Dataset(
        name="noise",
        x=x,
        y=(bright > top / 2).astype(np.int64),
        classes=("dark", "bright"),
        ids=np.arange(N),
        schema=Schema(image=image),
        digest="sha256:0",
    )
    codec: Any = NoCodec()
    return Table(dataset=data, codec=codec)


def entropy(y: Ints) -> Loss:
    """Cross-entropy of logits, or of logarithms of probabilities, which it leaves as they are."""

    def loss(scores: Array) -> tuple[Array, Array]:
        shifted = scores - scores.max(axis=1, keepdims=True)
        chance = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
        own = np.eye(scores.shape[1])[y]
        return -np.log((chance * own).sum(axis=1)), chance - own

    return loss


def margin(y: Ints) -> Loss:
    """The best other score minus the own."""

    def loss(scores: Array) -> tuple[Array, Array]:
        own = np.eye(scores.shape[1])[y]
        rival = np.eye(scores.shape[1])[np.where(own > 0, -np.inf, scores).argmax(axis=1)]
        return ((rival - own) * scores).sum(axis=1), rival - own

    return loss


def differences(bound: Any, x: Array, loss: Loss, *, step: float = 1e-5) -> Array:
    """Central differences of a loss of the scores that a bound model gives, (n, d)."""

    def value(rows: Array) -> Array:
        scores = bound.scores(rows)
        return loss(np.log(scores) if bound.score_kind == "probability" else scores)[0]

    made = np.empty_like(x)
    for column in range(x.shape[1]):
        moved = np.zeros(x.shape[1])
        moved[column] = step
        made[:, column] = (value(x + moved) - value(x - moved)) / (2 * step)
    return made


LOSSES = {"cross-entropy": entropy, "margin": margin}
