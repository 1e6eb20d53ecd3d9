"""Opens one picture that nobody vouches for."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError

MOST_PIXELS = 1 << 25
"""33 million: larger than what cameras deliver to a classifier, and 100 MB once unpacked."""
_FORMATS = ("PNG", "JPEG")
_GREY, _COLOUR = ("1", "L"), ("RGB", "P", "CMYK", "YCbCr")
_SEE_THROUGH = ("RGBA", "LA", "PA")
_OPAQUE = 255
_ORIENTATION = 0x0112
"""EXIF 2.3, table 4: 1 is upright, 2 to 8 are turned or mirrored."""
_TELLING = {
    0x013B: "an artist's name",
    0x8298: "a copyright holder",
    0xA430: "an owner's name",
    0xA431: "a camera's serial number",
    0xA435: "a lens's serial number",
    0xC62F: "a camera's serial number",
}
"""EXIF 2.32, tables 3 and 8, and DNG 1.4: tags that name a person, or a thing of a person."""
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_XMP_GPS = (b"exif:GPSLatitude", b"GPSLatitude>")
_PNG_DEPTH = 24
"""Where a PNG file says how many bits a value has (IHDR, PNG specification, 11.2.1)."""


@dataclass(frozen=True)
class Form:
    """What a picture is, as its head says."""

    width: int
    height: int
    mode: str
    """pillow's name for the kind of pixels."""
    turned: bool = False
    """Whether cameras' data (EXIF) asks viewers to turn or mirror it."""

    @property
    def grey(self) -> bool:
        """Whether there is one channel."""
        return self.mode in (*_GREY, "LA")


def form_of(raw: bytes, *, where: str) -> Form:
    """Read the head of a picture; nothing is unpacked.

    Raises:
        InputError: no PNG or JPEG, too large, animated, or of more than 8 bits a value; the
            message names the file.
    """
    with _opened(raw, where=where) as picture:
        form = Form(picture.width, picture.height, picture.mode, turned=_turned(picture))
        pictures = getattr(picture, "n_frames", 1)
    if form.width * form.height > MOST_PIXELS:
        raise InputError(_too_large(where, f"{form.width} x {form.height} pixels"))
    if pictures > 1:
        message = f"{where} holds {pictures} pictures (an animation); save one of them"
        raise InputError(message)
    deep = raw.startswith(b"\x89PNG") and raw[_PNG_DEPTH] > 8
    if deep or form.mode not in (*_GREY, *_COLOUR, *_SEE_THROUGH):
        message = (
            f"{where} has more than 8 bits a value, or pixels of an unknown kind ({form.mode}); "
            "convert it as the model's training data was"
        )
        raise InputError(message)
    return form


def pixels_of(raw: bytes, *, where: str, colour: bool) -> AnyArray:
    """Unpack a picture.

    Palettes become colours, CMYK becomes RGB as pillow does it (without colour profiles).

    Args:
        raw: The whole file, of a form that `form_of` has accepted.
        where: Its name, for messages.
        colour: Whether to return three channels; grey is repeated.

    Returns:
        Shape (h, w, 3) or (h, w, 1), uint8.

    Raises:
        InputError: the file is cut off or damaged, or has transparent pixels.
    """
    with _opened(raw, where=where) as picture:
        picture.load()
        clear = False
        if picture.mode in _SEE_THROUGH or "transparency" in picture.info:
            clear = picture.convert("RGBA").getchannel("A").getextrema()[0] < _OPAQUE
        values = np.asarray(picture.convert("RGB" if colour else "L"))
    if clear:
        message = (
            f"{where} has transparent pixels, and what is behind them is not known; put it on a "
            "background as the model's training data was"
        )
        raise InputError(message)
    return values.reshape(*values.shape[:2], -1)


def telling(raw: bytes) -> str:
    """What a picture's EXIF and XMP data say of people, in words without the data; empty = nothing.

    Raises:
        InputError: it is no PNG or JPEG that can be opened.
    """
    with _opened(raw, where="the picture") as picture:
        tags = _tags(picture)
    found = [_TELLING[tag] for tag in tags if tag in _TELLING]
    if _GPS_IFD in tags or any(sign in raw for sign in _XMP_GPS):
        found.insert(0, "where it was taken (GPS)")
    return ", ".join(dict.fromkeys(found))


def _tags(picture: Any) -> set[int]:
    """Tags of EXIF data that hold something, if they can be read."""
    try:
        data = picture.getexif()
        held = {tag for tag, value in data.items() if value not in ("", b"", None)}
        held |= {tag for tag, value in data.get_ifd(_EXIF_IFD).items() if value not in ("", b"")}
        position = data.get_ifd(_GPS_IFD)
    except Exception:  # noqa: BLE001 (damaged data about a picture does not damage the picture)
        return set()
    return held | {_GPS_IFD} if position else held - {_GPS_IFD}


def _turned(picture: Any) -> bool:
    """Whether its EXIF data, if it can be read, asks for another orientation."""
    try:
        return picture.getexif().get(_ORIENTATION, 1) not in (0, 1)
    except Exception:  # noqa: BLE001 (damaged data about a picture does not damage the picture)
        return False


def _too_large(where: str, size: str) -> str:
    return f"{where} has {size}, more than {MOST_PIXELS}; make it smaller"


@contextmanager
def _opened(raw: bytes, *, where: str) -> Iterator[Any]:
    """A picture whose troubles are told in our words."""
    from PIL import Image as Picture  # noqa: PLC0415 (slow to import; only for pictures)
    from PIL import UnidentifiedImageError  # noqa: PLC0415 (the same)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as on damaged EXIF data, which nobody needs
            warnings.simplefilter("error", Picture.DecompressionBombWarning)
            with Picture.open(io.BytesIO(raw), formats=_FORMATS) as picture:
                yield picture
    except (Picture.DecompressionBombError, Picture.DecompressionBombWarning) as error:
        raise InputError(_too_large(where, "far too many pixels")) from error
    except UnidentifiedImageError as error:
        message = (
            f"{where} is no PNG or JPEG file, or is cut off in its head; convert it, or take it "
            "out of the folder"
        )
        raise InputError(message) from error
    except Exception as error:  # pillow's readers raise many kinds on what they do not expect
        message = f"{where}: no PNG or JPEG that can be opened ({error}); is it cut off?"
        raise InputError(message) from error
