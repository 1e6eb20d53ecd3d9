"""What holds for every scanner: it is on the list, and files are planted for it."""

import importlib
import pkgutil

import pytest

from bartizan.formats.content import Window
from bartizan.supply import scanners
from bartizan.supply.planted.case import Planted
from bartizan.supply.planted.entries import planted
from bartizan.supply.scanners.entries import SCANNERS
from bartizan.supply.scanners.scanner import HEAD_BYTES, Item

NAMES = [scanner.name for scanner in SCANNERS]
CASES = [(name, case) for name, cases in planted().items() for case in cases]


def test_every_scanner_is_on_the_list_under_a_name_of_its_own() -> None:
    modules = [
        importlib.import_module(f"{scanners.__name__}.{one.name}")
        for one in pkgutil.iter_modules(scanners.__path__)
    ]
    there = [module.SCANNER.name for module in modules if hasattr(module, "SCANNER")]
    assert sorted(there) == sorted(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_every_scanner_has_hostile_files_and_honest_ones_and_no_other_has() -> None:
    assert list(planted()) == sorted(planted(), key=NAMES.index)
    for cases in planted().values():
        assert {case.hostile for case in cases} == {True, False}


def test_planted_files_have_names_of_their_own_and_are_small() -> None:
    assert len({case.what for _, case in CASES}) == len(CASES)
    assert sum(len(case.raw) for _, case in CASES) < 64 << 10


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda one: getattr(one, "what", one))
def test_a_hostile_file_must_not_pass(name: str, case: Planted) -> None:
    assert name in NAMES
    assert (case.verdict == "clean") == (not case.hostile and not case.rule)


@pytest.mark.parametrize("name", NAMES)
def test_each_scanner_is_asked_about_a_hostile_file_of_its_own(name: str) -> None:
    scanner = next(one for one in SCANNERS if one.name == name)
    asked = [
        scanner.plausible(
            case.raw[:HEAD_BYTES],
            Item(content=Window.of(case.raw), path=case.path, size_bytes=len(case.raw)),
        )
        for case in planted()[name]
        if case.hostile
    ]
    assert any(asked)
