"""The command as a process of its own, as a shell starts it."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from system import shop

pytestmark = pytest.mark.slow
Spawn = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def asked(folder: Path) -> tuple[object, ...]:
    data, model = shop.save_csv(folder), shop.save_skops(folder)
    given = ("--model", model.name, "--data", data.name, "--target", shop.TARGET)
    return ("assess", *given, "--profile", "standard", "--entry", "evasion.coordinate")


def findings(out: str) -> Any:
    return json.loads(Path(out, "report.json").read_bytes())["findings"]


def receipts(out: str) -> Any:
    return json.loads(Path(out, "report.json").read_bytes())["receipts"]


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_done_and_resume_goes_on_from_it(
    asked: tuple[object, ...], spawn: Spawn, workers: int
) -> None:
    asked = (*asked, "--workers", workers)
    run = spawn(*asked, "--out", "cut")
    assert run.stderr is not None
    for line in run.stderr:
        if "evasion.coordinate@shop" in line and "control of" not in line:
            break
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert "stopped by Ctrl-C; what was done is here" in out
    assert {f["outcome"] for f in findings("cut")} - {"not-run"}
    assert "not-run" in {f["outcome"] for f in findings("cut")}

    resumed = spawn(*asked, "--out", "resumed", "--resume", "--quiet")
    whole = spawn(*asked, "--out", "whole", "--quiet", "--workspace", "other")
    assert [one.wait(timeout=200) for one in (resumed, whole)] == [0, 0]
    for one in (resumed, whole):
        one.communicate()
    assert findings("resumed") == findings("whole")
    calls = {out: sum(r["calls"] for r in receipts(out)) for out in ("resumed", "whole")}
    assert 0 < calls["resumed"] < calls["whole"]


def test_a_time_budget_ends_spread_work_in_time(asked: tuple[object, ...], spawn: Spawn) -> None:
    run = spawn(*asked, "--profile", "thorough", "--time-budget", 1, "--workers", 2)
    # The whole run would take minutes; starting Python three times takes some on a busy machine.
    out, err = run.communicate(timeout=120)
    assert run.returncode in (1, 3), err
    assert "incomplete: the time budget of 1 s was used up" in out


def test_a_reader_that_leaves_changes_nothing_about_the_verdict(
    asked: tuple[object, ...], spawn: Spawn
) -> None:
    run = spawn(*asked[:-2], "--entry", "utility.balanced-accuracy", "--quiet", "--json")
    assert run.stdout is not None
    run.stdout.close()
    assert run.stderr is not None
    with run.stderr:
        said = run.stderr.read()
    assert run.wait(timeout=60) == 0, said
    assert said == ""
