"""What belongs to no model is listed, and only if nobody takes it for anything else."""

from pathlib import Path

import pytest

from bartizan.supply.scan.answer import Answer
from bartizan.supply.scan.asides import gaps_of, is_aside
from bartizan.supply.scan.dispatch import Read
from bartizan.supply.scan.paths import Place
from bartizan.supply.scan.slot import Slot
from bartizan.supply.scanners import code, unread_files
from bartizan.supply.scanners.notice import Notice


def slot(*rules: str, inner: str = "a.py") -> Slot:
    notices = tuple(
        Notice(verdict="inconclusive", rule=rule, where=str(at), what="", why="")
        for at, rule in enumerate(rules)
    )
    read = Read(notices=notices, formats=(), walked_bytes=0, size_bytes=1, streams=1)
    return Slot(Place(Path("m"), inner), answer=Answer(read=read, sha256=""))


@pytest.mark.parametrize("rule", [code.RULE, unread_files.OTHER])
def test_one_notice_alone_sets_a_file_aside(rule: str) -> None:
    assert is_aside(slot(rule))
    assert not is_aside(slot(rule, "scan.unread"))
    assert not is_aside(slot(rule, rule))


def test_no_other_file_is_set_aside() -> None:
    assert not is_aside(slot("scan.unknown"))
    assert not is_aside(slot())
    assert not is_aside(Slot(Place(Path("m"), "a.py"), trouble="it is a pipe"))


def test_a_file_that_was_named_itself_is_judged() -> None:
    assert not is_aside(slot(code.RULE, inner=""))


def test_each_kind_is_one_gap_that_counts_its_files_and_names_some() -> None:
    many = [slot(code.RULE, inner=f"{number}.py") for number in range(7)]
    first, second = gaps_of([*many, slot(unread_files.OTHER, inner="x.pdf")])
    assert first.what == (
        "7 files of source code (m/0.py, m/1.py, m/2.py, m/3.py, m/4.py and 2 more)"
    )
    assert second.what == "1 file of no kind that models have (m/x.pdf)"
    assert gaps_of([]) == ()
