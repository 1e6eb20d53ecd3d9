"""What is wrong with a file of a picture, found without trusting it."""

from dataclasses import dataclass, replace
from pathlib import Path

from bartizan.adapt.images.file import MOST_PIXELS, form_of, pixels_of, telling
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError
from bartizan.formats.picture_end import declared_size, end_of, picture_format, smuggled

LIMIT_BYTES = 64 << 20
"""64 MiB, of a file: more than a picture of 33 million pixels needs, and read in a tenth of a
second."""
_MOST_SCANS = 100
"""Passes of a progressive JPEG: each is worked through in full, and encoders write about ten."""
_NAMES = {"png": (".png",), "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif")}


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """One file, as far as it could be looked at."""

    format: str
    """By content."""
    size_bytes: int
    width: int = 0
    height: int = 0
    mode: str = ""
    """Kind of pixels."""
    problem: str = ""
    """What is wrong; empty = nothing."""
    hostile: bool = False
    """Whether somebody made it so on purpose, as far as one can tell."""
    personal: str = ""
    """What its EXIF data tell of people; empty = nothing."""
    pixels: AnyArray | None = None
    """Shape (h, w, c), uint8; none = it was not unpacked."""


def facts_of(raw: bytes, *, name: str, colour: bool | None = None) -> ImageFacts:
    """Look at a file: its content, its end, its size, and then its pixels.

    Nothing is unpacked before the declared size is known to be within the limit, so that memory
    is at most 4 bytes a pixel of 33 million, and time is bounded by that and by the file's size.

    Args:
        raw: The whole file.
        name: Its name, whose ending is compared with its content.
        colour: Whether pixels get three channels; none = as the file has them.
    """
    kind = picture_format(raw) if raw else "empty"
    facts = ImageFacts(format=kind, size_bytes=len(raw))
    wrong = _misnamed(kind, name)
    if kind not in _NAMES:
        why = f"is no PNG or JPEG picture but {kind}" if raw else "is empty"
        known = Path(name).suffix.lower() in (".png", *_NAMES["jpeg"])
        return replace(facts, problem=why, hostile=bool(raw) and known and kind != "unknown")
    declared = declared_size(raw)
    if declared is not None and declared[0] * declared[1] > MOST_PIXELS:
        return replace(
            facts,
            width=declared[0],
            height=declared[1],
            problem=f"declares {declared[0]} x {declared[1]} pixels (a decompression bomb)",
            hostile=True,
        )
    end = end_of(raw)
    hidden = smuggled(raw, end=end.at) if end.at is not None else ""
    if end.scans > _MOST_SCANS:
        bomb = f"makes its reader pass over the picture {end.scans} times"
        return replace(facts, problem=bomb, hostile=True)
    opened = _opened(raw, facts, colour=colour)
    said = [one for one in (wrong, f"holds {hidden}" if hidden else "", opened.problem) if one]
    return replace(opened, problem="; ".join(said), hostile=opened.hostile or bool(hidden or wrong))


def _misnamed(kind: str, name: str) -> str:
    """That the ending of a name promises something else."""
    suffix = Path(name).suffix.lower()
    if suffix in _NAMES.get(kind, ()):
        return ""
    return f"is called {suffix or 'nothing'}, and is a {kind} file"


def _opened(raw: bytes, facts: ImageFacts, *, colour: bool | None) -> ImageFacts:
    """With size and pixels, or the reason why not."""
    try:
        form = form_of(raw, where="it")
        facts = replace(facts, width=form.width, height=form.height, mode=form.mode)
        facts = replace(facts, personal=telling(raw))
        wanted = not form.grey if colour is None else colour
        pixels = pixels_of(raw, where="it", colour=wanted)
    except InputError as error:
        text = str(error)
        bomb = "pixels, more than" in text
        return replace(facts, problem=text.removeprefix("it ").split(";")[0], hostile=bomb)
    same = bool((pixels == pixels[:1, :1]).all())
    return replace(facts, pixels=pixels, problem="has one colour all over" if same else "")
