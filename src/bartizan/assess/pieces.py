"""Costly pieces of checks, such as shadow models: kept as they are made, taken over on resume."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np

from bartizan.assess.counted import Counted
from bartizan.assess.cut import array_digest
from bartizan.assess.request import Request
from bartizan.core.arrays import AnyArray
from bartizan.core.dataset import Dataset
from bartizan.core.record import digest, encode
from bartizan.store import Store

_ASKED = "questions asked"
"""Name under which a piece says what it cost, beside its own arrays."""


@dataclass(frozen=True)
class Pieces:
    """Remembers arrays by name, for one model, its data, its recipe and one seed."""

    request: Request
    store: Store
    resume: bool
    """Whether pieces of earlier runs count."""
    asked: Counted
    """Knows how many questions a piece takes, so that one taken over is not counted as none."""

    def __call__(
        self, name: str, make: Callable[[], Mapping[str, AnyArray]]
    ) -> Mapping[str, AnyArray]:
        """What was made under a name before, else made now and kept.

        Args:
            name: Says everything that decides the piece, beside the run's inputs and seed.
            make: Makes it.
        """
        key = self._key(name)
        known = self.store.block(key) if self.resume else None
        if known is not None:
            made = dict(known[1])
            self.asked.before += int(made.pop(_ASKED, np.zeros(1))[0])
            return made
        before = self.asked.queries
        made = dict(make())
        self.store.keep_block(key, {**made, _ASKED: np.array([self.asked.queries - before])})
        return made

    def _key(self, name: str) -> str:
        request = self.request
        facts = {
            "piece": name,
            "model": request.subject.digest,
            "binding": request.binding,
            "rows": self._rows,
            "images": repr(request.codec) if request.data.schema.image else "",
            "recipe": repr(request.recipe),
            "seed": request.seed,
            "versions": dict(request.versions),
        }
        return digest(encode(facts))

    @cached_property
    def _rows(self) -> list[object]:
        """What the data and the training rows are: the same file read otherwise is other rows."""
        known = (self.request.data, self.request.train)
        return [_facts(data) for data in known if data is not None]


def _facts(data: Dataset) -> dict[str, object]:
    """Rows as they are used: those of a file depend on the target, and on the schema."""
    return {
        "schema": msgspec.to_builtins(data.schema),
        "classes": list(data.classes),
        "arrays": [array_digest(part) for part in (data.x, data.y)],
    }
