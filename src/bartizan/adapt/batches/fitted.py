"""Cells as what a schema says that they are, and which cells cannot be that."""

from collections.abc import Sequence
from typing import TypeAlias

import polars as pl

from bartizan.adapt.tables.cells import MISSING
from bartizan.core.schema import Feature, Schema

_WHOLE = 2.0**63
"""Whole numbers are below it; as float64 it is the first that a 64-bit number cannot hold."""
_EXACT_FRACTION = 2.0**52
"""From here on a float64 has no fraction, so that a text's may have been rounded away."""
_ZEROS = r"\.0*$"
"""A fraction that is none: removed from texts, so that 9007199254740993.0 stays exact."""
Fit: TypeAlias = tuple[pl.Series, pl.Series | None]
"""A typed column, and where a value is there that its type cannot hold; none = nowhere."""


def fitted(
    raw: pl.DataFrame, *, schema: Schema, target: str | None
) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """Give rows the types of a schema, cell by cell: no cell decides what another one is.

    Args:
        raw: Rows as the source has them.
        schema: Its columns, in its order; those that `raw` lacks are null throughout.
        target: The column of labels, which comes last.

    Returns:
        The typed rows, and by column which cells hold a value that its type cannot: infinite
        numbers, fractions and numbers beyond 64 bits where whole numbers are due, text where
        numbers are. Columns without such cells are left out.

    Cost:
        One to three passes over each column.
    """
    features = list(schema.features)
    if target is not None:
        features.append(Feature(name=target))
    columns: list[pl.Series] = []
    unfit: dict[str, pl.Series] = {}
    have = set(raw.columns)
    for position, feature in enumerate(features):
        source = raw[feature.name] if feature.name in have else _absent(feature.name, raw.height)
        if position == len(schema.features):
            made, wrong = _label(source), None
        else:
            made, wrong = _fit(source, feature=feature)
        columns.append(made.alias(feature.name))
        if wrong is not None and wrong.any():
            unfit[feature.name] = wrong.fill_null(value=False).alias(feature.name)
    return pl.DataFrame(columns), unfit


def _absent(name: str, rows: int) -> pl.Series:
    return pl.Series(name, [None], dtype=pl.String).new_from_index(0, rows)


def _fit(source: pl.Series, *, feature: Feature) -> Fit:
    if feature.type in ("ordered", "categorical"):
        return _category(_as_text(source), known=feature.categories), None
    source = _as_text(source) if isinstance(source.dtype, pl.Enum | pl.Categorical) else source
    whole = feature.type == "integer"
    if source.dtype == pl.String:
        return _whole_text(source) if whole else _number_text(source)
    source = source.to_physical() if source.dtype.is_temporal() else source
    if whole and not source.dtype.is_float():
        made = source.cast(pl.Int64, strict=False)
        return made, source.is_not_null() & made.is_null()
    made = source.cast(pl.Float64).fill_nan(None)
    return _whole(made) if whole else _finite(made)


def _finite(numbers: pl.Series) -> Fit:
    """Numbers without NaN; infinite ones are unfit."""
    wrong = numbers.is_infinite()
    return (_without(numbers, wrong), wrong) if wrong.any() else (numbers, None)


def _whole(numbers: pl.Series) -> Fit:
    """Whole numbers of floats without NaN; fractions and what 64 bits cannot hold are unfit."""
    fits = (numbers == numbers.floor()) & (numbers >= -_WHOLE) & (numbers < _WHOLE)
    return numbers.cast(pl.Int64, strict=False).set(~fits, None), ~fits


def _without(values: pl.Series, wrong: pl.Series) -> pl.Series:
    return values.set(wrong.fill_null(value=False), None)


def _number_text(text: pl.Series) -> Fit:
    """Numbers of texts."""
    made = text.cast(pl.Float64, strict=False)
    if made.null_count() == text.null_count():
        return _finite(made.fill_nan(None))
    strays = text.is_not_null() & made.is_null()
    bare = _bare(text.filter(strays))
    again = bare.cast(pl.Float64, strict=False)
    made = made.scatter(strays.arg_true(), again)
    unread = pl.Series([False]).new_from_index(0, len(text))
    unread = unread.scatter(strays.arg_true(), bare.is_not_null() & again.is_null())
    fit, infinite = _finite(made.fill_nan(None))
    return fit, unread if infinite is None else unread | infinite.fill_null(value=False)


def _whole_text(text: pl.Series) -> Fit:
    """Whole numbers of texts, exact where they are spelled without a fraction."""
    made = text.cast(pl.Int64, strict=False)
    if made.null_count() == text.null_count():
        return made, None
    strays = text.is_not_null() & made.is_null()
    bare = _bare(text.filter(strays))
    exact = bare.str.replace(_ZEROS, "").cast(pl.Int64, strict=False)
    loose = bare.cast(pl.Float64, strict=False)
    sure = (loose.abs() < _EXACT_FRACTION) | bare.str.contains("e", literal=True)
    rounded, _ = _whole(_without(loose.fill_nan(None), ~sure))
    found = pl.select(pl.coalesce(exact, rounded)).to_series()
    wrong = bare.is_not_null() & found.is_null() & ~loose.is_nan().fill_null(value=False)
    unfit = pl.Series([False]).new_from_index(0, len(text))
    return made.scatter(strays.arg_true(), found), unfit.scatter(strays.arg_true(), wrong)


def _bare(text: pl.Series) -> pl.Series:
    """Texts that are not plain numbers: without blanks, truth values as 0 and 1, gaps as null."""
    bare = text.str.strip_chars().str.to_lowercase()
    gaps = dict.fromkeys(("", *MISSING))
    return bare.replace({**gaps, "false": "0", "true": "1"})


def _as_text(values: pl.Series) -> pl.Series:
    """Values of any type as texts: whole numbers without a point, truth values in small letters.

    The same as `column.texts`, but each cell by itself.
    """
    if not values.dtype.is_float():
        return values.cast(pl.String)
    values = values.fill_nan(None)
    whole, _ = _whole(values.cast(pl.Float64))
    return pl.select(pl.coalesce(whole.cast(pl.String), values.cast(pl.String))).to_series()


def _label(source: pl.Series) -> pl.Series:
    """Labels as text without blanks around them; whole numbers lose a fraction of zeros."""
    text = _as_text(source)
    if source.dtype != pl.String:
        return text
    return text.str.strip_chars().str.replace(r"^([+-]?\d+)\.0*$", "${1}").replace("", None)


def _category(text: pl.Series, *, known: Sequence[str]) -> pl.Series:
    """Categories as the schema spells them; others as they are, null where blank."""
    strays = text.is_not_null() & text.cast(pl.Enum(known), strict=False).is_null()
    if not strays.any():
        return text
    distinct = text.filter(strays).unique()
    bare = distinct.str.strip_chars()
    numbers = bare.cast(pl.Float64, strict=False)
    small = bare.str.to_lowercase()
    spellings = [bare, _as_text(numbers), numbers.cast(pl.String)]
    truths = small.is_in(["false", "true"])
    spellings.append(pl.select(pl.when(truths).then(small)).to_series())
    found = [one.cast(pl.Enum(known), strict=False).cast(pl.String) for one in spellings]
    kept = pl.select(pl.when(bare != "").then(distinct)).to_series()
    return text.replace(distinct, pl.select(pl.coalesce(*found, kept)).to_series())
