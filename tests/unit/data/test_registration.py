"""A registered data set: what was changed in it is named, and what is shown of it is proven."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.batches.reading import open_batches
from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.core.schema import Feature, Schema
from bartizan.data.label_book import book_of
from bartizan.data.register.change import RowsDifferError
from bartizan.data.register.registration import Register
from bartizan.ledger.merkle import Frontier
from unit.data.registered import SCHEMA, Ledger, add, batches, changed, register, some, tree_root


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def reg(tmp_path: Path, ledger: Ledger) -> Register:
    return register(tmp_path / "data", ledger)


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
