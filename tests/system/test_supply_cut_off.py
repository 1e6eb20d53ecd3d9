"""`bartizan supply` that is cut off half-way: by Ctrl-C, a full disk, or one that is read-only.

Nothing is timed: every call to the system that makes something durable or gives it its name is
counted, and each of them fails once. Whatever the call, there is the whole result or none, no
part of one lies beside it, the log holds, and the command says how it ended.
"""

import errno
import json
import os
import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bartizan.core.fact import Admitted
from bartizan.crypto.identity import identities_of
from bartizan.workspace import Workspace
from system import shop
from system.command import Ran, Run

CALLS = ("fsync", "replace", "rename", "link", "write")
"""Of `os`: most of what writes durably goes through these when it is called."""
FAULTS: dict[str, tuple[Callable[[], BaseException], int]] = {
    "Ctrl-C": (KeyboardInterrupt, 130),
    "a full disk": (lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 2),
    "a read-only disk": (lambda: OSError(errno.EROFS, os.strerror(errno.EROFS)), 2),
}
PLACE = ("--workspace", ".bartizan")
SIGN = ("supply", "sign", "shop.skops", "--key", "release.pem", *PLACE)
VERIFY = ("supply", "verify", "shop.skops", "--key", "release.pem.pub", *PLACE)
TO, WITH = ("--to", "file:team.txt"), ("--identity", "data.key")


class Saboteur:
    """Lets one call of the system fail, counted from 0; none = it only counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.fails_at: int | None = None
        self.fault: Callable[[], BaseException] = KeyboardInterrupt
        for name in CALLS:
            monkeypatch.setattr(os, name, self._watched(getattr(os, name)))

    def _watched(self, honest: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if threading.current_thread() is threading.main_thread():
                self.count += 1
                if self.count - 1 == self.fails_at:
                    raise self.fault()
            return honest(*arguments, **named)

        return call

    @contextmanager
    def at(self, place: int | None, fault: Callable[[], BaseException]) -> Iterator[None]:
        self.count, self.fails_at, self.fault = 0, place, fault
        try:
            yield
        finally:
            self.fails_at = None


@dataclass(frozen=True)
class Verb:
    """A command that makes something, and what has to hold of it."""

    command: tuple[str, ...]
    result: str
    """What it makes; a path."""
    whole: Callable[[Run], bool]
    """Whether what lies there is all of it."""


def verified(bartizan: Run) -> bool:
    return bool(bartizan(*VERIFY).code == 0)


def opens(bartizan: Run) -> bool:
    shutil.rmtree("looked-at", ignore_errors=True)
    ran = bartizan("supply", "open", "model.tar.age", *WITH, "--out", "looked-at")
    return bool(ran.code == 0) and same("looked-at", "model")


def same(one: str, other: str) -> bool:
    return contents(Path(one)) == contents(Path(other))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def a_whole_document(_: Run) -> bool:
    return json.loads(Path("bom.cdx.json").read_text("utf-8"))["bomFormat"] == "CycloneDX"


VERBS = {
    "sign": Verb(SIGN, "shop.skops.sig", verified),
    "sign anew": Verb((*SIGN, "--force"), "shop.skops.sig", verified),
    "seal": Verb(("supply", "seal", "model", *TO), "model.tar.age", opens),
    "seal anew": Verb(("supply", "seal", "model", *TO, "--force"), "model.tar.age", opens),
    "open": Verb(
        ("supply", "open", "sealed.tar.age", *WITH, "--out", "opened"),
        "opened",
        lambda _: same("opened", "model"),
    ),
    "bom": Verb(
        ("supply", "bom", "shop.skops", "--key", "release.pem"), "bom.cdx.json", a_whole_document
    ),
}


@pytest.fixture
def start(folder: Path, bartizan: Run) -> Path:
    """A folder in which every command can run; it is put back after each of them."""
    assert bartizan("data", "key", "--out", "data.key").code == 0
    recipient = identities_of(["data.key"]).keys[0].to_public()
    (folder / "team.txt").write_text(f"{recipient}\n")
    shop.save_skops(folder)
    (folder / "model" / "parts").mkdir(parents=True)
    (folder / "model" / "a").write_bytes(b"a" * 1000)
    (folder / "model" / "parts" / "b").write_bytes(b"b" * 1000)
    assert bartizan("supply", "key", "--out", "release.pem").code == 0
    assert bartizan("supply", "seal", "model", *TO, "--out", "sealed.tar.age").code == 0
    return folder


@contextmanager
def copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of a folder, to work in."""
    place = folder.parent / "copy"
    shutil.copytree(folder, place)
    monkeypatch.chdir(place)
    try:
        yield place
    finally:
        monkeypatch.chdir(folder)
        shutil.rmtree(place)


def before(name: str, bartizan: Run) -> None:
    """What has to be there for a command that replaces it."""
    if name.endswith("anew"):
        verb = VERBS[name]
        assert bartizan(*(one for one in verb.command if one != "--force")).code == 0


def names(place: Path) -> set[str]:
    """Everything there, but for what a workspace keeps."""
    found = (path.relative_to(place) for path in place.rglob("*"))
    return {path.as_posix() for path in found if path.parts[0] != ".bartizan"}


def sound(place: Path) -> bool:
    """Whether the log holds, if one was begun; and anybody can write to it afterwards."""
    with Workspace(place / ".bartizan") as ws:
        assert ws.ledger is not None
        if ws.ledger.begun:
            ws.ledger.checked()
            ws.ledger.ready()
    return True


MOST = 8
"""Calls that fail in one test, spread over all of them from the first to the last."""


def spread(calls: int) -> list[int]:
    return sorted({round(place * (calls - 1) / (MOST - 1)) for place in range(MOST)})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param(name, why, marks=() if why == "Ctrl-C" else pytest.mark.slow)
        for name in VERBS
        for why in FAULTS
    ],
)
def test_a_command_that_is_cut_off_leaves_all_of_its_result_or_nothing(
    start: Path, bartizan: Run, monkeypatch: pytest.MonkeyPatch, *, name: str, why: str
) -> None:
    saboteur, verb = Saboteur(monkeypatch), VERBS[name]
    fault, expected = FAULTS[why]
    with copied(start, monkeypatch) as place:
        before(name, bartizan)
        with saboteur.at(None, fault):
            assert bartizan(*verb.command).code == 0
        calls, usual = saboteur.count, names(place)
    assert calls > 1, "nothing was counted"
    for call in spread(calls):
        with copied(start, monkeypatch) as place:
            before(name, bartizan)
            had = names(place)
            with saboteur.at(call, fault):
                ran = bartizan(*verb.command)
            told = f"call {call} of {calls}: {ran}"
            assert ran.code in (expected, 0), told
            assert "Traceback" not in ran.err, told
            assert had <= names(place) <= usual, told
            assert not (place / verb.result).exists() or verb.whole(bartizan), told
            assert ran.code or (place / verb.result).exists(), told
            assert sound(place), told
            assert again(verb, place, bartizan) == 0, told


def again(verb: Verb, place: Path, bartizan: Run) -> int:
    """Do it once more, now that nothing is in the way."""
    if verb.result == "opened":
        shutil.rmtree(place / "opened", ignore_errors=True)
        return bartizan(*verb.command).code
    forced = () if verb.command[1] == "bom" or "--force" in verb.command else ("--force",)
    return bartizan(*verb.command, *forced).code


@pytest.mark.parametrize("name", [one for one in VERBS if one != "bom"])
def test_a_command_whose_files_do_not_fit_leaves_nothing(
    start: Path, bartizan: Run, monkeypatch: pytest.MonkeyPatch, *, name: str
) -> None:
    """As on a full disk, seen by every library: no file may grow beyond 64 bytes."""
    verb = VERBS[name]
    with copied(start, monkeypatch) as place:
        before(name, bartizan)
        had = contents(place)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
        try:
            ran = bartizan(*verb.command)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert ran.code == 2, ran
        left = {one: raw for one, raw in contents(place).items() if ".bartizan" not in one}
        assert left == {one: raw for one, raw in had.items() if ".bartizan" not in one}
        assert sound(place)


PROJECT = """
[project]
name = "shop"

[supply.admit]
evidence = "any"
require = ["utility.balanced-accuracy"]
"""


@pytest.fixture
def assessed(start: Path, bartizan: Run) -> Path:
    """A model that would be admitted."""
    (start / "bartizan.toml").write_text(PROJECT)
    data = ("--data", shop.save_csv(start, n=60).name, "--target", shop.TARGET)
    ran = bartizan(
        *("assess", "--model", "shop.skops", *data, "--entry", "utility.balanced-accuracy"),
        *("--profile", "quick", "--workers", 1, "--quiet", "--out", "assessed", *PLACE),
    )
    assert ran.code == 0, ran
    assert bartizan(*SIGN).code == 0
    return start


def admit(bartizan: Run) -> Ran:
    ran = bartizan(
        *("supply", "admit", "shop.skops", "--key", "release.pem.pub", *PLACE),
        *("--quiet", "--format", "json"),
    )
    assert isinstance(ran, Ran)
    return ran


def admissions(place: Path) -> int:
    with Workspace(place / ".bartizan") as ws:
        assert ws.ledger is not None
        return sum(isinstance(fact, Admitted) for _, fact in ws.ledger.facts())


@pytest.mark.parametrize("why", ["Ctrl-C", pytest.param("a full disk", marks=pytest.mark.slow)])
def test_an_admission_that_is_cut_off_admits_all_or_nothing(
    assessed: Path, bartizan: Run, monkeypatch: pytest.MonkeyPatch, *, why: str
) -> None:
    saboteur = Saboteur(monkeypatch)
    fault, expected = FAULTS[why]
    with copied(assessed, monkeypatch) as place:
        with saboteur.at(None, fault):
            assert admit(bartizan).code == 0
        calls = saboteur.count
        assert admissions(place) == 1
    assert calls > 10, "nothing was counted"
    for call in spread(calls):
        with copied(assessed, monkeypatch) as place:
            with saboteur.at(call, fault):
                ran = admit(bartizan)
            told = f"call {call} of {calls}: {ran}"
            assert ran.code in (expected, 0, 3, 4), told
            assert "Traceback" not in ran.err, told
            assert sound(place), told
            assert ran.code or admissions(place) == 1, told
            assert not list(place.rglob("out/.*")), told
            assert admit(bartizan).code == 0, told


def test_ctrl_c_before_the_verdict_admits_nothing(
    assessed: Path, bartizan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bartizan.supply.signing import verification  # noqa: PLC0415 (is patched)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(verification, "measured", stop)
        assert admit(bartizan).code == 130
    assert admissions(assessed) == 0
    report = json.loads((assessed / "out" / "report.json").read_text("utf-8"))
    assert "stopped by Ctrl-C" in report["coverage"]["interrupted"]


def test_a_workspace_that_cannot_be_written_admits_nothing(
    assessed: Path, bartizan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        for name in ("fsync", "rename", "write"):
            patch.setattr(os, name, refuse)
        ran = admit(bartizan)
    assert ran.code == 2, ran
    assert "Read-only file system" in ran.err
    assert admissions(assessed) == 0


def test_a_model_on_a_disk_that_fails_is_not_loaded(
    start: Path, bartizan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert start.is_dir()
    assert bartizan(*SIGN).code == 0

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "readv", fail)
        ran = bartizan(*VERIFY)
    assert ran.code == 2, ran
    assert "cannot read shop.skops" in ran.err
