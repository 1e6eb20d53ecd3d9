"""Places that cannot be written, and two runs that share one."""

import json
import os
import resource
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bartizan import Workspace
from bartizan.core.errors import OutputError
from system import shop
from system.command import Run


@pytest.mark.parametrize("out", ["taken", "taken/report"])
def test_a_file_in_the_way_of_the_report_is_refused(glance: Run, out: str) -> None:
    Path("taken").write_text("mine")
    ran = glance("--out", out)
    assert ran.code == 2
    assert f"cannot write {out}" in ran.err
    assert "choose a directory that can be written with --out" in ran.err
    assert Path("taken").read_text() == "mine"
    assert "inconclusive" in ran.out or "pass" in ran.out, "what was found is shown all the same"


def test_a_report_that_cannot_be_kept_goes_to_the_program_that_asked(glance: Run) -> None:
    Path("taken").write_text("mine")
    ran = glance("--out", "taken", "--json")
    assert ran.code == 2
    assert json.loads(ran.out)["findings"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(glance: Run) -> None:
    Path("locked").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    ran = glance("--out", "locked")
    assert ran.code == 2
    assert "cannot write locked" in ran.err


def test_a_file_in_the_way_of_the_examples_is_refused(assess: Run) -> None:
    Path("out").mkdir()
    Path("out/examples").write_text("mine")
    ran = assess("--entry", "evasion.coordinate")
    assert ran.code == 2
    assert "cannot write examples to out/examples" in ran.err
    assert Path("out/report.html").exists()


def test_a_file_in_the_way_of_the_workspace_is_refused(glance: Run) -> None:
    Path("taken").write_text("mine")
    ran = glance("--workspace", "taken")
    assert ran.code == 2
    assert "cannot keep a workspace in taken" in ran.err
    assert "choose another --workspace" in ran.err
    assert Path("taken").read_text() == "mine"


@pytest.mark.parametrize(("name", "code"), [("store.sqlite", 4), ("blobs", 2)])
def test_a_workspace_that_is_damaged_is_refused(assess: Run, name: str, code: int) -> None:
    Path(".bartizan").mkdir()
    Path(".bartizan", name).write_bytes(b"this is no database" * 99)
    ran = assess("--entry", "evasion.coordinate", "--quiet")
    assert ran.code == code, ran.err
    assert name in ran.err
    assert "Traceback" not in ran.err


@contextmanager
def cramped(limit: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_workspace_on_a_full_disk_is_refused(folder: Path, glance: Run) -> None:
    data, model = shop.save_csv(folder, n=60), shop.save_skops(folder)
    with cramped(1_000):
        ran = glance("--data", data.name, "--model", model.name)
    assert (ran.code, ran.out) == (2, "")
    assert "cannot keep a workspace in" in ran.err
    assert "Traceback" not in ran.err


def test_rows_that_do_not_fit_on_the_disk_are_refused(folder: Path) -> None:
    x, y = shop.arrays()
    with Workspace() as ws:
        found = ws.assess(
            *(shop.logistic(), (x[:60], y[:60])), profile="quick", entries=["evasion.coordinate"]
        )
    with cramped(1_000), pytest.raises(OutputError, match=r"cannot write examples to .*--out"):
        found.save(folder, formats=())
    with cramped(1_000), pytest.raises(OutputError, match=r"cannot write .*report\.html.*--out"):
        found.save(folder)
    assert not list(folder.rglob("*.tmp"))


@pytest.fixture
def small_disk(folder: Path) -> Path:
    """A file system of 16 KiB."""
    place = folder / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    return place


def test_a_report_on_a_full_disk_is_refused(glance: Run, small_disk: Path) -> None:
    try:
        ran = glance("--out", small_disk / "out")
        assert ran.code == 2
        assert "the disk is full; free some space and run again" in ran.err
        assert not list(small_disk.rglob("*.tmp"))
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


@pytest.mark.slow
def test_two_runs_at_once_in_one_workspace_both_end_well(
    folder: Path, spawn: Callable[..., subprocess.Popen[str]]
) -> None:
    data, model = shop.save_csv(folder, n=60), shop.save_skops(folder)
    asked = ("--model", model.name, "--data", data.name, "--target", shop.TARGET, "--quiet")
    entry = ("--profile", "quick", "--entry", "evasion.coordinate", "--workers", 1)
    runs = [spawn("assess", *asked, *entry, "--out", f"out{number}") for number in range(2)]
    ends = [run.communicate(timeout=100) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ends
    first, second = (Path(f"out{number}/report.md").read_text() for number in range(2))
    assert first == second
