"""A torch `Sequential`, made ready to be repaired."""

import io
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from bartizan.adapt.binding import bind
from bartizan.adapt.bound import Bound
from bartizan.adapt.loading import load_model
from bartizan.adapt.model import Model
from bartizan.adapt.networks.forward import Forward, evaluating, numbers
from bartizan.adapt.table import Table
from bartizan.adapt.training.foreign import trained
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ModelError
from bartizan.core.schema import Label

_POINTWISE = ("ReLU", "LeakyReLU", "GELU", "SiLU", "ELU", "Tanh", "Sigmoid", "Dropout", "Identity")
"""What may stand between two layers, so that a unit of one is an input of the next."""
_STEP = 1e-3
"""Of Adam, its authors' own."""
_BATCH = 128


def tunable_module(model: Model, table: Table) -> "TunableModule":
    """Make it ready; see `bartizan.adapt.networks.tunable.tunable`.

    Raises:
        ModelError: it is no `Sequential` that ends in layers of units.
    """
    module = model.open()
    places = tuple(_hidden(module)) if type(module).__name__ == "Sequential" else ()
    if not places:
        message = (
            f"a {type(module).__name__} cannot be repaired here; expected a torch Sequential that "
            "ends in Linear, an activation and Linear, with one score for each class"
        )
        raise ModelError(message)
    return TunableModule(like=model, table=table, places=places, gone=((),) * len(places))


@dataclass(frozen=True, kw_only=True, repr=False)
class TunableModule:
    """A network of torch; units that are gone have weights of zero, so that its factory fits."""

    like: Model
    table: Table
    places: tuple[tuple[int, int], ...]
    """Positions, in the module, of each hidden layer and of the one that reads it."""
    gone: tuple[tuple[int, ...], ...]
    """Units of each hidden layer that were taken out."""
    suffix: str = ".pt"

    @property
    def classes(self) -> tuple[Label, ...]:
        """See `Classifier`."""
        return self._bound.classes

    @property
    def score_kind(self) -> ScoreKind:
        """See `Classifier`."""
        return self._bound.score_kind

    def scores(self, x: Array) -> Array:
        """See `Classifier`."""
        return self._bound.scores(x)

    def features(self, x: Array) -> tuple[Array, ...]:
        """See `Embedding`; what the next layer reads, without units that are gone."""
        import torch  # noqa: PLC0415 (an extra, loaded by whoever made the module)

        held, layers = self._tensor(x), []
        readers = {reader for _, reader in self.places}
        with evaluating(self._module), torch.no_grad():
            for place, part in enumerate(self._module):
                if place in readers:
                    layers.append(numbers(held))
                held = part(held)
        pairs = zip(layers, self.gone, strict=True)
        return tuple(np.delete(layer, gone, axis=1) for layer, gone in pairs)

    def tuned(self, data: Dataset, rng: np.random.Generator, *, rounds: int = 1) -> "TunableModule":
        """See `Tunable`."""
        order = self._bound.order
        y = data.y if order is None else np.asarray(order)[data.y]
        made = deepcopy(self._module)
        trained(
            lambda: self._train(made, data.x, y, rng=rng, rounds=rounds),
            what="training a module further",
        )
        return self._with(made, gone=self.gone)

    def without(self, units: Sequence[Ints]) -> "TunableModule":
        """See `Tunable`."""
        made, gone = deepcopy(self._module), []
        for (layer, _), old, new in zip(self.places, self.gone, units, strict=True):
            width = made[layer].out_features
            left = np.delete(np.arange(width), np.array(old, dtype=np.int64))
            gone.append(tuple(sorted({*old, *left[new].tolist()})))
            if len(gone[-1]) == width:
                message = "a hidden layer without units says nothing; leave at least one in each"
                raise ModelError(message)
        _silence(made, self.places, gone)
        return self._with(made, gone=tuple(gone))

    def content(self) -> bytes:
        """The file: a state dict, which the model's own factory takes."""
        import torch  # noqa: PLC0415 (an extra, loaded by whoever made the module)

        stream = io.BytesIO()
        torch.save(self._module.state_dict(), stream)
        return stream.getvalue()

    @property
    def _module(self) -> Any:
        return self.like.open()

    @cached_property
    def _bound(self) -> Bound:
        return bind(self.like, self.table)

    def _tensor(self, x: Array) -> Any:
        """Rows as they reach the module."""
        bound = self._bound
        fed = bound.scorer.feed(x if bound.picked is None else x[:, bound.picked])
        return Forward(module=self._module).tensor(fed)

    def _train(
        self, module: Any, x: Array, y: Ints, *, rng: np.random.Generator, rounds: int
    ) -> None:
        import torch  # noqa: PLC0415 (an extra, loaded by whoever made the module)

        rows, labels = self._tensor(x), torch.from_numpy(y)
        torch.manual_seed(int(rng.integers(2**31)))  # what drops out
        optimiser = torch.optim.Adam(module.parameters(), lr=_STEP)
        with torch.enable_grad():
            module.train()
            for _ in range(rounds):
                order = torch.from_numpy(rng.permutation(len(y)))
                for batch in order.split(_BATCH):
                    optimiser.zero_grad()
                    said = module(rows[batch])
                    if self.score_kind == "probability":
                        said = said.clamp_min(1e-12).log()
                    torch.nn.functional.cross_entropy(said, labels[batch]).backward()
                    optimiser.step()
                    _silence(module, self.places, self.gone)
            module.eval()

    def _with(self, module: Any, *, gone: tuple[tuple[int, ...], ...]) -> "TunableModule":
        like = load_model(module, threshold=self.like.threshold, classes=self.like.classes)
        return replace(self, like=replace(like, name=self.like.name), gone=gone)


def _hidden(module: Any) -> Iterator[tuple[int, int]]:
    """Each `Linear` whose units the next `Linear` reads, one by one."""
    last = None
    for place, part in enumerate(module):
        kind = type(part).__name__
        if kind == "Linear":
            if last is not None:
                yield last, place
            last = place
        elif kind not in _POINTWISE:
            last = None


def _silence(module: Any, places: Sequence[tuple[int, int]], gone: Sequence[Sequence[int]]) -> None:
    """Weights to and from units that are gone are zero."""
    import torch  # noqa: PLC0415 (an extra, loaded by whoever made the module)

    with torch.no_grad():
        for (layer, reader), units in zip(places, gone, strict=True):
            chosen = list(units)
            module[layer].weight[chosen] = 0
            if module[layer].bias is not None:
                module[layer].bias[chosen] = 0
            module[reader].weight[:, chosen] = 0
