"""What a report says of the data it is about, in words; and the target read back out of them."""

from bartizan.core.schema import Schema

_TARGET = ", target "


def detail_of(schema: Schema, *, target: str | None) -> str:
    """What a row is.

    Args:
        schema: The columns, or the form of the pictures.
        target: The column of labels, if there is one.
    """
    held = f"{len(schema.features):,} columns"
    if schema.image is not None:
        height, wide, channels = schema.image.shape
        held = f"pictures of {height} x {wide} x {channels} values"
    return held + (f"{_TARGET}{target}" if target else "")


def target_in(detail: str) -> str:
    """The column of labels that `detail_of` tells; empty where it tells none."""
    return detail.partition(_TARGET)[2]
