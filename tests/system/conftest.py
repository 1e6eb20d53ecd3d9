import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.cli import main
from system import shop
from system.command import Ran, Run

SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


@pytest.fixture
def bartizan(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command in this process."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["bartizan", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.run()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, printed.out, printed.err)

    return run


@pytest.fixture
def assess(folder: Path, bartizan: Run) -> Run:
    """Assess the shop's logistic regression: a few rows, one attack, one process."""

    def run(*arguments: object, n: int = 60) -> Ran:
        given = set(map(str, arguments))
        if "--data" not in given:
            arguments = ("--data", shop.save_csv(folder, n=n).name, *arguments)
        if "--model" not in given:
            arguments = ("--model", shop.save_skops(folder).name, *arguments)
        if "--target" not in given:
            arguments = ("--target", shop.TARGET, *arguments)
        if "--workers" not in given:
            arguments = ("--workers", 1, *arguments)
        return bartizan("assess", "--profile", "quick", *arguments)

    return run


@pytest.fixture
def glance(assess: Run) -> Run:
    """Assess without attacks: fast, and enough for what goes wrong before they begin."""

    def run(*arguments: object) -> Ran:
        return assess("--entry", "utility.balanced-accuracy", "--quiet", *arguments)

    return run


@pytest.fixture
def project(folder: Path, bartizan: Run) -> Callable[..., None]:
    """Write the project file that `init` proposes, with some texts replaced."""

    def write(*changes: tuple[str, str], n: int = 60) -> None:
        shop.save_csv(folder, n=n)
        shop.save_skops(folder)
        ran = bartizan(
            *("init", "--data", "holdout.csv", "--target", shop.TARGET, "--name", "corner shop"),
            *("--model", "shop.skops", "--force"),
        )
        assert ran.code == 0, ran.err
        text = Path("bartizan.toml").read_text("utf-8")
        for old, new in (('profile = "standard"', 'profile = "quick"'), *changes):
            assert old in text, old
            text = text.replace(old, new, 1)
        Path("bartizan.toml").write_text(text, "utf-8")

    return write


@pytest.fixture
def spawn(folder: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the command as a process of its own, as a shell would."""

    def start(*arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bartizan.cli.main", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(SOURCES), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
