"""No verdict without a control: whichever scanner breaks, its planted files show it."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from bartizan.core.entry import ControlResult
from bartizan.core.errors import InputError
from bartizan.formats.content import Budget, Window
from bartizan.supply.planted.entries import planted
from bartizan.supply.scan.answer import Answer
from bartizan.supply.scan.confined import Confined
from bartizan.supply.scan.dispatch import read_file
from bartizan.supply.scan.planted import control
from bartizan.supply.scanners.entries import SCANNERS
from bartizan.supply.scanners.inside import unread
from bartizan.supply.scanners.scanner import (
    Item,
    NotMineError,
    Reading,
    Scanner,
    Situation,
)

NAMES = [scanner.name for scanner in SCANNERS]
CASES = [(name, case) for name, cases in planted().items() for case in cases]


def reader(scanners: tuple[Scanner, ...] = SCANNERS) -> Callable[..., Answer]:
    """Reads as the confined process does, by other scanners."""

    def read(descriptor: int, *, path: str) -> Answer:
        window = Window.of_file(descriptor)
        situation = Situation(budget=Budget.for_file(window.size))
        found = read_file(window, path=path, situation=situation, scanners=scanners)
        return Answer(read=found, sha256="")

    return read


def broken(name: str, **change: object) -> tuple[Scanner, ...]:
    """All scanners, one of them changed."""
    return tuple(
        replace(scanner, **change) if scanner.name == name else scanner  # type: ignore[arg-type]  # of its fields
        for scanner in SCANNERS
    )


def blind(item: Item, situation: Situation) -> Reading:
    """Sees nothing, and says that it read nothing."""
    del item, situation
    yield from ()
    return 0


def credulous(item: Item, situation: Situation) -> Reading:
    """Sees nothing, and says that it read everything."""
    del situation
    yield from ()
    return item.size_bytes or 1 << 62


def modest(item: Item, situation: Situation) -> Reading:
    """Says that nothing is its own."""
    del item, situation
    yield from ()
    message = "another format"
    raise NotMineError(message)


def test_scanners_that_work_pass_their_control() -> None:
    found = control(read=reader())
    assert found.passed, found.detail
    assert f"{len(CASES)} planted files" in found.detail
    assert all(name in found.detail for name in NAMES)


def test_the_confined_process_passes_its_control() -> None:
    with Confined() as process:
        found = control(read=process.read)
    assert found.passed, found.detail


@pytest.mark.parametrize("scan", [blind, credulous, modest], ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_a_scanner_that_breaks_fails_the_control_by_name(
    name: str, scan: Callable[[Item, Situation], Reading]
) -> None:
    found = control(read=reader(broken(name, scan=scan)))
    assert not found.passed
    assert f"{name}: " in found.detail


@pytest.mark.parametrize("name", NAMES)
def test_a_scanner_that_takes_nothing_for_its_own_fails_the_control_by_name(name: str) -> None:
    found = control(read=reader(broken(name, plausible=lambda _head, _item: False)))
    assert not found.passed
    assert f"{name}: " in found.detail


@pytest.mark.parametrize("name", ["7z", "checkpoint", "gguf", "xml", "yaml"])
def test_a_scanner_that_nothing_leans_on_is_the_only_one_named(name: str) -> None:
    found = control(read=reader(broken(name, scan=blind)))
    assert [part.partition(": ")[0] for part in found.detail.split("; ")] == [name]


def test_a_scanner_whose_library_is_not_installed_passes_by_saying_so() -> None:
    def without(item: Item, situation: Situation) -> Reading:
        del item, situation
        yield unread("archive.unread", what="a 7z archive", why="libarchive is not installed")
        return 0

    found = control(read=reader(broken("7z", scan=without)))
    assert found.passed, found.detail


def test_a_scanner_that_cries_wolf_fails_the_control() -> None:
    def wolf(item: Item, situation: Situation) -> Reading:
        notices = next(one for one in SCANNERS if one.name == "onnx").scan(item, situation)
        found = list(notices)
        yield from found
        raise InputError("a wolf")  # noqa: EM101, TRY003 (a fake)

    found = control(read=reader(broken("onnx", scan=wolf)))
    assert "onnx: a graph of ONNX was called inconclusive (scan.unreadable)" in found.detail


@pytest.mark.parametrize("name", ["pickle", "data"])
def test_a_scanner_for_which_nothing_is_planted_fails_the_control(name: str) -> None:
    for left in ({}, {name: [one for one in planted()[name] if one.hostile]}):
        cases = {key: value for key, value in planted().items() if key != name} | left
        found = control(read=reader(), cases=cases)
        assert found == ControlResult(
            passed=False, detail=f"{name}: no hostile file is planted for it, or no honest one"
        )


def test_a_process_that_ends_at_a_planted_file_fails_the_control() -> None:
    def read(descriptor: int, *, path: str) -> Answer:
        if os.pread(descriptor, 4, 0) == b"GGUF":
            message = "the process that read it was ended by SIGKILL"
            raise InputError(message)
        return reader()(descriptor, path=path)

    found = control(read=read)
    assert found.detail == "gguf: a template in GGUF: the process that read it was ended by SIGKILL"


def test_a_right_verdict_for_another_reason_does_not_count() -> None:
    case = next(one for one in planted()["onnx"] if one.hostile)
    wrong = replace(case, rule="pickle.danger")
    found = control(read=reader(), cases={**planted(), "onnx": (planted()["onnx"][0], wrong)})
    assert "(onnx.external), and is malicious (pickle.danger)" in found.detail
