"""Which label each row had, without the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray, frozen
from bartizan.core.errors import InputError
from bartizan.data.codes import Coded
from bartizan.data.keys import KEY_BYTES, Gathered, keys_of


@dataclass(frozen=True, kw_only=True)
class LabelBook:
    """Keyed hashes of rows without their label, and the labels. Without the key it says nothing."""

    key: bytes
    """32 random bytes, of this book alone."""
    hashes: AnyArray
    """Shape (n,), uint64, ascending: of each row's features under the key. 8 bytes a row."""
    codes: AnyArray
    """Shape (n,), uint32: position of its label in `classes`; their number where it has none."""
    classes: tuple[str, ...]


def named_columns(batch: Batch, *, target: str) -> list[str]:
    """What a row is known by: every column of the schema but the label."""
    return [name for name in batch.frame.columns if name != target]


def book_of(batches: Iterable[Batch], *, target: str, key: bytes) -> LabelBook:
    """Write down the label of every row.

    Args:
        batches: The rows; columns that name a row count as well, so that two customers with equal
            features are two.
        target: The column of labels.
        key: 32 random bytes, such as ``secrets.token_bytes(32)``, used for no other book.

    Raises:
        InputError: the key has another length.

    Cost: 12 bytes a row, and 16 more while they are sorted.
    """
    if len(key) != KEY_BYTES:
        message = f"expected a key of {KEY_BYTES} random bytes, got {len(key)}"
        raise InputError(message)
    hashes, labels = Gathered(np.uint64), Coded()
    for batch in batches:
        hashes.add(keys_of(batch, columns=named_columns(batch, target=target), key=key))
        labels.add(batch.frame[target])
    classes = tuple(sorted(labels.classes))
    codes = recoded(labels.codes, labels.classes, classes=classes)
    order = np.lexsort((codes, hashes.values))
    return LabelBook(
        key=key,
        hashes=frozen(hashes.values[order]),
        codes=frozen(codes[order]),
        classes=classes,
    )


def recoded(codes: AnyArray, old: Sequence[str], *, classes: Sequence[str]) -> AnyArray:
    """Codes in another list of classes.

    Args:
        codes: Positions in `old`, shape (n,); -1 = no label.
        old: Labels.
        classes: Labels, every one of `old` among them.

    Returns:
        Shape (n,), uint32: positions in `classes`; their number where there is no label.
    """
    places = {label: at for at, label in enumerate(classes)}
    table = np.array([*(places[label] for label in old), len(classes)], dtype=np.uint32)
    return table[codes]
