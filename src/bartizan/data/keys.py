"""Hashes of rows: 8 bytes that stand for a row."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.rows.canonical import row_keys
from bartizan.core.arrays import AnyArray, Ints, Mask

KEY_BYTES = 32
"""Length of a key."""
_SEEDS = 2**63
"""Seeds of quick hashes are below it."""
SLICE = 2**18
"""Rows that are compared at a time: some 100 MB of work."""
_WORTH = 0.8
"""Share of different rows from which on it is no gain to hash each once."""


def drawn_seed(rng: np.random.Generator) -> int:
    """A seed for `marks_of`."""
    return int(rng.integers(_SEEDS))


def marks_of(batch: Batch, *, columns: Sequence[str], seed: int) -> AnyArray:
    """A quick hash of each row over some columns, or over its pixels, for one run.

    Forty times as fast as `keys_of`, and not for storing: another version of polars may hash in
    another way. Equal rows always have equal hashes; a cell that does not fit its type counts as
    it is spelled.

    Args:
        batch: The rows.
        columns: Of `frame`; not used where rows are images.
        seed: From `drawn_seed`.

    Returns:
        Shape (n,), uint64. Two different rows are alike with a chance of about 2^-64 a pair.
    """
    if batch.pixels is not None:
        return _pixel_keys(batch.pixels, key=seed.to_bytes(8, "big"))
    made = frame_marks(batch.frame.select(columns), seed=seed)
    for place, name in enumerate(columns):
        if name in batch.unfit:
            here = batch.unfit[name].to_numpy()
            spelled = batch.raw[name].filter(batch.unfit[name]).cast(pl.String)
            made[here] ^= spelled.hash(seed ^ (place + 1)).to_numpy()
    return made


def frame_marks(frame: pl.DataFrame, *, seed: int) -> AnyArray:
    """A quick hash of each row of typed columns, at least one; text in any normal form.

    Returns:
        Shape (n,), uint64, writable.
    """
    composed = [
        column.str.normalize("NFC")
        for column in frame.iter_columns()
        if column.dtype == pl.String and (column.str.len_bytes() != column.str.len_chars()).any()
    ]
    return frame.with_columns(composed).hash_rows(seed).to_numpy().copy()


def keys_of(batch: Batch, *, columns: Sequence[str], key: bytes) -> AnyArray:
    """A hash of each row over some columns, or over its pixels, that may be stored.

    It is the same in every process and for every kind of source, and says nothing without the
    key. A cell that does not fit its type counts as missing.

    Args:
        batch: The rows.
        columns: Of `frame`; not used where rows are images.
        key: 32 bytes.

    Returns:
        Shape (n,), uint64. Two different rows are alike with a chance of 2^-64 for each pair.
    """
    if batch.pixels is not None:
        return _pixel_keys(batch.pixels, key=key)
    frame = batch.frame.select(columns)
    # Rows of logs repeat: each is hashed once. Marks with a secret seed tell which are alike.
    marks = frame.hash_rows(int.from_bytes(key[:8], "big")).to_numpy()
    _, first, place = np.unique(marks, return_index=True, return_inverse=True)
    if len(first) > _WORTH * len(marks):
        return row_keys(frame, key=key)
    found: AnyArray = row_keys(frame[first.astype(np.uint32)], key=key)[place]
    return found


def _pixel_keys(pixels: AnyArray, *, key: bytes) -> AnyArray:
    """BLAKE2b (RFC 7693) of each image and its form; shape (n,), uint64."""
    form = repr((pixels.shape[1:], pixels.dtype.str)).encode()
    start = hashlib.blake2b(form, digest_size=8, key=key)
    made = bytearray()
    for image in np.ascontiguousarray(pixels):
        one = start.copy()
        one.update(image.data)
        made += one.digest()
    return np.frombuffer(bytes(made), dtype=">u8").astype(np.uint64)


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


def slices_of(keys: AnyArray, *, rows: int = SLICE) -> Iterator[Ints]:
    """Rows in the order of their keys, some at a time; rows of one key are never parted.

    Args:
        keys: Shape (n,).
        rows: How many at a time, or more where one key has more.

    Yields:
        Positions of rows, by key and those of one key ascending.

    Cost: n log n; 12 bytes a row.
    """
    order = np.argsort(keys, kind="stable")
    start = 0
    while start < len(order):
        stop = start + rows
        while stop < len(order):
            more = keys[order[stop : stop + rows]] != keys[order[stop - 1]]
            stop += int(more.argmax()) if more.any() else len(more)
            if more.any():
                break
        yield order[start:stop]
        start = stop


def repeated(keys: AnyArray) -> Mask:
    """Which rows share their key with another row; shape (n,). Cost: 13 bytes a row."""
    found = np.zeros(len(keys), dtype=np.bool_)
    for rows in slices_of(keys):
        ranked = keys[rows]
        same = ranked[1:] == ranked[:-1]
        found[rows[1:][same]] = True
        found[rows[:-1][same]] = True
    return found
