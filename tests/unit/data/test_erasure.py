"""Erased rows cannot be shown, and everything else still can."""

from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError, UsageError
from bartizan.core.fact import Erased
from bartizan.data.register.change import RowsDifferError
from bartizan.data.register.registration import Register
from bartizan.data.register.row_proof import verify_row
from unit.data.registered import Ledger, Row, add, batches, changed, register, some


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def reg(tmp_path: Path, ledger: Ledger) -> Register:
    return register(tmp_path / "data", ledger)


def test_an_erased_row_cannot_be_shown_and_all_others_can(reg: Register, ledger: Ledger) -> None:
    fact = add(reg, some(10))
    (gone,) = reg.erase("t", [4, 4], reason="asked to", by="me")
    assert isinstance(gone, Erased)
    assert (gone.rows, gone.version, gone.reason, gone.by) == ((4,), 1, "asked to", "me")
    assert ledger.facts()[-1] == gone
    version = reg.version("t")
    assert version.salts[64:80] == bytes(16)
    assert version.features is not None
    assert version.features[4] == 0
    book = version.book()
    assert book is not None
    assert len(book.hashes) == 9
    with pytest.raises(UsageError, match="was erased"):
        reg.row_proof("t", batches(some(10)), row=4)
    left = some(10)[:4] + some(10)[5:]
    for rows in (some(10), left):
        proof = reg.row_proof("t", batches(rows), row=7)
        assert verify_row(proof, fact=fact)["id"] == 7
        assert reg.verify("t", batches(rows), root=fact.root).erased.tolist() == [4]
    assert reg.verify("t", batches(left)).present.tolist() == []
    assert reg.verify("t", batches(some(10))).present.tolist() == [4]
    with pytest.raises(RowsDifferError) as caught:
        reg.verify("t", batches(changed(left, 6, amount=0.0)))
    assert caught.value.difference.other.tolist() == [7]


def test_erasing_reaches_every_version_that_holds_the_row(reg: Register, ledger: Ledger) -> None:
    add(reg, some(6))
    add(reg, changed(some(8), 2, amount=1.0), allow={"rewritten"})
    add(reg, changed(some(9), 2, amount=1.0))
    facts = reg.erase("t", [1, 2, 7], reason="r")
    assert [(fact.version, fact.rows) for fact in facts] == [
        (1, (1,)),
        (2, (1, 2, 7)),
        (3, (1, 2, 7)),
    ]
    assert reg.version("t", 1).salts[16:32] == bytes(16)
    assert ledger.facts()[-3:] == list(facts)


def test_rows_are_appended_after_an_erasure_whether_the_row_left_or_not(tmp_path: Path) -> None:
    empty: list[Row] = [(None, None, None, None)]
    rest = some(10)[:4], some(10)[5:]
    for name, left in (("kept", rest[0] + empty + rest[1]), ("removed", rest[0] + rest[1])):
        reg = register(tmp_path / name, Ledger())
        first = add(reg, some(10))
        reg.erase("t", [4], reason="r")
        rows = left + some(2, start=10)
        second = add(reg, rows)
        assert (second.change, second.changed, second.rows) == ("appended", 2, 12)
        assert reg.version("t").erased.tolist() == [4]
        assert reg.version("t").leaves[:320] == reg.version("t", 1).leaves
        assert first.root == second.before
        reg.verify("t", batches(rows))
        proof = reg.row_proof("t", batches(rows), row=11)
        assert verify_row(proof, fact=second)["id"] == 11


def test_erasures_come_in_facts_that_fit_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger()
    reg = register(tmp_path, ledger)
    reg.add("t", batches(some(5_003), batch_rows=6_000), source="s")
    facts = reg.erase("t", range(5_003), reason="r")
    assert [len(fact.rows) for fact in facts] == [5_000, 3]
    assert max(map(len, ledger.entries)) < 65_536


def test_a_row_id_out_of_range_erases_nothing(reg: Register, ledger: Ledger) -> None:
    add(reg, some(10))
    for rows in ([10], [-1], [], [3, 10]):
        with pytest.raises(UsageError, match="from 0 to 9"):
            reg.erase("t", rows, reason="r")
    assert reg.version("t").erased.tolist() == []
    assert len(ledger.entries) == 1


def test_marks_of_erasure_that_the_ledger_does_not_know_are_refused(reg: Register) -> None:
    add(reg, some(10))
    reg.erase("t", [4], reason="r")
    reg.verify("t", batches(some(10)), erased=[4])
    with pytest.raises(LedgerError, match="the ledger does not say so"):
        reg.verify("t", batches(some(10)), erased=[])


def test_a_row_that_stands_where_one_was_erased_is_not_registered(
    reg: Register, ledger: Ledger
) -> None:
    add(reg, some(10))
    reg.erase("t", [4], reason="r")
    with pytest.raises(LedgerError, match=r"where rows were erased \(row ids 4\)"):
        add(reg, changed(some(12), 4, amount=7.0), allow={"rewritten", "relabelled"})
    assert len(ledger.entries) == 2


@pytest.mark.parametrize("gone", [[3], [2, 3], [0, 3]])
def test_an_empty_row_stands_for_the_erased_one_though_rows_after_it_are_cut_off(
    gone: list[int], reg: Register
) -> None:
    add(reg, some(6))
    reg.erase("t", gone, reason="r")
    empty: Row = (None, None, None, None)
    rows = [empty if i in gone else row for i, row in enumerate(some(4))]
    with pytest.raises(RowsDifferError, match=r": 2 rows missing \(row ids 4, 5\)$"):
        reg.verify("t", batches(rows))
    second = add(reg, rows, allow={"rewritten"})
    assert (second.rows, second.changed) == (4, 2)
    assert reg.version("t").erased.tolist() == gone
    assert reg.version("t").leaves == reg.version("t", 1).leaves[: 4 * 32]


def test_a_row_made_empty_is_not_taken_for_an_erased_one(reg: Register) -> None:
    add(reg, some(6))
    reg.erase("t", [3], reason="r")
    rows: list[Row] = [*some(3), (None, None, None, None), *some(1, start=5)]
    with pytest.raises(RowsDifferError, match=r": 1 row rewritten \(row ids 4\)$"):
        reg.verify("t", batches(rows))
