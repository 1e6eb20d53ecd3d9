"""Suspected marks as they are kept beside a report, so that a cleaning can measure them again."""

from collections.abc import Iterable, Mapping

import numpy as np

from bartizan.core.dataset import Dataset
from bartizan.core.entry import DetectorResult, SuspectedTrigger
from bartizan.core.record import Record
from bartizan.core.schema import Feature, Image
from bartizan.core.trigger import Cells, Overlay

FILE = "marks.json"
_BYTES = "<f8"
"""Numbers of a picture, little-endian: what is read is what was written, to the bit."""


class MarkedCell(Record, frozen=True, kw_only=True):
    """One cell of a mark in a table."""

    column: str
    value: float | str | None
    """A number, a category as the data spells it, or nothing for a missing value."""
    spread: float | None = None
    """Standard deviation around the number; none = exactly it."""


class MarkedPicture(Record, frozen=True, kw_only=True):
    """A mark on pictures."""

    image: Image
    """The form of the pictures."""
    mask: bytes
    """How much of each value is covered, 0..1: float64, little-endian; base64 in JSON."""
    pattern: bytes
    """What covers it, in pixel values; as `mask`."""
    text: str


class KeptMark(Record, frozen=True, kw_only=True):
    """A mark that seems to have been planted: in cells, or on pictures."""

    detector: str
    target: str
    """The class it leads to, as the data spells it."""
    rows: tuple[int, ...]
    """Ids of the rows that carry it, ascending."""
    cells: tuple[MarkedCell, ...] = ()
    picture: MarkedPicture | None = None


class Marks(Record, frozen=True, kw_only=True, tag_field="schema", tag="marks/1"):
    """All marks that a check suspects. They hold values of rows, and are as private as they are."""

    digest: str
    """Of the data in which they were found."""
    marks: tuple[KeptMark, ...]
    """Strongest first of each detector."""


def measurable(triggers: Iterable[SuspectedTrigger]) -> tuple[SuspectedTrigger, ...]:
    """Marks that can be put on rows of numbers and categories, or on pictures; not on texts."""
    return tuple(one for one in triggers if isinstance(one.trigger, Cells | Overlay))


def kept_marks(results: Mapping[str, DetectorResult], data: Dataset) -> Marks:
    """What is kept of the marks that detectors suspect.

    Args:
        results: By id of an entry; each about exactly these rows.
        data: The rows.
    """
    marks = tuple(
        _kept(one, data, detector=name)
        for name, result in results.items()
        for one in measurable(result.triggers)
    )
    return Marks(digest=data.digest, marks=marks)


def suspected(mark: KeptMark, data: Dataset) -> SuspectedTrigger | None:
    """A mark over the columns of a data set; none = it has not got what the mark is made of.

    Args:
        mark: As it was kept.
        data: The same source, perhaps with fewer columns.
    """
    classes = [str(label) for label in data.classes]
    trigger = (
        _cells(mark.cells, data.schema.features)
        if mark.picture is None
        else _overlay(mark.picture, data.schema.image)
    )
    if trigger is None or mark.target not in classes:
        return None
    rows = np.flatnonzero(np.isin(data.ids, mark.rows))
    return SuspectedTrigger(trigger=trigger, target=classes.index(mark.target), rows=rows)


def _kept(one: SuspectedTrigger, data: Dataset, *, detector: str) -> KeptMark:
    trigger, schema = one.trigger, data.schema
    cells: tuple[MarkedCell, ...] = ()
    picture = None
    if isinstance(trigger, Cells):
        cells = _kept_cells(trigger, schema.features)
    if isinstance(trigger, Overlay) and schema.image is not None:
        picture = MarkedPicture(
            image=schema.image,
            mask=trigger.mask.astype(_BYTES).tobytes(),
            pattern=trigger.pattern.astype(_BYTES).tobytes(),
            text=trigger.text,
        )
    return KeptMark(
        detector=detector,
        target=str(data.classes[one.target]),
        rows=tuple(data.ids[one.rows].tolist()),
        cells=cells,
        picture=picture,
    )


def _kept_cells(trigger: Cells, features: tuple[Feature, ...]) -> tuple[MarkedCell, ...]:
    spreads = [None] * len(trigger.columns) if trigger.jitter is None else trigger.jitter.tolist()
    made = []
    for place, value, spread in zip(trigger.columns, trigger.values, spreads, strict=True):
        one = features[place]
        told: float | str | None = None if np.isnan(value) else float(value)
        if one.categories and told is not None:
            told = one.categories[round(value)]
        made.append(MarkedCell(column=one.name, value=told, spread=spread))
    return tuple(made)


def _cells(cells: tuple[MarkedCell, ...], features: tuple[Feature, ...]) -> Cells | None:
    """The cells over these columns; none = one, or its value, is not there, or there are none."""
    places = {one.name: place for place, one in enumerate(features)}
    columns, values = [], []
    for cell in cells:
        place = places.get(cell.column)
        value = None if place is None else _value(cell.value, features[place])
        if place is None or value is None:
            return None
        columns.append(place)
        values.append(value)
    if not columns:
        return None
    spreads = [cell.spread for cell in cells]
    return Cells(
        columns=np.array(columns, dtype=np.int64),
        values=np.array(values),
        jitter=None if None in spreads else np.array(spreads, dtype=np.float64),
        names=tuple(cell.column for cell in cells),
    )


def _value(told: float | str | None, feature: Feature) -> float | None:
    """A value as the column holds it; none = it cannot hold it."""
    if told is None:
        return np.nan
    if feature.categories:
        return float(feature.categories.index(told)) if told in feature.categories else None
    return told if isinstance(told, float) else None


def _overlay(kept: MarkedPicture, image: Image | None) -> Overlay | None:
    """The mark over pictures of this form; none = they are others."""
    if kept.image != image or not len(kept.mask) == len(kept.pattern) == 8 * image.size:
        return None
    mask, pattern = (np.frombuffer(raw, dtype=_BYTES) for raw in (kept.mask, kept.pattern))
    return Overlay(mask=mask, pattern=pattern, text=kept.text)
