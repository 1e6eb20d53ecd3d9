"""The folder of a cleaning: whole or not at all, and never without its fact."""

import errno
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, NoReturn

import pytest

from bartizan.core.errors import InputError, LedgerError, OutputError
from bartizan.core.record import digest
from bartizan.crypto.safe_file import STEPS, Steps
from bartizan.data.cleaning.placing import laid_beside, placed, resumed

FILES = {"manifest.json": b"{}", "rows.csv": b"x\n1\n"}
NAME = digest(FILES["manifest.json"])


def full(*_: Any) -> NoReturn:
    """What a full disk says."""
    raise OSError(errno.ENOSPC, "No space left on device")


def report(folder: Path) -> None:
    """Something that is written into the folder by others."""
    (folder / "report.json").write_text("{}")


@dataclass
class Told:
    """A ledger that remembers."""

    names: list[str] = field(default_factory=list)

    def tell(self) -> None:
        self.names.append(NAME)

    def stands(self, name: str) -> bool:
        return name in self.names


class CrashError(BaseException):
    """The process dies: nothing is tidied up after it."""


@dataclass
class Crashing:
    """Steps that die when so many were made: before the step, or just after it."""

    left: int
    after: bool

    def steps(self) -> Steps:
        names = ("write", "sync", "rename", "settle")
        return replace(STEPS, **{name: self.step(getattr(STEPS, name)) for name in names})

    def step(self, real: Callable[..., None]) -> Callable[..., None]:
        def made(*arguments: Any) -> None:
            dies, self.left = self.left == 0, self.left - 1
            if dies and not self.after:
                raise CrashError
            real(*arguments)
            if dies:
                raise CrashError

        return made


def hidden(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir() if path.name.startswith(".clean."))


@pytest.mark.parametrize("after", [False, True])
def test_wherever_the_process_dies_the_next_one_finds_nothing_or_finishes_or_names_it(
    tmp_path: Path, *, after: bool
) -> None:
    """What is in place stands in the ledger, and what stands there is in place or on its way."""
    seen = set()
    for number in range(100):
        folder, told = tmp_path / str(number), Told()
        folder.mkdir()
        place, crashing = folder / "clean", Crashing(left=number, after=after)
        try:
            tell = crashing.step(told.tell)
            placed(place, FILES, add=report, tell=tell, steps=crashing.steps())
            break
        except CrashError:
            pass
        assert not (place.exists() and not told.names)
        if told.names:
            assert place.exists() != bool(hidden(folder))
            was = place.exists()
            assert resumed(place, stands=told.stands) is not was
            assert {path.name for path in place.iterdir()} == {*FILES, "report.json", ".gitignore"}
            seen.add("in place" if was else "finished")
        elif ".done" in hidden(folder):
            with pytest.raises(OutputError, match=r"\.done was left by a cleaning that ended"):
                resumed(place, stands=told.stands)
            seen.add("named")
        else:
            assert not resumed(place, stands=told.stands)
            placed(place, FILES, tell=told.tell)
            seen.add("nothing")
        assert hidden(folder) in ([], [".done"])
    else:
        pytest.fail("it never came to its end")
    assert seen == {"nothing", "named", "finished", "in place"}


@pytest.mark.parametrize("step", ["write", "sync", "settle"])
def test_whatever_fails_before_the_ledger_is_told_nothing_is_kept(
    tmp_path: Path, step: str
) -> None:
    told = Told()
    with pytest.raises(OutputError, match="No space left on device; nothing was kept"):
        placed(tmp_path / "clean", FILES, tell=told.tell, steps=replace(STEPS, **{step: full}))
    assert list(tmp_path.iterdir()) == []
    assert told.names == []


def test_what_stands_in_the_ledger_is_kept_where_it_cannot_be_put_in_its_place(
    tmp_path: Path,
) -> None:
    told = Told()

    def rename(source: Path, target: Path) -> None:
        if target.name == "clean":
            full()
        STEPS.rename(source, target)

    place = tmp_path / "clean"
    with pytest.raises(OutputError, match=r"stands in the ledger and could not be put into"):
        placed(place, FILES, tell=told.tell, steps=replace(STEPS, rename=rename))
    assert hidden(tmp_path) == [".done"]
    assert resumed(place, stands=told.stands)
    assert (place / "rows.csv").read_bytes() == FILES["rows.csv"]
    assert not resumed(place, stands=told.stands)


def test_what_the_ledger_refuses_is_not_put_in_place(tmp_path: Path) -> None:
    def refuse() -> NoReturn:
        message = "the log does not hold"
        raise LedgerError(message)

    with pytest.raises(LedgerError, match="does not hold"):
        placed(tmp_path / "clean", FILES, tell=refuse)
    assert list(tmp_path.iterdir()) == []


def test_what_the_ledger_took_before_it_failed_is_kept(tmp_path: Path) -> None:
    told = Told()

    def tell() -> NoReturn:
        told.tell()
        message = "the key of the log is gone"
        raise InputError(message)

    with pytest.raises(OutputError, match="stands in the ledger; run this again: the key"):
        placed(tmp_path / "clean", FILES, tell=tell, stands=told.stands)
    assert resumed(tmp_path / "clean", stands=told.stands)


def test_what_somebody_works_on_is_left_alone(tmp_path: Path) -> None:
    for suffix in ("new", "done"):
        (tmp_path / f".clean.0123456789abcdef.{suffix}").mkdir()
    handles = [os.open(path, os.O_RDONLY) for path in tmp_path.iterdir()]
    try:
        for handle in handles:
            fcntl.flock(handle, fcntl.LOCK_EX)
        assert not resumed(tmp_path / "clean", stands=lambda _: True)
        assert hidden(tmp_path) == [".done", ".new"]
    finally:
        for handle in handles:
            os.close(handle)


def test_of_two_that_want_one_place_the_ledger_knows_of_one(tmp_path: Path) -> None:
    """Both have written all their files before either of them tells the ledger."""
    place, both, told, lost = tmp_path / "clean", Barrier(2), Told(), []

    def one(number: int) -> None:
        files = {**FILES, "rows.csv": f"x\n{number}\n".encode()}
        tell = partial(told.names.append, str(number))
        try:
            placed(place, files, add=lambda _: both.wait(20), tell=tell)
        except OutputError as error:
            lost.append(str(error))

    threads = [Thread(target=one, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (place / "rows.csv").read_text() == f"x\n{told.names[0]}\n"
    assert len(told.names) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["clean"]
    assert len(lost) == 1
    assert "clean exists already, and quarantined rows are never overwritten" in lost[0]


def test_what_broke_off_meanwhile_comes_first(tmp_path: Path) -> None:
    """Somebody told the ledger and died while this one was writing its files."""
    first, second = Told([NAME]), Told()

    def dies(_: Path) -> None:
        done = tmp_path / ".clean.0123456789abcdef.done"
        done.mkdir()
        (done / "manifest.json").write_bytes(FILES["manifest.json"])

    files = {**FILES, "more.csv": b"x\n"}
    with pytest.raises(OutputError, match="clean exists already"):
        placed(tmp_path / "clean", files, add=dies, tell=second.tell, stands=first.stands)
    assert second.names == []
    assert hidden(tmp_path) == []
    assert [path.name for path in (tmp_path / "clean").iterdir()] == ["manifest.json"]


def test_a_place_in_a_folder_behind_a_link_is_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    placed(tmp_path / "link" / "clean", FILES)
    assert (tmp_path / "real" / "clean" / "rows.csv").is_file()


def test_a_file_beside_the_place_is_there_for_a_while_and_for_its_owner(tmp_path: Path) -> None:
    place = tmp_path / "clean"
    with laid_beside(place, "rows.csv", b"x\n1\n") as path:
        assert (path.name, path.read_bytes()) == ("rows.csv", b"x\n1\n")
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert not resumed(place, stands=lambda _: True)
        placed(place, FILES)
        assert path.is_file()
    assert [one.name for one in tmp_path.iterdir()] == ["clean"]
    with (
        pytest.raises(OutputError, match="No space left on device; nothing was kept"),
        laid_beside(tmp_path / "other", "rows.csv", b"x", steps=replace(STEPS, write=full)),
    ):
        pytest.fail("nothing was written")
    assert [one.name for one in tmp_path.iterdir()] == ["clean"]


def test_what_only_looks_like_it_is_left_alone(tmp_path: Path) -> None:
    names = [".clean.0123456789abcdef.old", ".clean.0123.new", ".cleaner.0123456789abcdef.new"]
    for name in names:
        (tmp_path / name).mkdir()
    (tmp_path / ".clean.0123456789abcdef.new").symlink_to(tmp_path / names[0])
    assert not resumed(tmp_path / "clean", stands=lambda _: True)
    assert len(list(tmp_path.iterdir())) == 4
    assert not resumed(tmp_path / "nowhere" / "clean", stands=lambda _: True)


def test_where_the_place_is_taken_meanwhile_nothing_is_written_over(tmp_path: Path) -> None:
    done = tmp_path / ".clean.0123456789abcdef.done"
    done.mkdir()
    (done / "manifest.json").write_bytes(FILES["manifest.json"])
    (tmp_path / "clean").mkdir()
    with pytest.raises(OutputError, match="exists already, and quarantined rows are never"):
        resumed(tmp_path / "clean", stands=lambda _: True)
    assert list((tmp_path / "clean").iterdir()) == []
    assert done.is_dir()


def test_a_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    placed(tmp_path / "clean", FILES)
    assert (tmp_path / "clean").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "clean" / "rows.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "clean" / ".gitignore").read_text() == "*\n"
