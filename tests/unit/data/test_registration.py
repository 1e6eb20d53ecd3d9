"""A registered data set: what was changed in it is named, and what is shown of it is proven."""

import errno
import os
import stat
import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bartizan.adapt.batches import open_batches
from bartizan.core.errors import InputError, LedgerError, OutputError, UsageError
from bartizan.core.fact import Erased, Registered
from bartizan.core.record import decode, encode
from bartizan.core.schema import Feature, Schema
from bartizan.data.change import RowsDifferError
from bartizan.data.label_book import book_of
from bartizan.data.registration import Register
from bartizan.data.row_proof import RowProof, verify_row
from bartizan.ledger.lock import hold
from bartizan.ledger.merkle import Frontier
from unit.data.registered import SCHEMA, Ledger, Row, batches, register, some, tree_root


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def reg(tmp_path: Path, ledger: Ledger) -> Register:
    return register(tmp_path / "data", ledger)


def add(reg: Register, rows: list[Row], **more: Any) -> Registered:
    return reg.add("t", batches(rows), source="a test", by="me", **more).fact


def changed(rows: list[Row], place: int, **cells: Any) -> list[Row]:
    names = ("id", "amount", "kind", "y")
    row = dict(zip(names, rows[place], strict=True)) | cells
    return [*rows[:place], tuple(row.values()), *rows[place + 1 :]]


def test_what_was_registered_is_verified_and_stands_in_the_ledger(
    reg: Register, ledger: Ledger
) -> None:
    fact = add(reg, some(10))
    assert ledger.facts() == [fact]
    assert (fact.version, fact.rows, fact.change, fact.changed) == (1, 10, "first", 0)
    assert (fact.by, fact.when, fact.source) == ("me", "2026-01-01T00:00:00Z", "a test")
    assert fact.file.startswith("sha256:")
    assert reg.verify("t", batches(some(10)), root=fact.root).fact == fact
    assert reg.version("t").place is not None


def test_the_root_is_that_of_rfc_6962_over_salt_and_row(reg: Register) -> None:
    fact = add(reg, some(11))
    version = reg.version("t")
    leaves = [version.leaves[at : at + 32] for at in range(0, 11 * 32, 32)]
    assert fact.root == "sha256:" + tree_root(leaves).hex()


def test_the_result_does_not_depend_on_how_rows_are_cut(tmp_path: Path) -> None:
    roots = {
        register(tmp_path / str(size), Ledger())
        .add("t", batches(some(50), batch_rows=size), source="s")
        .fact.columns
        for size in (3, 7, 50)
    }
    assert len(roots) == 1
    reg = register(tmp_path / "x", Ledger())
    add(reg, some(50))
    for size in (3, 7, 50):
        reg.verify("t", batches(some(50), batch_rows=size))


@pytest.mark.parametrize(
    ("cells", "relabelled"),
    [
        ({"amount": 99.5}, []),
        ({"amount": None}, []),
        ({"kind": "b"}, []),
        ({"id": 77}, []),
        ({"y": "no"}, [4]),
        ({"y": None}, [4]),
        ({"y": "no", "kind": "b"}, []),
    ],
)
def test_a_tampered_row_is_named(
    reg: Register, cells: dict[str, Any], relabelled: list[int]
) -> None:
    add(reg, some(10))
    with pytest.raises(RowsDifferError, match=r"\b4\b") as caught:
        reg.verify("t", batches(changed(some(10), 4, **cells)))
    assert caught.value.difference.other.tolist() == [4]
    assert caught.value.difference.relabelled.tolist() == relabelled


def test_twenty_rows_are_named_and_all_are_returned(reg: Register) -> None:
    add(reg, some(60))
    rows = [(i, -1.0, k, y) for i, _, k, y in some(60)]
    with pytest.raises(RowsDifferError, match="18, 19 and 40 more") as caught:
        reg.verify("t", batches(rows))
    assert caught.value.difference.other.tolist() == list(range(60))


def test_missing_extra_and_swapped_rows_are_named(reg: Register) -> None:
    add(reg, some(10))
    with pytest.raises(RowsDifferError, match=r"2 rows missing \(row ids 8, 9\)"):
        reg.verify("t", batches(some(8)))
    with pytest.raises(RowsDifferError, match="3 rows more than were registered"):
        reg.verify("t", batches(some(13)))
    rows = some(10)
    rows[2], rows[7] = rows[7], rows[2]
    with pytest.raises(RowsDifferError, match="row ids 2, 7"):
        reg.verify("t", batches(rows))


def test_the_same_data_is_seen_again_and_makes_no_new_version(
    reg: Register, ledger: Ledger, tmp_path: Path
) -> None:
    first, again = add(reg, some(10)), add(reg, some(10))
    assert (again.change, again.changed, again.version) == ("same", 0, 1)
    assert again.root == again.before == first.root
    assert len(ledger.entries) == 2
    assert [p.name for p in (tmp_path / "data" / "t").iterdir() if p.is_dir()] == ["1"]


def test_appended_rows_extend_the_tree(reg: Register) -> None:
    first, second = add(reg, some(10)), add(reg, some(13))
    assert (second.change, second.changed, second.version) == ("appended", 3, 2)
    assert second.before == first.root
    old, new = reg.version("t", 1), reg.version("t", 2)
    assert new.leaves.startswith(old.leaves)
    assert new.salts.startswith(old.salts)
    frontier = Frontier()
    for at in range(0, len(new.leaves), 32):
        if at == len(old.leaves):
            assert "sha256:" + frontier.root().hex() == first.root
        frontier.append(new.leaves[at : at + 32])
    assert "sha256:" + frontier.root().hex() == second.root
    reg.verify("t", batches(some(13)))
    reg.verify("t", batches(some(10)), version=1)


def test_changes_of_labels_are_refused_unless_allowed_and_then_counted(
    reg: Register, ledger: Ledger
) -> None:
    add(reg, some(10))
    rows = changed(changed(some(10), 1, y="no"), 3, y="yes")
    with pytest.raises(RowsDifferError, match=r"2 rows relabelled .*'no' to 'yes' 1 x"):
        add(reg, rows)
    with pytest.raises(RowsDifferError):
        add(reg, rows, allow={"rewritten"})
    assert len(ledger.entries) == 1
    found = reg.add("t", batches(rows), source="s", allow={"relabelled"})
    assert (found.fact.change, found.fact.changed) == ("relabelled", 2)
    assert found.changed.tolist() == [1, 3]
    assert found.moves == (("no", "yes", 1), ("yes", "no", 1))
    old, new = reg.version("t", 1).salts, reg.version("t", 2).salts
    same = [old[at : at + 16] == new[at : at + 16] for at in range(0, 160, 16)]
    assert [at for at, alike in enumerate(same) if not alike] == [1, 3]


def test_rewritten_rows_are_refused_unless_allowed(reg: Register, ledger: Ledger) -> None:
    add(reg, some(10))
    for rows in (changed(some(10), 1, amount=9.0), some(9), some(10, start=1)):
        with pytest.raises(RowsDifferError, match="nothing was registered"):
            add(reg, rows, allow={"relabelled"})
    assert len(ledger.entries) == 1
    fact = add(reg, some(9), allow={"rewritten"})
    assert (fact.change, fact.changed, fact.rows, fact.version) == ("rewritten", 1, 9, 2)
    reg.verify("t", batches(some(9)))


def test_other_columns_are_another_data_set(reg: Register) -> None:
    add(reg, some(10))
    other = Schema(features=(*SCHEMA.features[:1], Feature(name="amount", type="integer")))
    with pytest.raises(LedgerError, match=r"gone: kind; of another type: amount"):
        reg.add("t", batches(some(10), schema=other), source="s")
    with pytest.raises(LedgerError, match="other columns"):
        reg.verify("t", batches(some(10), schema=other))
    with pytest.raises(LedgerError, match="other columns"):
        reg.verify("t", batches(some(10), target=None))
    fact = reg.add("t", batches(some(10), schema=other), source="s", allow={"rewritten"}).fact
    assert (fact.change, fact.changed) == ("rewritten", 10)


def test_data_without_labels_is_registered_too(reg: Register) -> None:
    reg.add("t", batches(some(10), target=None), source="s")
    assert reg.version("t").book() is None
    with pytest.raises(RowsDifferError):
        reg.verify("t", batches(some(10, start=1), target=None))


def test_the_label_book_is_that_of_the_data(reg: Register) -> None:
    add(reg, some(40))
    kept = reg.version("t").book()
    assert kept is not None
    made = book_of(batches(some(40)), target="y", key=kept.key)
    assert kept.classes == made.classes
    assert np.array_equal(kept.hashes, made.hashes)
    assert np.array_equal(kept.codes, made.codes)


def test_one_row_is_shown_and_no_other(reg: Register) -> None:
    fact = add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    sent = decode(encode(proof), kind=RowProof)
    assert verify_row(sent, fact=fact) == {"amount": 1.5, "id": 6, "kind": "a", "y": "no"}
    others = [reg.version("t").salts[at : at + 16] for at in range(0, 160, 16) if at != 96]
    assert not any(salt.hex() in encode(proof).hex() for salt in others)


@pytest.mark.parametrize(
    "change",
    [
        {"row": 5},
        {"rows": 11},
        {"salt": "AAAAAAAAAAAAAAAAAAAAAA=="},
        {"salt": ""},
        {"data": "u"},
        {"version": 2},
        {"content": "AAAA"},
        {"content": "!"},
        {"path": ()},
        {"path": ("00" * 32,) * 4},
        {"path": ("zz",)},
    ],
)
def test_a_forged_proof_shows_nothing(reg: Register, change: dict[str, Any]) -> None:
    fact = add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    with pytest.raises(LedgerError):
        verify_row(msgspec.structs.replace(proof, **change), fact=fact)
    for root in ("sha256:" + "00" * 32, "no digest"):
        with pytest.raises(LedgerError):
            verify_row(proof, fact=msgspec.structs.replace(fact, root=root))


def test_the_columns_of_a_row_cannot_be_renamed(reg: Register) -> None:
    fact = add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    swapped = tuple(
        msgspec.structs.replace(one, name={"kind": "y", "y": "z"}.get(one.name, one.name))
        for one in proof.layout.columns
    )
    layout = msgspec.structs.replace(proof.layout, columns=swapped)
    with pytest.raises(LedgerError, match="not of what was registered"):
        verify_row(msgspec.structs.replace(proof, layout=layout), fact=fact)


def test_bytes_cannot_move_from_the_row_to_the_salt(reg: Register) -> None:
    add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    longer = msgspec.structs.replace(proof, salt=proof.salt[:-2] + "AAAA")
    with pytest.raises(LedgerError):
        verify_row(longer, fact=reg.version("t").fact)


def test_a_row_that_is_not_there_any_more_is_not_shown(reg: Register) -> None:
    add(reg, some(10))
    with pytest.raises(LedgerError, match="not in the data any more"):
        reg.row_proof("t", batches(changed(some(10), 6, amount=0.0)), row=6)
    for row in (-1, 10):
        with pytest.raises(UsageError, match="from 0 to 9"):
            reg.row_proof("t", batches(some(10)), row=row)


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
    for name, left in (("kept", some(10)), ("removed", some(10)[:4] + some(10)[5:])):
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


def test_a_workspace_that_was_changed_with_the_data_does_not_match_the_ledger(
    tmp_path: Path,
) -> None:
    honest = add(register(tmp_path / "a", Ledger()), some(10))
    forged = register(tmp_path / "b", Ledger())
    add(forged, changed(some(10), 4, amount=0.0))
    with pytest.raises(LedgerError, match="the workspace was changed"):
        forged.verify("t", batches(changed(some(10), 4, amount=0.0)), root=honest.root)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../x", "/x", "a\\b", "a\n", ".x", "x" * 101]
)
def test_a_name_that_is_a_path_is_refused(reg: Register, name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a name"):
        reg.add(name, batches(some(3)), source="s")
    assert not (tmp_path / "data").exists()


def test_unknown_data_sets_and_versions_are_named(reg: Register) -> None:
    with pytest.raises(UsageError, match="not registered"):
        reg.verify("t", batches(some(3)))
    add(reg, some(3))
    with pytest.raises(UsageError, match="there are: 1"):
        reg.verify("t", batches(some(3)), version=2)


@pytest.mark.parametrize(
    "file", ["salts", "leaves", "erased", "features", "codes", "fact.json", "kept.json"]
)
@pytest.mark.parametrize("how", ["cut", "changed", "gone"])
def test_a_damaged_store_is_refused(reg: Register, tmp_path: Path, file: str, how: str) -> None:
    add(reg, some(10))
    reg.erase("t", [4], reason="r")
    path = tmp_path / "data" / "t" / "1" / file
    raw = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(raw[:-1] if how == "cut" else bytes([raw[0] ^ 64]) + raw[1:])
    if how == "changed" and file in ("features", "erased", "codes"):
        return  # other rows are marked, or other labels: only data or ledger can tell
    with pytest.raises(LedgerError):
        reg.verify("t", batches(some(10)), erased=[4])
    if how != "changed" or file != "salts":
        with pytest.raises(LedgerError):
            add(reg, some(11))


def test_a_ledger_that_fails_is_asked_again_and_nothing_is_lost(
    reg: Register, ledger: Ledger
) -> None:
    ledger.down = True
    with pytest.raises(LedgerError, match="cannot be written"):
        add(reg, some(10))
    ledger.down = False
    assert reg.version("t").place is None
    assert add(reg, some(12)).change == "appended"
    facts = ledger.facts()
    assert [fact.change for fact in facts if isinstance(fact, Registered)] == ["first", "appended"]
    assert reg.version("t", 1).place is not None


def test_two_that_register_at_once_wait_for_each_other(tmp_path: Path) -> None:
    ledger = Ledger()
    reg = register(tmp_path, ledger, wait_s=20)
    runs = [threading.Thread(target=add, args=(reg, some(10))) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    changes = [fact.change for fact in ledger.facts() if isinstance(fact, Registered)]
    assert sorted(changes) == ["first", "same", "same", "same"]
    assert changes[0] == "first"


def test_whoever_cannot_wait_is_told(reg: Register, tmp_path: Path, ledger: Ledger) -> None:
    add(reg, some(10))
    release = hold(tmp_path / "data" / "t" / "lock", wait_s=0)
    try:
        with pytest.raises(OutputError, match="another process"):
            add(reg, some(11))
        with pytest.raises(OutputError, match="another process"):
            reg.erase("t", [1], reason="r")
        reg.verify("t", batches(some(10)))
    finally:
        release()
    assert len(ledger.entries) == 1


@pytest.mark.parametrize("after", range(12))
def test_a_run_that_is_cut_off_at_any_step_leaves_the_last_version_intact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    ledger = Ledger()
    reg = register(tmp_path, ledger)
    add(reg, some(10))
    left, real = [after], os.fsync

    def failing(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", failing)
    try:
        add(reg, some(12))
        done = True
    except OutputError as error:
        assert "disk is full" in str(error)  # noqa: PT017 - most steps raise it, the last do not
        done = False
    monkeypatch.setattr(os, "fsync", real)
    number = max(int(p.name) for p in (tmp_path / "t").iterdir() if p.is_dir())
    assert number == 2 or not done
    reg.verify("t", batches(some(12 if number == 2 else 10)))
    assert add(reg, some(12)).version == 2
    reg.verify("t", batches(some(12)))
    assert {p.name for p in (tmp_path / "t").iterdir()} == {"1", "2", "lock"}


def test_an_erasure_that_is_cut_off_is_finished_by_the_next_call(
    reg: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(reg, some(10))

    def failing(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pwrite", failing)
    with pytest.raises(OutputError):
        reg.erase("t", [4], reason="r")
    monkeypatch.undo()
    version = reg.version("t")
    assert version.erased.tolist() == [4]
    assert version.salts[64:80] != bytes(16)
    add(reg, some(11))
    assert reg.version("t", 1).salts[64:80] == bytes(16)


def test_everything_belongs_to_its_owner_alone(reg: Register, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        add(reg, some(10))
    finally:
        os.umask(old)
    for path in (tmp_path / "data").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_file_that_changes_while_it_is_read_is_refused(
    reg: Register, tmp_path: Path, ledger: Ledger
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("x,y\n" + "1,a\n" * 1000)
    opened = open_batches(path, target="y")
    path.write_text("x,y\n" + "2,a\n" * 1000)
    with pytest.raises(InputError):
        reg.add("t", opened, source="s")
    assert not ledger.entries


def test_one_file_in_two_forms_is_the_same_data(reg: Register, tmp_path: Path) -> None:
    add(reg, some(30))
    frame = next(iter(batches(some(30), batch_rows=30))).raw
    for form in ("csv", "parquet"):
        getattr(frame, f"write_{form}")(tmp_path / f"rows.{form}")
        opened = open_batches(tmp_path / f"rows.{form}", schema=SCHEMA, target="y")
        assert reg.add("t", opened, source=form).fact.change == "same"
