"""The rows of one finding, as a check wrote them beside its report."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from bartizan.core.errors import InputError

MOST_ROWS = 10_000
"""Rows of a finding that a check writes: enough to see what they have in common, and a file that
opens."""
_COLUMNS = {"row": pl.Int64(), "p": pl.Float64(), "suggested": pl.String()}


def checked_rows(path: Path) -> pl.DataFrame:
    """Read which rows a finding points at.

    Args:
        path: A file of ``examples/`` that exists.

    Returns:
        At least one row: ``row`` (Int64, distinct), ``p`` (Float64, 0..1, null = not told) and
        ``suggested`` (String, null = no other label).

    Raises:
        InputError: it is not what a check writes, or may not be all of it.
    """
    frame = _read(path)
    if not frame.height:
        message = f"{path} names no row, and its finding points at some; run the check again"
        raise InputError(message)
    if frame.height >= MOST_ROWS:
        message = (
            f"{path} holds the first {frame.height:,} rows, and more may be flagged; leave --from "
            "out, so that the detectors run now"
        )
        raise InputError(message)
    rows = frame["row"]
    if rows.null_count() or rows.n_unique() < len(rows) or not (rows >= 0).all():
        raise _not_written(path, "`row` must name each row once, from 0")
    if not frame["p"].drop_nulls().is_between(0.0, 1.0).all():
        raise _not_written(path, "`p` must be from 0 to 1")
    return frame


def _read(path: Path) -> pl.DataFrame:
    """Its three columns, in their types; those that need not be there are null."""
    try:
        kinds = pl.read_parquet_schema(path)
        _require_kinds(kinds, path)
        found = pl.read_parquet(path, columns=[name for name in _COLUMNS if name in kinds])
        there = [
            (pl.col(name) if name in kinds else pl.lit(None)).cast(kind).alias(name)
            for name, kind in _COLUMNS.items()
        ]
        return found.select(there).with_columns(pl.col("p").fill_nan(None))
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"{path} cannot be read: {error}; run the check again"
        raise InputError(message) from error


def _require_kinds(kinds: Mapping[str, pl.DataType], path: Path) -> None:
    """Refuse columns of other types: a number that is no whole one would be cut to one."""
    if "row" not in kinds or not kinds["row"].is_integer():
        raise _not_written(path, "there must be a column `row` of whole numbers")
    if not kinds.get("p", pl.Float64()).is_float():
        raise _not_written(path, "`p` must hold numbers")
    if kinds.get("suggested", pl.String()) != pl.String():
        raise _not_written(path, "`suggested` must hold labels as text")


def _not_written(path: Path, what: str) -> InputError:
    return InputError(f"{path} is not as a check writes it: {what}; run the check again")
