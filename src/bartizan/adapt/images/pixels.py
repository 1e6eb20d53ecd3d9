"""Arrays of images as rows: which axis is which, and what is dark and bright."""

from dataclasses import dataclass
from math import prod

import numpy as np

from bartizan.adapt.images.codec import Axes, ImageCodec
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.errors import InputError, NonFiniteError, SchemaError, ShapeError
from bartizan.core.schema import Image, Schema

LIMIT_BYTES = 8 << 30
"""8 GiB of rows as 64-bit numbers: attacks hold a few times that, and beyond it one machine's
memory is at risk."""
_CHANNELS = (1, 3, 4)
"""Grey, colour, colour with a fourth channel: what tells the axis of channels from the others."""
_HALF = 127
"""Fractions that are all whole are the 256 shades, if one is brighter than this: a set without a
bright pixel is rare, and scales such as 0 to 16 end far below."""
_WIDEST = 2.0**53
"""Whole numbers up to here are exact as 64-bit floats."""


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """Images as rows."""

    x: Array
    """Shape (n, h · w · c)."""
    codec: ImageCodec
    notes: tuple[str, ...]


def as_rows(
    values: AnyArray, *, where: str, schema: Schema | None = None, limit_bytes: int = LIMIT_BYTES
) -> Pixels:
    """Turn an array of images into rows.

    Whole numbers of 8 bits run from 0 to 255, floats from 0 to 1 or from -1 to 1 where all of
    them lie there, and from 0 to 255 where all are whole and some above half of that; for
    anything else the smallest and the largest value of the data are taken for dark and bright,
    with a note.

    Args:
        values: Shape (n, h, w), (n, h, w, c) or (n, c, h, w).
        where: What messages call them.
        schema: What is declared; its image form also settles which axis holds the channels.
        limit_bytes: Most memory of the rows.

    Raises:
        ShapeError: no such shape, or one that can be read in two ways.
        SchemaError: no numbers, no images, no contrast, or not what the schema declares.
        NonFiniteError: a value is NaN or infinite.
        InputError: the rows need more memory than the limit.
    """
    require_room(values.shape, where=where, limit_bytes=limit_bytes)
    codec, notes = image_form(values, where=where, schema=schema)
    return Pixels(x=codec.encode(values), codec=codec, notes=notes)


def image_form(
    values: AnyArray, *, where: str, schema: Schema | None = None
) -> tuple[ImageCodec, tuple[str, ...]]:
    """Find out which axis is which and what is dark and bright, without making rows.

    Args:
        values: As for `as_rows`.
        where: What messages call them.
        schema: What is declared.

    Returns:
        The way between rows and images, and what was odd.

    Raises:
        ShapeError: no such shape, or one that can be read in two ways.
        SchemaError: no numbers, no images, no contrast, or not what the schema declares.
        NonFiniteError: a value is NaN or infinite.
    """
    declared = _declared(schema, where=where)
    if values.dtype.kind not in "biuf":
        message = f"{where}: expected numbers, got type {values.dtype}; convert the images"
        raise SchemaError(message)
    axes, shape = layout(values.shape, where=where, declared=declared)
    _require_finite(values, where=where)
    low, high = float(values.min()), float(values.max())
    if declared is None:
        image, notes = _form(values, shape, low=low, high=high, where=where)
    else:
        image, notes = declared, _departures(values, declared, low=low, high=high)
    return ImageCodec(image=image, dtype=values.dtype.name, axes=axes), tuple(notes)


def _declared(schema: Schema | None, *, where: str) -> Image | None:
    if schema is not None and schema.image is None:
        message = f"{where} holds images, the schema describes columns; leave the schema out"
        raise SchemaError(message)
    return None if schema is None else schema.image


def layout(
    shape: tuple[int, ...], *, where: str, declared: Image | None = None
) -> tuple[Axes, tuple[int, int, int]]:
    """Which axis is which, and (height, width, channels)."""
    if len(shape) not in (3, 4):
        message = (
            f"{where}: expected images of shape (n, h, w), (n, h, w, c) or (n, c, h, w), got "
            f"{shape}; reshape them"
        )
        raise ShapeError(message)
    if 0 in shape:
        message = f"{where} holds no pixel: its shape is {shape}"
        raise SchemaError(message)
    readings: dict[Axes, tuple[int, int, int]] = (
        {"nhw": (shape[1], shape[2], 1)}
        if len(shape) == 3
        else {"nhwc": (shape[1], shape[2], shape[3]), "nchw": (shape[2], shape[3], shape[1])}
    )
    if declared is not None:
        fitting = [axes for axes, form in readings.items() if form == declared.shape]
        wanted = f"images of {_sizes(declared.shape)} as the schema declares"
    else:
        fitting = [axes for axes, form in readings.items() if form[2] in _CHANNELS]
        wanted = "1, 3 or 4 channels on the second or the last axis"
    if not fitting:
        message = f"{where}: expected {wanted}, got shape {shape}"
        raise ShapeError(message)
    if len(fitting) > 1 and declared is None:
        message = (
            f"{where}: shape {shape} can be read as (n, h, w, c) and as (n, c, h, w); say which "
            "with schema=Schema(image=Image(height=..., width=..., channels=...))"
        )
        raise ShapeError(message)
    return fitting[0], readings[fitting[0]]


def _sizes(shape: tuple[int, int, int]) -> str:
    return " x ".join(map(str, shape))


def require_room(shape: tuple[int, ...], *, where: str, limit_bytes: int = LIMIT_BYTES) -> None:
    """Refuse images that would not fit, before anything is allocated.

    Raises:
        InputError: as 64-bit numbers they need more than the limit.
    """
    needed = prod(shape) * 8
    if needed > limit_bytes:
        message = (
            f"{where}: {shape[0]} images need {needed / 2**30:.3g} GiB as rows of 64-bit numbers, "
            f"more than {limit_bytes / 2**30:.3g} GiB; assess some of them, or make them smaller"
        )
        raise InputError(message)


def _require_finite(values: AnyArray, *, where: str) -> None:
    if values.dtype.kind != "f":
        return
    finite = np.isfinite(values.reshape(len(values), -1)).all(axis=1)
    if not finite.all():
        first = int(np.flatnonzero(~finite)[0])
        message = (
            f"{where}: image {first} holds NaN or infinity ({int((~finite).sum())} such images); "
            "remove or repair them"
        )
        raise NonFiniteError(message)


def _form(
    values: AnyArray, shape: tuple[int, int, int], *, low: float, high: float, where: str
) -> tuple[Image, list[str]]:
    """The form of images that nobody declared, and notes."""
    whole = values.dtype.kind in "biu"
    shades = whole or bool((values == np.rint(values)).all())
    bounds, notes = _usual(values.dtype, low=low, high=high, shades=shades), []
    if bounds is None:
        if low == high or max(-low, high) > _WIDEST:
            message = f"{where}: all values are {low:g} to {high:g}; expected images with contrast"
            raise SchemaError(message)
        bounds = low, high
        notes.append(
            f"values run from {low:g} to {high:g}, which was taken for dark and bright; distances "
            "are measured in this range (declare another with schema=Schema(image=...))"
        )
    elif bounds == (0.0, 255.0) and high <= 1:
        notes.append(
            "values are whole numbers up to 1, and bright was taken to be 255; if 1 is bright, "
            "hand the images over as floats or as truth values"
        )
    height, width, channels = shape
    image = Image(
        height=height, width=width, channels=channels, min=bounds[0], max=bounds[1], whole=whole
    )
    return image, notes


def _usual(dtype: np.dtype, *, low: float, high: float, shades: bool) -> tuple[float, float] | None:
    """The usual bounds that the values keep to; `shades`: all of them are whole numbers."""
    if dtype.kind == "b":
        return 0.0, 1.0
    if dtype.kind in "iu":
        return (0.0, 255.0) if low >= 0 and high <= 255 else None
    if high <= 1 and low >= -1:
        return (0.0, 1.0) if low >= 0 else (-1.0, 1.0)
    return (0.0, 255.0) if shades and low >= 0 and _HALF < high <= 255 else None


def _departures(values: AnyArray, image: Image, *, low: float, high: float) -> list[str]:
    """What does not keep to a declared form; it stops nothing, as in tables."""
    notes = []
    if low < image.min or high > image.max:
        notes.append(
            f"values run from {low:g} to {high:g}, {image.min:g} to {image.max:g} are declared"
        )
    if image.whole and values.dtype.kind == "f" and (values % 1 != 0).any():
        notes.append("there are fractions among values that are declared as whole numbers")
    return notes
