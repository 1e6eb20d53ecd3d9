"""Lengths as people say them of images: 8/255, not 0.03137."""

_SHADES = 255
"""Steps from dark to bright in an image of 8 bits."""
_EXACT = 1e-6
"""How near a number of steps is to a whole one, or to a half as medians are; the rest is
rounding."""


def in_shades(value: float) -> str | None:
    """The largest change of a value as a number of the 256 shades; none where it is no such.

    Args:
        value: As a share of the way from dark to bright.

    Example:
        >>> in_shades(8 / 255), in_shades(2.5 / 255), in_shades(0.2), in_shades(0.0432)
        ('8/255', '2.5/255', None, None)
    """
    halves = round(2 * value * _SHADES)
    close = 0 < halves < 2 * _SHADES and abs(2 * value * _SHADES - halves) < _EXACT
    if not close or round(value, 2) == value:  # such as 0.2, which is 51/255 by chance
        return None
    return f"{halves / 2:g}/{_SHADES}"
