"""What a stage asks of whatever keeps its records, and what keeps none."""

from collections.abc import Sequence
from typing import Protocol

from bartizan.core.record import Record, digest, encode


class Keeping(Protocol):
    """Keeps records under their digests; `Store` does, in a workspace."""

    def put(self, record: Record) -> str:
        """Keep a record; return the digest of its bytes."""

    def put_all(self, records: Sequence[Record]) -> list[str]:
        """Keep records, all of them or none; return their digests."""


class Forgetful:
    """Keeps nothing, and says what the digests are: for a run without a workspace.

    Reports name their evidence by digest, and carry it, so that nothing else is needed. No
    database is opened for it.
    """

    def put(self, record: Record) -> str:
        """The digest that a store would keep the record under."""
        return digest(encode(record))

    def put_all(self, records: Sequence[Record]) -> list[str]:
        """The digests that a store would keep the records under."""
        return [self.put(record) for record in records]
