import io
import os
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from bartizan.core.attacker import Attacker, Reach
from bartizan.core.errors import OutputError, TrustError
from bartizan.core.record import decode, digest, encode
from bartizan.core.report import Gap
from bartizan.core.schema import Feature, Schema
from bartizan.store import Store

EVE = Attacker(name="eve", norm="L2", eps=1.0, features={"b": Reach(), "a": Reach()})
ARRAYS = {
    "points": np.array([[1.5, np.nan], [-0.0, np.inf]]),
    "success": np.array([True, False]),
    "queries": np.array([3, 4]),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "ws")
    yield opened
    opened.close()


def blob(root: Path) -> Path:
    return next(path for path in (root / "ws" / "blobs").rglob("*") if path.is_file())


def change(root: Path, statement: str, value: str | bytes) -> None:
    database = sqlite3.connect(root / "ws" / "store.sqlite")
    database.execute(statement, (value,))
    database.commit()
    database.close()


def test_a_record_comes_back_under_the_digest_of_its_bytes(store: Store) -> None:
    name = store.put(EVE)
    assert name == digest(encode(EVE))
    assert store.get(name, kind=Attacker) == EVE


def test_what_is_stored_are_the_bytes_the_digest_is_of(store: Store, tmp_path: Path) -> None:
    name = store.put(EVE)
    database = sqlite3.connect(tmp_path / "ws" / "store.sqlite")
    ((kind, raw),) = database.execute("SELECT kind, raw FROM record").fetchall()
    database.close()
    assert (kind, digest(raw)) == ("Attacker", name)
    assert decode(raw, kind=Attacker) == EVE


def test_what_was_never_stored_is_none(store: Store) -> None:
    assert store.get("sha256:0", kind=Attacker) is None
    assert store.block("key") is None


def test_a_record_can_be_put_twice(store: Store) -> None:
    assert store.put(EVE) == store.put(EVE)


def test_a_record_that_was_changed_in_the_database_is_not_trusted(
    store: Store, tmp_path: Path
) -> None:
    name = store.put(EVE)
    other = encode(Attacker(name="mallory", norm="L2", eps=9.0))
    change(tmp_path, "UPDATE record SET raw = ?", other)
    with pytest.raises(TrustError, match="no longer has the content it was stored with"):
        store.get(name, kind=Attacker)


def test_a_block_comes_back_to_the_bit(store: Store) -> None:
    name = store.keep_block("key", ARRAYS)
    found = store.block("key")
    assert found is not None
    assert found[0] == name
    assert {k: (v.dtype, v.tobytes()) for k, v in found[1].items()} == {
        k: (v.dtype, v.tobytes()) for k, v in ARRAYS.items()
    }


def test_equal_results_have_equal_digests_whenever_they_are_stored(store: Store) -> None:
    first = store.keep_block("one", ARRAYS)
    assert store.keep_block("other", ARRAYS) == first
    with Store.temporary() as elsewhere:
        assert elsewhere.keep_block("key", ARRAYS) == first


def test_a_block_is_there_for_the_next_run(store: Store, tmp_path: Path) -> None:
    name = store.keep_block("key", ARRAYS)
    store.close()
    again = Store.open(tmp_path / "ws")
    found = again.block("key")
    assert found is not None
    assert found[0] == name
    assert again.block("other key") is None
    again.close()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something else", b"half"])
def test_a_block_that_was_changed_on_disk_is_not_trusted(
    store: Store, tmp_path: Path, content: bytes
) -> None:
    store.keep_block("key", ARRAYS)
    path = blob(tmp_path)
    path.write_bytes(path.read_bytes()[:100] if content == b"half" else content)
    with pytest.raises(TrustError, match="delete it"):
        store.block("key")


def test_a_block_whose_file_was_deleted_is_done_again(store: Store, tmp_path: Path) -> None:
    store.keep_block("key", ARRAYS)
    blob(tmp_path).unlink()
    assert store.block("key") is None
    store.keep_block("key", ARRAYS)
    assert store.block("key") is not None


def array_file() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize("raw", [b"", b"no archive", b"PK\x03\x04", array_file()])
def test_a_block_in_another_format_is_done_again(store: Store, tmp_path: Path, raw: bytes) -> None:
    store.keep_block("key", ARRAYS)
    name = store._blobs.put(raw)
    change(tmp_path, "UPDATE block SET digest = ?", name)
    assert store.block("key") is None


def test_objects_are_never_unpickled(store: Store) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        store.keep_block("key", {"points": np.array([{}], dtype=object)})
    assert store.block("key") is None


def test_the_workspace_is_its_owners_alone_and_out_of_version_control(
    store: Store, tmp_path: Path
) -> None:
    root = tmp_path / "ws"
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert (root / ".gitignore").read_text() == "*\n"
    store.keep_block("key", ARRAYS)
    assert stat.S_IMODE(blob(tmp_path).stat().st_mode) == 0o600


def test_two_stores_on_one_folder_see_each_others_work(store: Store, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "ws")
    store.keep_block("one", ARRAYS)
    other.keep_block("two", ARRAYS)
    name = other.put(EVE)
    assert other.block("one") is not None
    assert store.block("two") is not None
    assert store.get(name, kind=Attacker) == EVE
    other.close()


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%20b", "a b", "ä:ö", "x@y"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    opened = Store.open(tmp_path / name)
    key = opened.put(EVE)
    opened.close()
    assert (tmp_path / name / "store.sqlite").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    again = Store.open(tmp_path / name)
    assert again.get(key, kind=Attacker) == EVE
    again.close()


def test_a_temporary_store_is_gone_afterwards() -> None:
    with Store.temporary() as opened:
        root = opened._blobs._root.parent
        assert root.is_dir()
        opened.keep_block("key", ARRAYS)
    assert not root.exists()


def test_a_temporary_store_is_gone_also_after_an_error() -> None:
    roots = []

    def break_down() -> None:
        with Store.temporary() as opened:
            roots.append(opened._blobs._root.parent)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_down()
    assert not roots[0].exists()


def test_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot keep a workspace in .*choose another"):
        Store.open(tmp_path / "file")


def test_a_database_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(TrustError, match=r"store\.sqlite is damaged"):
        Store.open(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot keep a workspace"):
        Store.open(tmp_path / "ws")


def test_a_database_that_breaks_under_way_is_told(store: Store, tmp_path: Path) -> None:
    name = store.put(EVE)
    store.close()
    path = tmp_path / "ws" / "store.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    for use in (
        lambda: store.get(name, kind=Attacker),
        lambda: store.block("key"),
        lambda: store.put(EVE),
    ):
        with pytest.raises(TrustError, match=r"store\.sqlite is damaged"):
            use()


def test_a_record_that_became_a_text_is_no_record(store: Store, tmp_path: Path) -> None:
    name = store.put(EVE)
    with sqlite3.connect(tmp_path / "ws" / "store.sqlite") as db:
        db.execute("UPDATE record SET raw = 'a text' WHERE kind = 'Attacker'")
    db.close()
    with pytest.raises(TrustError, match="no longer has the content"):
        store.get(name, kind=Attacker)


def test_records_of_different_kinds_live_side_by_side(store: Store) -> None:
    schema = Schema(features=(Feature(name="a"),))
    names = store.put(EVE), store.put(schema)
    assert store.get(names[0], kind=Attacker) == EVE
    assert store.get(names[1], kind=Schema) == schema


def test_a_store_that_cannot_be_written_is_told_without_statements_or_values(
    tmp_path: Path,
) -> None:
    Store.open(tmp_path).close()
    (tmp_path / ".gitignore").write_text("# mine\n")
    with sqlite3.connect(tmp_path / "store.sqlite") as db:
        db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    db.close()
    store = Store.open(tmp_path)
    with pytest.raises(OutputError, match="store: full; make room") as told:
        store.put(EVE)
    assert "SQL" not in str(told.value)
    assert (tmp_path / ".gitignore").read_text() == "# mine\n"  # nothing is written anew


def test_processes_that_open_a_new_store_at_once_do_not_get_in_each_others_way(
    tmp_path: Path,
) -> None:
    gate = Barrier(8)

    def opened(place: Path) -> None:
        gate.wait()
        Store.open(place).close()

    for number in range(10):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(opened, [tmp_path / str(number)] * 8))


def test_many_records_come_back_as_stored_and_those_that_are_not_here_are_left_out(
    store: Store,
) -> None:
    records = [Gap(what=f"w{number}", why="y") for number in range(1203)]
    names = store.put_all([EVE]) + store.put_all(records)
    found = dict(store.raw([*names, "sha256:" + "0" * 64]))
    assert set(found) == set(names)
    assert all(digest(raw) == name for name, raw in found.items())
    kept = [name for name, _ in store.of_kind(Gap)]
    assert kept == sorted(names[1:])


def test_many_records_of_which_one_was_changed_are_not_trusted(
    store: Store, tmp_path: Path
) -> None:
    names = store.put_all([Gap(what=f"w{number}", why="y") for number in range(3)])
    database = sqlite3.connect(tmp_path / "ws" / "store.sqlite")
    database.execute("update record set raw = ? where digest = ?", (b"{}", names[1]))
    database.commit()
    database.close()
    with pytest.raises(TrustError):
        dict(store.raw(names))
    with pytest.raises(TrustError):
        dict(store.of_kind(Gap))
