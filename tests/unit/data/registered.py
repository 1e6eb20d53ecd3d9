"""A register in a folder, a ledger that is a list, and small data sets."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256, shake_128
from pathlib import Path
from typing import Any

import polars as pl

from bartizan.adapt.batches.reading import Batches, open_batches
from bartizan.core.errors import LedgerError
from bartizan.core.evidence import Place
from bartizan.core.fact import Erased, Fact, Registered
from bartizan.core.record import decode
from bartizan.core.schema import Feature, Schema
from bartizan.data.register.registration import Register
from bartizan.ledger.merkle import leaf_hash

SCHEMA = Schema(
    features=(
        Feature(name="id", type="integer", identifier=True),
        Feature(name="amount", missing=True),
        Feature(name="kind", type="categorical", categories=("a", "b"), missing=True),
    )
)
Row = tuple[int | None, float | None, str | None, str | None]
"""id, amount, kind, label."""


def batches(
    rows: Sequence[Row], *, batch_rows: int = 4, target: str | None = "y", schema: Schema = SCHEMA
) -> Batches:
    """Rows as a data set, in small batches."""
    types = {"id": pl.Int64, "amount": pl.Float64, "kind": pl.String, "y": pl.String}
    frame = pl.DataFrame(list(rows), schema=types, orient="row")
    return open_batches(frame, schema=schema, target=target, name="t", batch_rows=batch_rows)


def some(count: int, *, start: int = 0) -> list[Row]:
    """Different rows."""
    ids = range(start, start + count)
    return [(i, i / 4 if i % 5 else None, "ab"[i % 2], "yes" if i % 3 else "no") for i in ids]


class Ledger:
    """A list of facts, which can be out of order."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.down = False

    def __call__(self, raw: bytes) -> Place:
        if self.down:
            message = "the ledger cannot be written"
            raise LedgerError(message)
        self.entries.append(raw)
        leaf = "sha256:" + leaf_hash(raw).hex()
        return Place(origin="example.org/log", index=len(self.entries) - 1, leaf=leaf)

    def facts(self) -> list[Fact]:
        """What was written."""
        found: list[Fact] = []
        for raw in self.entries:
            if b'"registered/1"' in raw:
                found.append(decode(raw, kind=Registered))
            else:
                found.append(decode(raw, kind=Erased))
        return found


def ticking() -> Iterator[datetime]:
    """A clock that goes on by a second."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    while True:
        yield now
        now += timedelta(seconds=1)


def counted() -> Iterator[bytes]:
    """Bytes that look random, the same each time."""
    count = 0
    while True:
        yield count.to_bytes(8, "big")
        count += 1


def register(root: Path, ledger: Ledger, *, wait_s: float = 0.1) -> Register:
    """A register whose clock and salts repeat."""
    clock, salts = ticking(), counted()
    return Register(
        root,
        log=ledger,
        clock=lambda: next(clock),
        random=lambda size: shake_128(next(salts)).digest(size),
        wait_s=wait_s,
    )


def add(reg: Register, rows: list[Row], **more: Any) -> Registered:
    """Register rows under the name `t`."""
    return reg.add("t", batches(rows), source="a test", by="me", **more).fact


def changed(rows: list[Row], place: int, **cells: Any) -> list[Row]:
    """The rows with other cells in one of them."""
    names = ("id", "amount", "kind", "y")
    row = dict(zip(names, rows[place], strict=True)) | cells
    return [*rows[:place], tuple(row.values()), *rows[place + 1 :]]


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Root by the definition of RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + tree_root(leaves[:half]) + tree_root(leaves[half:])).digest()
