"""Costly pieces of checks, such as shadow models: kept as they are made, taken over on resume."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bartizan.assess.request import Request
from bartizan.core.arrays import AnyArray
from bartizan.core.record import digest, encode
from bartizan.store import Store


@dataclass(frozen=True)
class Pieces:
    """Remembers arrays by name, for one model, its data, its recipe and one seed."""

    request: Request
    store: Store
    resume: bool
    """Whether pieces of earlier runs count."""

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
            return known[1]
        made = make()
        self.store.keep_block(key, made)
        return made

    def _key(self, name: str) -> str:
        request = self.request
        facts = {
            "piece": name,
            "model": request.subject.digest,
            "binding": request.binding,
            "data": request.data.digest,
            "train": "" if request.train is None else request.train.digest,
            "recipe": repr(request.recipe),
            "seed": request.seed,
            "versions": dict(request.versions),
        }
        return digest(encode(facts))
