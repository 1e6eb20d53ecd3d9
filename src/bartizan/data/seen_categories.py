"""Every category that occurs, where the columns were inferred from the first rows only."""

import msgspec
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.schema import Feature, Schema

_MOST = 10_000
"""Categories of a column; a column with more of them is text, and its values are no schema."""


class SeenCategories:
    """Collects what stands in categorical columns; memory for at most `_MOST` texts a column."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._found = {
            feature.name: set(feature.categories)
            for feature in schema.features
            if feature.type == "categorical"
        }

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        for name, known in self._found.items():
            if len(known) <= _MOST:
                values = batch.frame[name].unique().drop_nulls().cast(pl.String)
                known.update(values.to_list())

    def schema(self) -> Schema:
        """The schema with all categories; those known before stand first, as they stood."""
        features = tuple(self._with(feature) for feature in self._schema.features)
        return msgspec.structs.replace(self._schema, features=features)

    def _with(self, feature: Feature) -> Feature:
        more = sorted(self._found.get(feature.name, set()) - set(feature.categories))
        if not more:
            return feature
        return msgspec.structs.replace(feature, categories=(*feature.categories, *more[:_MOST]))
