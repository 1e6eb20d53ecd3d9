"""Which label each row had, without the rows."""

from dataclasses import dataclass

from bartizan.core.arrays import AnyArray


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
