"""Columns as moments in UTC, however they are spelled."""

import polars as pl

_UTC = pl.Datetime("us", "UTC")
_DATE = r"(\d{4})-(\d{2})-(\d{2})"
_CLOCK = r"(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?"
_ZONE = r"(Z|z|[+-]\d{2}(?::?\d{2})?)?"
_EXTENDED = rf"^{_DATE}(?:[Tt ]{_CLOCK} ?{_ZONE})?$"
_BASIC = r"^(\d{4})(\d{2})(\d{2})(?:[Tt](\d{2})(\d{2})(?:(\d{2})(?:[.,](\d+))?)?" + _ZONE + ")?$"
"""ISO 8601, 5.2 to 5.4: extended and basic form, as far as clocks of computers write it."""
_SECONDS = 1e11
"""Numbers up to it are seconds (the year 5138), above it milliseconds (from 1973)."""
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds from 1970 to the begin of year 1 and the end of year 9999, as Python holds them."""
_DAYS = (19_000_101, 21_001_231)
"""Whole numbers between them that spell a date are that date: as seconds they would all lie in
August 1970."""


def moments(column: pl.Series) -> tuple[pl.Series, int]:
    """Read a column as moments.

    Understood are ISO 8601 texts with and without a clock and a zone, dates, whole and broken
    seconds or milliseconds since 1970 as numbers or texts, and the types of time of polars.

    Args:
        column: Shape (n,).

    Returns:
        Datetime("us", "UTC"), shape (n,), null where nothing was understood or the year is not
        1 to 9999; and how many values name no zone and were taken as UTC.

    Example:
        >>> values, naive = moments(pl.Series(["2024-03-01T12:00:00+02:00", "2024-03-01", "?"]))
        >>> [str(value) for value in values], naive
        (['2024-03-01 10:00:00+00:00', '2024-03-01 00:00:00+00:00', 'None'], 1)
    """
    dtype = column.dtype
    if isinstance(dtype, pl.Enum | pl.Categorical):
        column, dtype = column.cast(pl.String), pl.String()
    if dtype == pl.String:
        return _texts(column)
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        return _times(column)
    if dtype.is_numeric():
        return _numbers(column.cast(pl.Float64))
    return _made(column.name, pl.Series([None], dtype=pl.Int64).new_from_index(0, len(column))), 0


def _times(column: pl.Series) -> tuple[pl.Series, int]:
    """Types of time of polars."""
    zone = column.dtype.time_zone if isinstance(column.dtype, pl.Datetime) else None
    made = column.cast(pl.Datetime("us", zone), strict=False).to_physical()
    made = _made(column.name, made)
    return made, 0 if zone else len(made) - made.null_count()


def _made(name: str, micros: pl.Series) -> pl.Series:
    """Microseconds since 1970 as moments; null beyond Python's years."""
    fits = micros.is_between(_FIRST, _LAST)
    return micros.set(~fits.fill_null(value=True), None).cast(_UTC).alias(name)


def _numbers(values: pl.Series) -> tuple[pl.Series, int]:
    """Seconds or milliseconds, and whole numbers that spell a date."""
    values = values.fill_nan(None)
    days = _spelled_days(values)
    seconds = values.abs() < _SECONDS
    scaled = pl.select(pl.when(seconds).then(values * 1e6).otherwise(values * 1e3)).to_series()
    micros = scaled.round().set(~scaled.is_between(_FIRST, _LAST), None).cast(pl.Int64)
    made = pl.select(pl.coalesce(days, micros)).to_series()
    return _made(values.name, made), len(days) - days.null_count()


def _spelled_days(values: pl.Series) -> pl.Series:
    """Microseconds of whole numbers such as 20240301; null where they are none."""
    alike = values.is_between(*_DAYS) & (values == values.floor())
    texts = values.set(~alike, None).cast(pl.Int64).cast(pl.String)
    return texts.str.to_date("%Y%m%d", strict=False).cast(pl.Datetime("us")).to_physical()


def _texts(column: pl.Series) -> tuple[pl.Series, int]:
    """ISO 8601, and numbers as text."""
    bare = column.str.strip_chars()
    micros, naive = _iso(bare, pattern=_EXTENDED)
    if micros.null_count() > column.null_count():
        more, others = _iso(bare, pattern=_BASIC)
        numbers, spelled = _numbers(
            bare.set(more.is_not_null(), None).cast(pl.Float64, strict=False)
        )
        micros = pl.select(pl.coalesce(micros, more, numbers.to_physical())).to_series()
        naive += others + spelled
    return _made(column.name, micros), naive


def _iso(bare: pl.Series, *, pattern: str) -> tuple[pl.Series, int]:
    """Microseconds of texts of one pattern, and how many of them name no zone."""
    parts = bare.str.extract_groups(pattern).struct.unnest()
    year, month, day, hour, minute, second, broken, zone = (pl.col(name) for name in parts.columns)
    date = pl.concat_str(year, month, day).str.to_date("%Y%m%d", strict=False)
    clock = [part.cast(pl.Int64).fill_null(0) for part in (hour, minute, second)]
    micro = broken.str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64).fill_null(0)
    digits = zone.str.replace(":", "").str.slice(1).str.pad_end(4, "0")
    ahead = digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(2).cast(
        pl.Int64, strict=False
    )
    behind = zone.str.starts_with("-")
    shift = pl.when(behind).then(-ahead).otherwise(ahead).fill_null(0)
    valid = (clock[0] < 24) & (clock[1] < 60) & (clock[2] < 60) & (ahead.fill_null(0) < 24 * 60)
    total = ((clock[0] * 60 + clock[1] - shift) * 60 + clock[2]) * 1_000_000 + micro
    found = parts.select(
        pl.when(valid).then(date.cast(pl.Datetime("us")).to_physical() + total).alias("micros"),
        naive=zone.is_null(),
    )
    naive = found.select((pl.col("micros").is_not_null() & pl.col("naive")).sum()).item()
    return found["micros"], int(naive)
