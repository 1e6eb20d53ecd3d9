from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.adapt.tables.moments import moments

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01T12:00:00Z",
        "2024-03-01t12:00z",
        "2024-03-01 12:00:00.000+00:00",
        "2024-03-01T14:00:00+02:00",
        "2024-03-01T14:00:00+0200",
        "2024-03-01T14:00+02",
        "2024-03-01T06:30:00-05:30",
        " 2024-03-01T12:00:00,0Z ",
        "20240301T120000Z",
        "20240301T1400+02",
        "1709294400",
        "1709294400.0",
        "1709294400000",
    ],
)
def test_spellings_of_one_moment_are_one(text: str) -> None:
    values, naive = moments(pl.Series("t", [text, None]))
    assert values.to_list() == [NOON, None]
    assert (values.name, values.dtype, naive) == ("t", pl.Datetime("us", "UTC"), 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-03-01T12:00:00", NOON),
        ("2024-03-01 12:00", NOON),
        ("20240301T120000", NOON),
        ("2024-03-01", NOON.replace(hour=0)),
        ("20240301", NOON.replace(hour=0)),
        (20240301, NOON.replace(hour=0)),
        (date(2024, 3, 1), NOON.replace(hour=0)),
        (NOON.replace(tzinfo=None), NOON),
    ],
)
def test_what_names_no_zone_is_utc_and_counted(value: object, expected: datetime) -> None:
    values, naive = moments(pl.Series([value, None]))
    assert (values.to_list(), naive) == ([expected, None], 1)


@pytest.mark.parametrize(
    "text",
    ["", " ", "never", "NA", "nan", "inf", "2024-02-30", "2024-13-01", "2024-03-01T24:00",
     "2024-3-1", "2024-03-01T12:60", "2024-03-01T12:00:60", "2024-03-01T12:00+25:00",
     "0001-01-01T00:00+01:00",
     "99999999999999999", "2024-03-01T12", "2024-0301", "01.03.2024"],
)  # fmt: skip
def test_what_is_no_moment_is_null(text: str) -> None:
    values, naive = moments(pl.Series([text]))
    assert (values.to_list(), naive) == ([None], 0)


@settings(deadline=None)
@given(
    st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999), st.integers(-14 * 60, 14 * 60)
)
def test_what_python_writes_is_read_to_the_microsecond(micros: int, minutes: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    try:
        text = moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    except OverflowError:
        text = moment.isoformat()
    assert moments(pl.Series([text]))[0].to_list() == [moment]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_types_of_time_keep_their_moment(unit: Literal["ms", "us", "ns"]) -> None:
    there = pl.Series([NOON]).dt.convert_time_zone("Asia/Tokyo")
    zoned = there.dt.cast_time_unit(unit)
    assert moments(zoned)[0].to_list() == [NOON]
    assert moments(pl.Series([1.5, float("nan"), float("inf"), -1.0]))[0].to_list() == [
        datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC),
        None,
        None,
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([time(12), None]),
        pl.Series([timedelta(days=1), None]),
        pl.Series([True, None]),
        pl.Series([None, None]),
        pl.Series(["x", None], dtype=pl.Categorical),
    ],
)
def test_other_types_hold_no_moments(column: pl.Series) -> None:
    assert moments(column)[0].to_list() == [None, None]


def test_no_values_give_no_moments() -> None:
    for dtype in (pl.String, pl.Int64, pl.Date):
        assert len(moments(pl.Series([], dtype=dtype))[0]) == 0
