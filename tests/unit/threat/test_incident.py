"""Durations of laws in words."""

import pytest

from bartizan.core.errors import ConfigError
from bartizan.threat.incident import _words


@pytest.mark.parametrize(
    ("within", "said"),
    [
        ("PT72H", "72 hours"),
        ("PT30M", "30 minutes"),
        ("P30M", "30 months"),
        ("P1DT12H", "1 day and 12 hours"),
        ("P1Y2M3DT1H", "1 year, 2 months, 3 days and 1 hour"),
        ("P2W", "2 weeks"),
        (None, "without delay"),
    ],
)
def test_dates_and_times_are_told_apart(within: str | None, said: str) -> None:
    assert _words(within) == said


@pytest.mark.parametrize("within", ["", "P", "PT", "P1DT", "72H", "P1.5D", "P1H", "-P1D", "P1D "])
def test_what_is_no_duration_is_refused(within: str) -> None:
    with pytest.raises(ConfigError, match="expected a duration"):
        _words(within)
