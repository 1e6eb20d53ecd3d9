"""Places that cannot be written, and two runs that share one."""

import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from system import shop  # type: ignore[import-not-found]  # on pytest's path, not mypy's
from system.conftest import SOURCES, Run  # type: ignore[import-not-found]  # as above


@pytest.mark.parametrize("out", ["taken", "taken/report"])
def test_a_file_in_the_way_of_the_report_is_refused(glance: Run, out: str) -> None:
    Path("taken").write_text("mine")
    ran = glance("--out", out)
    assert ran.code == 2
    assert f"cannot write {out}" in ran.err
    assert "choose a directory that can be written with --out" in ran.err
    assert Path("taken").read_text() == "mine"


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


@pytest.mark.parametrize("name", ["store.sqlite", "blobs"])
def test_a_workspace_that_is_damaged_is_refused(assess: Run, name: str) -> None:
    Path(".bartizan").mkdir()
    Path(".bartizan", name).write_bytes(b"this is no database" * 99)
    ran = assess("--entry", "evasion.coordinate", "--quiet")
    assert ran.code == 2, ran.err
    assert ".bartizan" in ran.err
    assert "Traceback" not in ran.err


_FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from bartizan.cli.main import run
run()
"""


@pytest.fixture
def cramped(folder: Path) -> Callable[[int], subprocess.CompletedProcess[str]]:
    """Assess where no file may grow beyond a size, as on a full disk."""

    def run(limit: int) -> subprocess.CompletedProcess[str]:
        data, model = shop.save_csv(folder, n=60), shop.save_skops(folder)
        return subprocess.run(
            [
                *(sys.executable, "-c", _FULL, str(limit), "assess", "--quiet", "--workers", "1"),
                *("--model", model.name, "--data", data.name, "--target", shop.TARGET),
                *("--entry", "utility.balanced-accuracy"),
            ],
            env={**os.environ, "PYTHONPATH": str(SOURCES), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limits on files here")
@pytest.mark.parametrize(("limit", "message"), [(0, "workspace"), (45_000, "cannot write")])
def test_a_full_disk_is_one_message_and_2(
    cramped: Callable[[int], subprocess.CompletedProcess[str]], limit: int, message: str
) -> None:
    done = cramped(limit)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def small_disk(folder: Path) -> Path:
    """A file system of 64 KiB."""
    place = folder / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
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
