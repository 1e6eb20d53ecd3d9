"""Keyed hashes of rows: 8 bytes that stand for a row and say nothing of it without the key."""

import hashlib
from collections.abc import Sequence

import numpy as np

from bartizan.adapt.batch import Batch
from bartizan.adapt.canonical import row_keys
from bartizan.core.arrays import AnyArray, Ints, Mask
from bartizan.data.inspection import Brief

KEY_BYTES = 32
"""Length of a key."""


def feature_columns(brief: Brief) -> tuple[str, ...]:
    """Columns that describe a row: no label, and nothing that only names the row."""
    return tuple(
        one.name
        for one in brief.schema.features
        if not one.identifier and one.name != brief.target
    )


def describes(brief: Brief) -> str:
    """Why rows cannot be compared, or nothing where they can."""
    if brief.schema.image is not None or feature_columns(brief):
        return ""
    return "No column describes a row: all of them are labels or identifiers."


def keys_of(batch: Batch, *, columns: Sequence[str], key: bytes) -> AnyArray:
    """A hash of each row over some columns, or over its pixels.

    Args:
        batch: The rows.
        columns: Of `frame`; not used where rows are images.
        key: 32 bytes.

    Returns:
        Shape (n,), uint64. Two different rows are alike with a chance of 2^-64 for each pair.
    """
    if batch.pixels is None:
        return row_keys(batch.frame.select(columns), key=key)
    flat = np.ascontiguousarray(batch.pixels).reshape(batch.rows, -1)
    form = repr((batch.pixels.shape[1:], batch.pixels.dtype.str)).encode()
    whole = [
        hashlib.blake2b(form + one.tobytes(), digest_size=8, key=key).digest() for one in flat
    ]
    return np.frombuffer(b"".join(whole), dtype="<u8").astype(np.uint64)


class Gathered:
    """Arrays of many batches, put together when they are asked for."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._dtype = dtype
        self._parts: list[AnyArray] = []

    def add(self, values: AnyArray) -> None:
        """The next rows."""
        self._parts.append(values.astype(self._dtype, copy=False))

    @property
    def values(self) -> AnyArray:
        """All rows, shape (n,)."""
        if len(self._parts) != 1:
            self._parts = [np.concatenate([np.empty(0, self._dtype), *self._parts])]
        return self._parts[0]


def groups_of(keys: AnyArray) -> tuple[Ints, Ints]:
    """Put rows with equal keys side by side.

    Args:
        keys: Shape (n,).

    Returns:
        Rows in an order in which equal keys stand together and rows of one key ascend, shape
        (n,); and where in it each group starts, shape (groups,).

    Cost: n log n; 16 bytes a row while it sorts.
    """
    order = np.argsort(keys, kind="stable")
    new = np.ones(len(keys), dtype=np.bool_)
    ranked = keys[order]
    new[1:] = ranked[1:] != ranked[:-1]
    return order, np.flatnonzero(new)


def repeated(keys: AnyArray) -> Mask:
    """Which rows share their key with another row; shape (n,)."""
    order, starts = groups_of(keys)
    sizes = np.diff(np.append(starts, len(keys)))
    found = np.zeros(len(keys), dtype=np.bool_)
    found[order] = np.repeat(sizes > 1, sizes)
    return found
