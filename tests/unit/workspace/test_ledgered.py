"""What the ledger says of data, from facts alone."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bartizan.core.errors import LedgerError
from bartizan.core.fact import Erased, Fact
from bartizan.data.register.registration import Register
from bartizan.workspace.ledgered import History, histories, require_said
from unit.data.registered import Ledger, add, register, some


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def reg(tmp_path: Path, ledger: Ledger) -> Register:
    return register(tmp_path / "data", ledger)


def history(facts: list[Fact]) -> History:
    return histories(enumerate(facts))["t"]


def test_facts_of_a_register_always_follow_from_each_other(reg: Register, ledger: Ledger) -> None:
    add(reg, some(10))
    reg.erase("t", [3], reason="asked")
    left = [row for row in some(10) if row[0] != 3]
    add(reg, left)
    add(reg, [*left, *some(2, start=10)])
    reg.erase("t", [4], reason="asked")
    add(reg, some(12, start=50), allow={"rewritten"})
    told = history(ledger.facts())
    assert not told.wrong
    assert len(told.versions) == 3
    first, second, _ = told.versions
    assert (sorted(first.erased), sorted(first.inherited)) == ([3, 4], [])
    assert (sorted(second.erased), sorted(second.inherited)) == ([4], [3])
    for said in told.versions:
        require_said(reg.version("t", said.fact.version), said)


def test_a_fact_written_twice_after_a_crash_is_one_version(reg: Register, ledger: Ledger) -> None:
    fact = add(reg, some(10))
    told = history([fact, *ledger.facts()])
    assert not told.wrong
    assert [said.indexes for said in told.versions] == [(0, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1},
        {"version": 3},
        {"before": "sha256:" + "0" * 64},
        {"change": "same"},
    ],
)
def test_what_does_not_follow_is_told_with_its_entry(
    reg: Register, ledger: Ledger, change: dict[str, object]
) -> None:
    add(reg, some(10))
    add(reg, some(12))
    one, two = ledger.facts()
    told = history([one, msgspec.structs.replace(two, **change)])
    assert "entry 1 of the log" in told.wrong


def test_an_erasure_of_a_version_that_there_is_not_makes_no_sense(
    reg: Register, ledger: Ledger
) -> None:
    fact = add(reg, some(10))
    gone = Erased(data="t", version=2, rows=(1,), reason="", by="", when="")
    assert "entry 1" in history([fact, gone]).wrong
    assert "entry 0" in history([gone]).wrong


def test_a_cut_off_erasure_is_let_through_only_for_its_own_rows(
    reg: Register, ledger: Ledger
) -> None:
    add(reg, some(10))
    (said,) = history(ledger.facts()).versions
    reg.erase("t", [2, 3], reason="the ledger is never told")
    version = reg.version("t")
    require_said(version, said, but=(2, 3))
    with pytest.raises(LedgerError, match="row 3 is marked as erased"):
        require_said(version, said, but=(2,))


def test_a_place_that_is_another_is_told(reg: Register, ledger: Ledger) -> None:
    add(reg, some(10))
    (said,) = history(ledger.facts()).versions
    version = reg.version("t")
    assert version.place is not None
    moved = replace(version, place=msgspec.structs.replace(version.place, index=5))
    with pytest.raises(LedgerError, match=r"entry 5 of the log \(place\.json\)"):
        require_said(moved, said)


def test_a_fact_of_an_older_version_of_bartizan_has_no_digest_to_hold(
    reg: Register, ledger: Ledger
) -> None:
    add(reg, some(10))
    version = reg.version("t")
    old = msgspec.structs.replace(version.fact, kept="")
    (said,) = history([old]).versions
    require_said(replace(version, fact=old, digest="sha256:other"), said)
