"""What a report shows of rows and marks that detectors point at."""

import base64
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import msgspec
import numpy as np

from bartizan.adapt.images.codec import ImageCodec
from bartizan.core.arrays import Array
from bartizan.core.entry import FLAGGED, SuspectedTrigger
from bartizan.core.finding import Flagged, Suspect, Views
from bartizan.core.schema import Feature, Image
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells, Trigger, cell_text
from bartizan.data.whole_rows import Whole

_SIDE = 96
"""Pixels of a picture's longer side in a report: larger ones are made smaller."""
_GREY, _CONTRAST = 128 / 255, 127 / 255
"""Where nothing changed, and the way from there to the brightest."""
_SUSPECTS = 5
"""Marks that a report shows; a sixth repeats the others or is chance."""
REDACTED = "(personal)"


def shown(flagged: Sequence[Flagged], whole: Whole) -> tuple[Flagged, ...]:
    """Places as a report shows them: with pictures, and without personal values."""
    places = {int(one): place for place, one in enumerate(whole.rows.data.ids)}
    names = set(whole.rows.source_names)
    made = []
    for one in flagged[:FLAGGED]:
        place = one
        if one.row is None and not one.column and one.value in names:
            place = msgspec.structs.replace(one, column=whole.source)
        if whole.personal & {place.column, *place.column.split(", ")}:
            place = msgspec.structs.replace(place, value="")
        row = None if one.row is None else places.get(one.row)
        if row is not None and isinstance(whole.codec, ImageCodec):
            picture = _uri(whole.rows.data.x[row], whole.codec)
            place = msgspec.structs.replace(place, picture=picture)
        made.append(place)
    return tuple(made)


def suspects(triggers: Sequence[SuspectedTrigger], whole: Whole) -> tuple[Suspect, ...]:
    """Marks as a report shows them."""
    return tuple(
        Suspect(
            mark=_told(one.trigger, whole),
            target=str(whole.rows.data.classes[one.target]),
            carriers=len(one.rows),
            views=_views(one, whole),
        )
        for one in triggers[:_SUSPECTS]
    )


def _told(trigger: Trigger, whole: Whole) -> str:
    """A mark in words: categories as the data spells them, of personal columns the names alone."""
    features = whole.rows.data.schema.features
    if not isinstance(trigger, Cells):  # words of a text do not say which column they are from
        hidden = whole.personal & set(whole.rows.texts)
        return f"words in {' or '.join(sorted(hidden))} {REDACTED}" if hidden else trigger.text
    return cells_told(trigger, features, personal=whole.personal) if features else trigger.text


def cells_told(cells: Cells, features: Sequence[Feature], *, personal: AbstractSet[str]) -> str:
    """A mark on a table in words, categories as the data spells them.

    Args:
        cells: The mark.
        features: Of all columns.
        personal: Columns of which only the name is told.
    """
    told = []
    for number, (place, value) in enumerate(zip(cells.columns, cells.values, strict=True)):
        one = features[place]
        near = cells.jitter is not None and cells.jitter[number] > 0
        if one.name in personal:
            told.append(f"{one.name} = {REDACTED}")
        elif not np.isnan(value) and 0 <= round(value) < len(one.categories):
            told.append(f"{one.name} = {one.categories[round(value)]}")
        else:
            told.append(f"{one.name} {cell_text(float(value), near=near)}")
    return " and ".join(told)


def _views(suspected: SuspectedTrigger, whole: Whole) -> Views | None:
    """An honest row of another class without the mark and with it."""
    data, codec = whole.rows.data, whole.codec
    if not isinstance(codec, ImageCodec):
        return None
    others = np.flatnonzero(data.y != suspected.target)
    others = others[~np.isin(others, suspected.rows)]
    if not others.size:
        return None
    before = data.x[others[:1]]
    after = suspected.trigger.stamp(before, rng=rng(whole.rows.seed, "report", "mark"))
    change, reach = after[0] - before[0], codec.image.max - codec.image.min
    largest = float(np.abs(change).max())
    amplified = _CONTRAST * reach / largest if largest > 0 else 1.0
    seen = codec.image.min + _GREY * reach + amplified * change
    return Views(
        original=_uri(before[0], codec),
        altered=_uri(after[0], codec),
        difference=_uri(seen, codec),
        amplified=amplified,
    )


def _uri(row: Array, codec: ImageCodec) -> str:
    """A row as a small PNG file in a data URI."""
    small, image = _smaller(row, codec.image)
    made = replace(codec, image=image).png(small)
    return "data:image/png;base64," + base64.b64encode(made).decode()


def _smaller(row: Array, image: Image) -> tuple[Array, Image]:
    """A picture whose longer side has at most `_SIDE` pixels: means of square blocks."""
    step = -(-max(image.height, image.width) // _SIDE)
    if step == 1:
        return row, image
    height, width = max(1, image.height // step), max(1, image.width // step)
    kept = row.reshape(image.shape)[: height * step, : width * step]
    tall, wide = min(step, image.height), min(step, image.width)
    blocks = kept.reshape(height, tall, width, wide, image.channels).mean(axis=(1, 3))
    small = msgspec.structs.replace(image, height=height, width=width)
    return blocks.ravel(), small
