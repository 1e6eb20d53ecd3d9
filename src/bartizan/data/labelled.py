"""All labelled rows at once, and what several detectors share of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from bartizan.adapt.training.stand_in import Boosted, Network
from bartizan.adapt.training.standard_form import StandardForm
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Embedding, Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.streams import rng
from bartizan.data.folds import folds

_FEW = 20
"""Classes up to which trees are boosted, one for each class a round; for more a network is ten
times as fast."""
_FOLDS = 5
"""Models trained so that each row is judged by one that has not seen it."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """What a detector is handed. Costly parts are made when they are first asked for, once."""

    data: Dataset
    sources: Ints | None = None
    """Who contributed each row, shape (n,): positions in `source_names`; none = not told.
    Rows of which nobody says are a group of their own, "(no source)"."""
    source_names: tuple[str, ...] = ()
    texts: Mapping[str, AnyArray] = field(default_factory=dict)
    """Columns of free text, by name: objects (n,), "" where it is missing. They are not in `x`."""
    recipe: Recipe | None = None
    """How the user's own model is trained; none = a model of ours stands in."""
    seed: int = 0

    @property
    def learner(self) -> Recipe:
        """What is trained on these rows to see what they teach."""
        if self.recipe is not None:
            return self.recipe
        image, few = self.data.schema.image, len(self.data.classes) <= _FEW
        return Boosted() if image is None and few else Network()

    @cached_property
    def standard(self) -> Array:
        """Rows as plain numbers of one scale, shape (n, p); pixels as 0..1."""
        return StandardForm.of(self.data).form(self.data.x)

    @cached_property
    def network(self) -> Embedding:
        """A network trained on these rows."""
        return Network().fit(self.data, rng(self.seed, "labelled", "network"))

    @cached_property
    def hidden(self) -> tuple[Array, ...]:
        """What the hidden layers of `network` hold, one array (n, w) a layer, first to last."""
        return self.network.features(self.data.x)

    @cached_property
    def out_of_fold(self) -> Array:
        """Scores of each row by a model that saw neither it nor its source, shape (n, k).

        Where the model tells no probabilities but logits, these are they. Rows whose model would
        have seen one class only, since all others are of one source with them, get that class.
        """
        data, stream = self.data, rng(self.seed, "labelled", "folds")
        made = np.zeros((len(data.y), len(data.classes)))
        for inside, outside in folds(data.y, self.sources, count=_FOLDS, rng=stream):
            seen = np.unique(data.y[inside])
            if len(seen) < 2:
                made[np.ix_(outside, seen)] = 1.0
            elif len(outside):
                made[outside] = self.learner.fit(data.take(inside), stream).scores(data.x[outside])
        return made

    def take(self, rows: Ints) -> "Labelled":
        """Some rows only, in the order given; nothing that was learnt on all of them is kept."""
        return self.replaced(self.data.take(rows), rows=rows)

    def replaced(self, data: Dataset, *, rows: Ints) -> "Labelled":
        """Other data whose row i has source and texts of row ``rows[i]`` here.

        For planted cases: rows are copied, marked or given another label.
        """
        return Labelled(
            data=data,
            sources=None if self.sources is None else self.sources[rows],
            source_names=self.source_names,
            texts={name: values[rows] for name, values in self.texts.items()},
            recipe=self.recipe,
            seed=self.seed,
        )
