"""All rows of a data set at once, out of its batches."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.arrays import AnyBatches, ArrayBatches
from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.batches.reading import Batches
from bartizan.adapt.images.codec import ImageCodec
from bartizan.adapt.table import Table
from bartizan.adapt.tables import cells
from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.tables.labels import Labels, code_labels
from bartizan.adapt.training.recipe import data_recipe
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError
from bartizan.core.schema import Image, Schema
from bartizan.data.inspection import Brief
from bartizan.data.labelled import Labelled
from bartizan.data.tally import hidden, source_of

_TRUTHS = ("false", "true")
NOBODY = "(no source)"
"""The name of the rows of which nobody says who contributed them."""


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Labelled rows, and what a report needs to show them."""

    rows: Labelled
    codec: Codec | ImageCodec
    personal: frozenset[str]
    """Columns whose values are not shown."""
    source: str = ""
    """The column that says who contributed a row; empty = there is none."""


def gathered(
    batches: AnyBatches, *, brief: Brief, schema: Schema, texts: tuple[str, ...], chosen: Ints
) -> "Gathered":
    """Read a data set once more and keep rows.

    Args:
        batches: The data set; it was read to the end before.
        brief: What is known of it.
        schema: Its columns, with every category that occurs.
        texts: Columns of running text.
        chosen: Positions of the rows to keep, ascending; all of them have a label.

    Raises:
        InputError: the data set is not what it was when it was read before.
    """
    before = batches.digest
    kept = learnt_from(schema, texts=texts, source=brief.rules.source)
    parts = Gathered(brief=brief, schema=kept, texts=texts, chosen=chosen)
    for batch in batches:
        begin, end = np.searchsorted(chosen, [batch.start, batch.start + batch.rows])
        if begin < end:
            parts.see(batch, places=chosen[begin:end] - batch.start, begin=int(begin))
    if batches.digest != before:
        message = (
            f"{brief.name} changed while it was read; nothing can be said about it. Wait until it "
            "is written, or check a copy"
        )
        raise InputError(message)
    return parts


def formed(parts: "Gathered", batches: AnyBatches, *, recipe: Any, seed: int) -> Whole:
    """Make of gathered rows what detectors look at.

    Rows whose label turns out to be a word for a missing number, among numbers, are left out.

    Args:
        parts: The rows.
        batches: The data set that they are of.
        recipe: ``module:function`` that trains on such rows, or the function; none = there is
            none.
        seed: Of everything random.

    Raises:
        SchemaError: the labels are no classes.
        UsageError: there is no such recipe.
    """
    labels = parts.labels()
    data = Dataset(
        name=parts.brief.name,
        x=parts.x,
        y=labels.y,
        classes=labels.classes,
        ids=parts.chosen,
        schema=parts.schema,
        digest=batches.digest or "",
    )
    codec = _codec(batches, schema=parts.schema, dtypes=parts.dtypes)
    return _whole(data, codec=codec, parts=parts, recipe=recipe, seed=seed)


def learnt_from(schema: Schema, *, texts: tuple[str, ...], source: str | None) -> Schema:
    """The columns that a model would learn from: no keys, no running text, not who sent a row."""
    if schema.image is not None:
        return schema
    left = {*texts, source}
    features = tuple(one for one in schema.features if one.name not in left and not one.identifier)
    return Schema(features=features)


def _whole(
    data: Dataset, *, codec: Codec | ImageCodec, parts: "Gathered", recipe: Any, seed: int
) -> Whole:
    own: Recipe | None = None
    kept = np.flatnonzero(data.y >= 0)
    labelled = data if len(kept) == len(data.y) else data.take(kept)
    if recipe is not None:
        own = data_recipe(recipe, table=Table(dataset=labelled, codec=codec))
    sources, names = parts.sources()
    rows = Labelled(
        data=data,
        sources=sources,
        source_names=names,
        texts=parts.texts(),
        recipe=own,
        seed=seed,
    )
    if labelled is not data:
        rows = rows.replaced(labelled, rows=kept)
    return Whole(rows=rows, codec=codec, personal=parts.personal(names), source=parts.source)


def _codec(
    batches: AnyBatches, *, schema: Schema, dtypes: dict[str, pl.DataType]
) -> Codec | ImageCodec:
    """The way back to rows as their owner knows them."""
    if isinstance(batches, ArrayBatches):
        return batches.codec
    if isinstance(batches, Batches):
        return Codec.of(schema, dtypes=pl.Schema(dtypes), container=batches.container)
    return ImageCodec(
        image=batches.schema.image or Image(height=1, width=1, channels=1), dtype="uint8"
    )


class Gathered:
    """Rows as they come in."""

    def __init__(
        self, *, brief: Brief, schema: Schema, texts: tuple[str, ...], chosen: Ints
    ) -> None:
        self.brief, self.schema, self.chosen = brief, schema, chosen
        self.source = brief.rules.source or ""
        self.x: Array = np.empty((len(chosen), schema.width))
        self.dtypes: dict[str, pl.DataType] = {}
        self._codec = Codec.of(schema) if schema.image is None else None
        self._labels: list[pl.Series] = []
        self._truths = False
        self._sources: list[pl.Series] = []
        self._texts: dict[str, list[AnyArray]] = {name: [] for name in texts}

    def see(self, batch: Batch, *, places: Ints, begin: int) -> None:
        """Keep some rows of a batch, from row `begin` on."""
        target = self.brief.target or ""
        self._labels.append(batch.frame[target][places])
        if target in batch.raw.columns:
            self._truths |= batch.raw[target].dtype == pl.Boolean
        found = source_of(batch, rules=self.brief.rules)
        if found is not None:
            self._sources.append(found[places])
        for name, held in self._texts.items():
            texts = batch.raw[name][places].cast(pl.String).fill_null("")
            held.append(np.array(texts.to_list(), dtype=object))
        end = begin + len(places)
        if self._codec is None:
            pixels = np.empty(0) if batch.pixels is None else batch.pixels[places]
            self.x[begin:end] = pixels.reshape(len(places), -1)
            return
        self._note_types(batch)
        self.x[begin:end] = self._codec.encode(self._known(batch.frame[places]))

    def _known(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows whose unknown categories are missing."""
        coded = [
            frame[one.name].cast(pl.Enum(one.categories), strict=False)
            for one in self.schema.features
            if one.categories
        ]
        return frame.with_columns(coded)

    def _note_types(self, batch: Batch) -> None:
        """What type each column has in the source, where it has types."""
        if self.dtypes:
            return
        for one in self.schema.features:
            if one.name in batch.raw.columns and batch.raw[one.name].dtype != pl.String:
                self.dtypes[one.name] = batch.raw[one.name].dtype
            elif one.categories == _TRUTHS:
                self.dtypes[one.name] = pl.Boolean()

    def labels(self) -> Labels:
        """Classes, spelled as the data spells them."""
        found = pl.concat(self._labels)
        if self._truths:
            return code_labels(found.str.to_titlecase())
        return code_labels(cells.typed(found.to_frame(), spelled=found.name)[0].to_series())

    def sources(self) -> tuple[Ints | None, tuple[str, ...]]:
        """Who contributed each row, and the names; rows of which nobody says are a group."""
        if not self._sources or all(part.null_count() == len(part) for part in self._sources):
            return None, ()
        found = pl.concat(self._sources)
        names = found.drop_nulls().unique().sort()
        codes = found.replace_strict(names, np.arange(len(names)), default=len(names))
        nobody = (NOBODY,) if found.null_count() else ()
        made = codes.fill_null(len(names)).to_numpy().astype(np.int64)
        return made, (*names.to_list(), *nobody)

    def texts(self) -> dict[str, AnyArray]:
        """Running text by column."""
        return {name: np.concatenate(held) for name, held in self._texts.items() if held}

    def personal(self, names: tuple[str, ...]) -> frozenset[str]:
        """Columns whose values are not shown; the one of sources may be no feature."""
        found = {one.name for one in self.brief.schema.features if one.personal}
        source = self.brief.rules.source
        if source is not None and hidden(self.brief.schema, column=source, names=names):
            found.add(source)
        return frozenset(found)
