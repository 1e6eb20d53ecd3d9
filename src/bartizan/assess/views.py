"""What a changed image looks like."""

import base64

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.codec import Pictured
from bartizan.core.finding import Change, Views
from bartizan.core.schema import Image

_GREY, _CONTRAST = 128 / 255, 127 / 255
"""Middle of the 256 shades of a PNG file, and the way from there to the brightest, as shares of
the way from dark to bright."""


def views(codec: Pictured, image: Image, before: Array, after: Array) -> Views:
    """Draw an image before and after an attack, and the difference.

    Args:
        codec: Draws.
        image: The form of the images.
        before: The original row, shape (d,).
        after: The changed row, shape (d,).

    Returns:
        PNG files as data URIs. In the difference, 128 of 255 means no change, and the largest
        change has full contrast.
    """
    change, reach = after - before, image.max - image.min
    largest = float(np.abs(change).max())
    amplified = _CONTRAST * reach / largest if largest > 0 else 1.0
    shown = image.min + _GREY * reach + amplified * change
    return Views(
        original=_uri(codec.png(before)),
        altered=_uri(codec.png(after)),
        difference=_uri(codec.png(shown)),
        amplified=amplified,
    )


def _uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def pixel_changes(image: Image, before: Array, after: Array) -> tuple[Change, ...]:
    """How many pixels differ in any channel, as one line; none where nothing does."""
    differs = (before != after).reshape(image.height * image.width, image.channels).any(axis=1)
    if not differs.any():
        return ()
    told = f"{int(differs.sum())} of {len(differs)}"
    return (Change(feature="pixels changed", before="0", after=told),)
