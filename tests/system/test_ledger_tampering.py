"""Somebody alters the workspace: `ledger verify` and every verb that believes it say so."""

import base64
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from authority import OPENSSL, Authority, make, served
from system.command import Ran, Run
from system.test_data import TARGET, orders, register, told, verify

BEFORE, NOW = Path("month.csv"), Path("more.csv")


@pytest.fixture
def twice(bartizan: Run, folder: Path) -> Path:
    """A workspace: version 1, row 7 erased, version 2 with 20 rows more."""
    orders(300).write_csv(BEFORE)
    register(bartizan, BEFORE)
    erase(bartizan)
    shutil.copytree(".bartizan", "first")
    less = pl.read_csv(BEFORE).filter(pl.col("order") != 7)
    pl.concat([less, orders(20, first=300, seed=3)]).write_csv(NOW)
    assert told(register(bartizan, NOW))["version"] == 2
    return folder / ".bartizan"


def erase(bartizan: Run) -> None:
    words = ("data", "erase", "--name", "month", "--row", 7, "--reason", "request 4711")
    assert bartizan(*words).code == 0


def altered(ran: Ran) -> str:
    """What is told of the first thing that does not hold."""
    assert ran.code == 4, ran.out + ran.err
    return next(str(one["told"]) for one in told(ran)["looked"] if not one["held"])


def refused(ran: Ran) -> str:
    assert ran.code == 4
    (line,) = (line for line in ran.err.splitlines() if line.startswith("error:"))
    return line


def checked(bartizan: Run) -> Ran:
    words = ("--data", NOW, "--name", "month", "--target", TARGET, "--entry", "data.types")
    return bartizan("data", "check", *words)


def test_rows_erased_before_the_last_version_stay_erased_and_the_rest_holds(
    bartizan: Run, twice: Path
) -> None:
    ran = verify(bartizan, NOW)
    assert ran.code == 0
    assert "but for 1 that were erased" in told(ran)["looked"][-1]["told"]


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    "file",
    ["salts", "leaves", "features", "codes", "key", "kept.json", "fact.json", "erased"],
)
def test_a_byte_of_what_is_kept_of_any_version_is_missed(
    bartizan: Run, twice: Path, version: str, file: str
) -> None:
    path = twice / "data/month" / version / file
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    ran = bartizan("ledger", "verify", "--json")
    assert "month" in altered(ran)
    assert "restore" in altered(ran)
    assert f"version {version}" in next(o["what"] for o in told(ran)["looked"] if not o["held"])
    refused(register(bartizan, NOW))
    refused(checked(bartizan))
    path.unlink()
    altered(bartizan("ledger", "verify", "--json"))


def test_an_erasure_that_was_taken_back_is_told_until_it_is_done_again(
    bartizan: Run, folder: Path
) -> None:
    orders(300).write_csv(BEFORE)
    register(bartizan, BEFORE)
    shutil.copytree(".bartizan/data", "data")
    erase(bartizan)
    shutil.copytree("data", ".bartizan/data", dirs_exist_ok=True)
    assert "row 7 is here again" in altered(verify(bartizan, BEFORE))
    assert "erase again" in refused(register(bartizan, BEFORE))
    erase(bartizan)
    assert bartizan("ledger", "verify").code == 0


def test_rows_that_nobody_erased_cannot_be_left_out(bartizan: Run, twice: Path) -> None:
    (twice / "data/month/2/erased").write_bytes(bytes([7, *bytes(7), 41, *bytes(7)]))
    said = altered(verify(bartizan, NOW))
    assert "row 41 is marked as erased, and the ledger does not say so" in said
    refused(register(bartizan, NOW))


def test_a_version_that_the_ledger_knows_cannot_be_forgotten(bartizan: Run, twice: Path) -> None:
    shutil.rmtree(twice / "data/month/2")
    said = "the ledger knows version 2 of 'month', and the workspace has only 1"
    assert said in altered(verify(bartizan, NOW))
    assert said in refused(register(bartizan, NOW))
    assert said in refused(checked(bartizan))
    shutil.rmtree(twice / "data")
    assert "has none" in refused(register(bartizan, NOW))
    assert "version 1 of 'month' stands in the ledger" in altered(verify(bartizan, NOW))


def test_a_log_that_was_put_back_is_noticed_even_without_its_memory(
    bartizan: Run, twice: Path
) -> None:
    (twice / "ledger.seen").unlink()
    ran = verify(bartizan, NOW)
    assert ran.code == 0
    assert "ledger.seen" in told(ran)["looked"][0]["told"]
    shutil.rmtree(twice / "ledger")
    shutil.copytree("first/ledger", twice / "ledger")
    (twice / "ledger.seen").unlink()
    assert "the ledger does not know it" in altered(verify(bartizan, BEFORE))
    assert "the ledger does not know it" in refused(register(bartizan, NOW))


def test_a_log_that_is_gone_with_its_memory_is_missed(bartizan: Run, twice: Path) -> None:
    shutil.rmtree(twice / "ledger")
    (twice / "ledger.seen").unlink()
    assert "the ledger does not know it" in altered(bartizan("ledger", "verify", "--json"))
    refused(register(bartizan, NOW))
    refused(checked(bartizan))


def test_other_data_cannot_be_slipped_in_as_seen_again(
    bartizan: Run, twice: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "evil").mkdir()
    monkeypatch.chdir(folder / "evil")
    orders(300, seed=5).write_csv(BEFORE)
    register(bartizan, BEFORE)
    monkeypatch.chdir(folder)
    shutil.rmtree(twice)
    shutil.copytree("first", twice)
    shutil.copytree("evil/.bartizan/data", twice / "data", dirs_exist_ok=True)
    said = "is not what the ledger says in entry 0"
    assert said in refused(register(bartizan, Path("evil/month.csv")))
    assert said in altered(verify(bartizan, Path("evil/month.csv")))


def test_another_log_with_another_key_is_told_by_its_memory_or_a_key_from_elsewhere(
    bartizan: Run, twice: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = told(bartizan("ledger", "prove", "--entry", 0, "--json"))["key"]
    (folder / "evil").mkdir()
    monkeypatch.chdir(folder / "evil")
    shutil.copy("../month.csv", BEFORE)
    register(bartizan, BEFORE)
    monkeypatch.chdir(folder)
    seen = (twice / "ledger.seen").read_bytes()
    shutil.rmtree(twice)
    shutil.copytree("evil/.bartizan", twice)
    alone = verify(bartizan, BEFORE)
    assert alone.code == 0
    assert "Keep the key elsewhere" in told(alone)["guarantees"][-1]
    altered(verify(bartizan, BEFORE, "--key", key))
    (twice / "ledger.seen").write_bytes(seen)
    altered(verify(bartizan, BEFORE))
    same = json.loads((folder / "evil/.bartizan/ledger.seen").read_bytes())
    (twice / "ledger.seen").write_text(json.dumps(same | {"key": key}))
    assert "another key" in altered(verify(bartizan, BEFORE))
    refused(register(bartizan, BEFORE))


def test_the_key_beside_the_log_is_not_needed_and_not_believed_where_one_is_given(
    bartizan: Run, twice: Path
) -> None:
    key = told(bartizan("ledger", "prove", "--entry", 0, "--json"))["key"]
    (twice / "ledger.pub").unlink()
    ran = verify(bartizan, NOW, "--key", key)
    assert "ledger.pub" in altered(ran)
    assert [one["held"] for one in told(ran)["looked"]] == [True, False, True]


@pytest.mark.parametrize("kind", ["DataProfile", "Declared"])
@pytest.mark.parametrize("change", ["DELETE FROM record", "UPDATE record SET raw = 'other'"])
def test_profile_and_demands_are_those_that_the_ledger_names(
    bartizan: Run, twice: Path, kind: str, change: str
) -> None:
    with sqlite3.connect(twice / "store.sqlite") as db:
        db.execute(f"{change} WHERE kind = ?", (kind,))
    db.close()
    assert "restore store.sqlite" in altered(verify(bartizan, NOW))
    refused(checked(bartizan))


def test_a_store_that_is_no_database_is_damage(bartizan: Run, twice: Path) -> None:
    path = twice / "store.sqlite"
    path.write_bytes(path.read_bytes()[:3000])
    assert "store.sqlite is damaged" in refused(bartizan("ledger", "verify"))


def test_a_proof_from_nowhere_is_one_line(bartizan: Run, twice: Path) -> None:
    words = ("ledger", "prove", "--name", "month", "--data", NOW, "--row", 9)
    key = told(bartizan(*words, "--out", "row.proof", "--json"))["key"]
    text = Path("row.proof").read_text()
    (line,) = (one for one in text.splitlines() if one.startswith("extra "))
    extra = json.loads(base64.b64decode(line[6:]))
    changes: list[Callable[[], object]] = [
        lambda: extra["row"] | {"row": 10},
        lambda: extra["row"] | {"row": -1},
        lambda: extra["row"] | {"rows": 10**30},
        lambda: extra["row"] | {"salt": "AAAA"},
        lambda: extra["row"] | {"path": []},
        lambda: extra["row"] | {"layout": None},
        lambda: extra["row"] | {"data": "other"},
    ]
    bodies = [json.dumps(extra | {"row": change()}).encode() for change in changes]
    for body in [*bodies, b"[" * 40_000, b"\xff"]:
        Path("bad.proof").write_text(text.replace(line[6:], base64.b64encode(body).decode()))
        ran = bartizan("ledger", "verify", "--proof", "bad.proof", "--key", key)
        assert "does not hold" in refused(ran)
    assert bartizan("ledger", "prove", "--entry", 99).code == 2


def test_work_begins_only_with_a_ledger_that_can_take_its_findings(
    bartizan: Run, twice: Path
) -> None:
    (twice / "ledger.key").chmod(0o644)
    ran = checked(bartizan)
    assert "chmod 600" in refused(ran)
    assert "checking" not in ran.err


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    pytest.importorskip("rfc3161_client", reason="the extra `timestamp` is not installed")
    return make(tmp_path_factory.mktemp("tsa"))


def test_time_stamps_beside_the_log_are_checked_or_said_not_to_be(
    bartizan: Run, twice: Path, tsa: Authority
) -> None:
    key = told(bartizan("ledger", "prove", "--entry", 0, "--json"))["key"]
    Path("policy.txt").write_text(f"log {key}\nquorum none\n")
    Path("root.pem").write_bytes(tsa.roots)
    known = ("ledger", "anchor", "--policy", "policy.txt", "--roots", "root.pem")
    with served(lambda body: (200, "application/timestamp-reply", tsa.reply(body))) as url:
        assert bartizan(*known, "--tsa", url).code == 0
    (twice / "ledger/anchors/3.evm").write_text("{}")  # of a kind that nobody can check here
    blind = verify(bartizan, NOW)
    assert "2 proofs lie beside the log and were not checked" in told(blind)["looked"][1]["told"]
    seen = verify(bartizan, NOW, "--roots", "root.pem")
    assert [one["held"] for one in told(seen)["looked"]] == [True] * 4
    assert any("covers the first 3 entries" in one for one in told(seen)["guarantees"])
    assert verify(bartizan, NOW, "--roots", "no.pem").code == 2
    (stamp,) = (twice / "ledger/anchors").glob("*.rfc3161")
    stamp.rename(stamp.with_name("2.rfc3161"))
    assert "it was renamed" in altered(verify(bartizan, NOW, "--roots", "root.pem"))
