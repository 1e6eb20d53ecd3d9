from datetime import datetime, timedelta, timezone

import pytest

from bartizan.core.occasion import moment, user_name


def test_a_moment_is_told_in_utc_to_the_second() -> None:
    east = timezone(timedelta(hours=2))
    assert moment(datetime(2026, 11, 21, 1, 2, 3, 999, tzinfo=east)) == "2026-11-20T23:02:03Z"


def test_a_user_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    assert user_name() == "ada"
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_000)
    assert user_name() == "unknown"
