from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from bartizan.data.inspections import fresh
from bartizan.data.rules import Rules
from unit.data.batches import NOW, clean, cut, inspected, outcome, put, rows_of, told

RULES = Rules(time="when", max_age_h=24)


def timed(*times: object) -> pl.DataFrame:
    return clean(len(times)).with_columns(pl.Series("when", list(times), strict=False))


def ago(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat()


@pytest.mark.parametrize(("hours", "found"), [(23.9, "pass"), (24.1, "fail"), (0, "pass")])
def test_the_newest_row_decides_the_age(hours: float, found: str) -> None:
    table = timed(ago(hours), ago(500), ago(9000))
    result = inspected(fresh, cut(table), brief=told(rules=RULES))
    assert outcome(fresh, result) == found
    age = result.measures[3]
    assert (age.name, age.unit) == ("age-of-newest-row", "hours")
    assert age.value == pytest.approx(hours)


def test_rows_from_the_future_fail_and_do_not_make_the_data_new() -> None:
    table = timed(ago(-2), ago(500), ago(500))
    result = inspected(fresh, cut(table), brief=told(rules=RULES))
    assert rows_of(result) == [0]
    assert result.measures[0].value == 1.0
    assert "from the future, by up to 2.0 hours" in " ".join(result.remarks)
    assert "clock was set back" in " ".join(result.remarks)


def test_clocks_may_differ_by_minutes() -> None:
    brief = told(rules=RULES)
    assert outcome(fresh, inspected(fresh, cut(timed(ago(-4 / 60))), brief=brief)) == "pass"
    assert outcome(fresh, inspected(fresh, cut(timed(ago(-6 / 60))), brief=brief)) == "fail"


def test_a_date_may_be_that_of_the_far_east() -> None:
    # At noon in Greenwich tomorrow begins in 12 hours, and has begun in Kiribati.
    tomorrow, later = date(2026, 11, 21), date(2026, 11, 22)
    brief = told(rules=RULES)
    assert outcome(fresh, inspected(fresh, cut(timed(tomorrow)), brief=brief)) == "pass"
    assert outcome(fresh, inspected(fresh, cut(timed(later)), brief=brief)) == "fail"


def test_times_that_cannot_be_read_are_counted_and_fail() -> None:
    table = timed(ago(1), "yesterday", None, "2026-13-45")
    result = inspected(fresh, cut(table), brief=told(rules=RULES))
    assert rows_of(result) == [1, 2, 3]
    assert result.measures[0].value == pytest.approx(0.75)
    assert result.measures[2].value == pytest.approx(0.75)


def test_seconds_since_1970_are_times_too() -> None:
    seconds = NOW.timestamp()
    table = timed(seconds - 3600, seconds - 7200)
    result = inspected(fresh, cut(table), brief=told(rules=RULES))
    assert outcome(fresh, result) == "pass"
    assert result.measures[3].value == pytest.approx(1.0)


def test_times_without_a_zone_are_told() -> None:
    result = inspected(fresh, cut(timed("2026-11-20 11:00:00")), brief=told(rules=RULES))
    assert "1 times name no zone and were read as UTC." in result.remarks


def test_a_clock_set_back_is_told_and_not_passed() -> None:
    brief = told(rules=RULES, before_at=NOW + timedelta(days=3))
    result = inspected(fresh, cut(timed(ago(1))), brief=brief)
    assert outcome(fresh, result) == "inconclusive"
    assert "the clock was set back" in result.remarks[-1]


def test_a_version_registered_before_now_is_no_trouble() -> None:
    brief = told(rules=RULES, before_at=NOW - timedelta(days=3))
    assert outcome(fresh, inspected(fresh, cut(timed(ago(1))), brief=brief)) == "pass"


def test_a_time_column_that_is_missing_fails() -> None:
    result = inspected(fresh, cut(clean(5).drop("when")), brief=told(rules=RULES))
    assert outcome(fresh, result) == "fail"
    assert "There is no column 'when'" in result.remarks[0]


def test_without_a_largest_age_old_rows_pass_and_their_age_is_said() -> None:
    brief = told(rules=Rules(time="when"))
    result = inspected(fresh, cut(timed(ago(9000))), brief=brief)
    assert outcome(fresh, result) == "pass"
    assert result.remarks[0] == "The newest row is 9000.0 hours old; no limit is set."


def test_the_zone_of_the_clock_does_not_matter() -> None:
    table = put(clean(5), "when", {0: ago(-2)})
    here = datetime.fromisoformat("2026-11-20T17:30:00+05:30")
    assert here.astimezone(UTC) == NOW
    first = inspected(fresh, cut(table), brief=told(rules=RULES))
    assert (
        inspected(fresh, cut(table), brief=told(rules=RULES, now=here)).measures == first.measures
    )
