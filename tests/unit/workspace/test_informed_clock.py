"""What a check learns from what was registered before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from bartizan.data.rules import Rules
from bartizan.workspace.datasets import dataset_inputs
from bartizan.workspace.workspace import Workspace

FIRST = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TIMES = [(FIRST - timedelta(days=90, minutes=at)).isoformat() for at in range(60)]
TABLE = pl.DataFrame({"amount": [float(at % 17) for at in range(60)], "when": TIMES})


@pytest.mark.parametrize(("days", "outcome"), [(1, "pass"), (-30, "inconclusive")])
def test_a_clock_that_is_before_the_last_registration_was_set_back(
    tmp_path: Path, days: int, outcome: str
) -> None:
    now = [FIRST]
    with Workspace(tmp_path, clock=lambda: now[0]) as workspace:
        rules = Rules(time="when")
        inputs = dataset_inputs(TABLE, now=now[0], name="pay", rules=rules)
        workspace.data.register.add(inputs, source="a test", by="ana")
        now[0] += timedelta(days=days)
        checked = workspace.data.check(TABLE, name="pay", rules=rules, entries=["data.fresh"])
        assert [one.outcome for one in checked.report.findings] == [outcome]
