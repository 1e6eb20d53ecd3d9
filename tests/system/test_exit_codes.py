"""Each exit code from the command itself, the same whatever is written."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bartizan.assess.run import Assessment
from bartizan.cli import screen
from bartizan.core.progress import Progress
from bartizan.report import FORMATS
from system import shop
from system.command import Ran, Run

FORMAT_FLAGS = [(), ("--json",), *(("--format", fmt) for fmt in FORMATS)]


def stop(run: Assessment, *, quiet: bool) -> Iterator[Progress]:
    """Let the first step happen, then press Ctrl-C."""
    steps = iter(run)
    yield next(steps)
    yield next(steps)
    raise KeyboardInterrupt


def crash(run: Assessment, *, quiet: bool) -> Iterator[Progress]:
    yield next(iter(run))
    _ = 1 / 0


@pytest.fixture
def ending(
    folder: Path,
    glance: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Ran]:
    """Run so that it ends with a code; what it writes of a bug goes when the tests' folders go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))

    def run(code: int, *flags: str) -> Ran:
        # Both are stand-ins for what a person and a bug do at a moment that no test can time.
        if code in (5, 130):
            monkeypatch.setattr(screen, "shown", crash if code == 5 else stop)
        what: dict[int, tuple[object, ...]] = {
            1: ("--model", shop.save_skops(folder, shop.constant(), name="c.skops")),
            2: ("--target", "fruad"),
            4: ("--model", shop.save_hostile(folder)),
        }
        if code == 3:
            shop.frame(60).filter(shop.frame(60)["fraud"] == 1).write_csv("one.csv")
            what[3] = ("--data", "one.csv")
        ran = glance(*what.get(code, ()), *flags)
        assert isinstance(ran, Ran)
        return ran

    return run


@pytest.mark.parametrize("flags", FORMAT_FLAGS, ids=lambda flags: "".join(flags[-1:]) or "all")
@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 130])
def test_every_end_has_its_code_whatever_the_format(
    ending: Callable[..., Ran], code: int, flags: tuple[str, ...]
) -> None:
    assert ending(code, *flags).code == code


def test_a_bug_is_one_line_and_a_file_with_the_traceback(ending: Callable[..., Ran]) -> None:
    ran = ending(5)
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith(
        "internal error: ZeroDivisionError: division by zero (this is a bug; details in "
    )
    file = Path(line.split("details in ")[1].rstrip(")"))
    assert "ZeroDivisionError: division by zero" in file.read_text()


def test_a_bug_has_its_code_on_a_full_disk_too(
    ending: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    ran = ending(5)
    assert (ran.code, ran.out) == (5, "")
    (line,) = ran.err.splitlines()
    assert "no file can be written, so these are the details: Traceback" in line
    assert "in crash" in line


def test_a_stopped_run_reports_what_is_done(ending: Callable[..., Ran]) -> None:
    ran = ending(130)
    assert "stopped by Ctrl-C; what was done is here, and --resume goes on from it" in ran.out
    assert Path("out/report.html").exists()
