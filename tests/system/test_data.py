"""`bartizan data check|register|erase` and `ledger verify|prove`, as somebody types them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import polars as pl
import pytest

from system.command import Ran, Run
from system.conftest import SOURCES

ROOT = Path(__file__).parents[2]
TARGET = "is_fraud"


def orders(n: int, *, first: int = 0, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    fraud = rng.random(n) < 0.2
    return pl.DataFrame(
        {
            "order": np.arange(first, first + n),
            "amount": np.round(rng.lognormal(4, 0.6, n) * np.where(fraud, 2.2, 1.0), 2),
            "country": rng.choice(["Austria", "Germany", "Switzerland"], n, p=[0.3, 0.6, 0.1]),
            "shop": rng.choice(["web", "app", "phone"], n, p=[0.5, 0.4, 0.1]),
            TARGET: fraud.astype(int),
        }
    )


@pytest.fixture
def month(folder: Path) -> Path:
    orders(3000).write_csv(folder / "month.csv")
    return folder / "month.csv"


def register(bartizan: Run, data: Path, *more: object) -> Ran:
    words = ("data", "register", "--data", data, "--name", "month", "--target", TARGET)
    return bartizan(*words, "--from", "a test", "--json", *more)


def verify(bartizan: Run, data: Path, *more: object) -> Ran:
    return bartizan("ledger", "verify", "--data", data, "--name", "month", "--json", *more)


def told(ran: Ran) -> Any:
    return json.loads(ran.out)


def test_data_like_the_reference_passes_and_every_finding_has_its_place_in_the_ledger(
    folder: Path, bartizan: Run, month: Path
) -> None:
    orders(1500, first=3000, seed=1).write_csv("day.csv")
    ran = bartizan(
        *("data", "check", "--data", "day.csv", "--target", TARGET, "--reference", month),
        *("--unique", "order", "--source", "shop", "--quota", 0.7, "--json"),
    )
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    jsonschema.validate(report, json.loads((ROOT / "docs/schema/report-1.json").read_bytes()))
    assert report["outcome"] == "pass"
    assert {finding["outcome"] for finding in report["findings"]} == {"pass"}
    assert len(report["findings"]) >= 8
    places = [receipt["place"]["index"] for receipt in report["receipts"]]
    assert places == list(range(len(places)))
    assert (folder / "out" / "report.html").exists()
    ledger = bartizan("ledger", "verify", "--json")
    assert ledger.code == 0
    assert [one["what"] for one in told(ledger)["looked"]] == ["log local/workspace", "evidence"]


def test_a_misspelt_category_is_found_with_its_row_and_the_row_is_written(
    bartizan: Run, month: Path
) -> None:
    frame = orders(1500, first=3000, seed=1)
    country = frame["country"].to_list()
    country[1234] = "Germny"
    frame.with_columns(country=pl.Series(country)).write_csv("typo.csv")
    ran = bartizan(
        *("data", "check", "--data", "typo.csv", "--target", TARGET, "--reference", month),
        *("--entry", "data.categories", "--json", "--fail-on", "low"),
    )
    assert ran.code == 1
    (finding,) = told(ran)["findings"]
    (place,) = finding["flagged"]
    assert (place["row"], place["column"], place["value"]) == (1234, "country", "Germny")
    assert "Germany" in place["why"]
    rows = pl.read_parquet("out/examples/data.categories_typo.parquet")
    assert rows["row"].to_list() == [1234]


def test_a_registered_version_is_the_reference(bartizan: Run, month: Path) -> None:
    assert register(bartizan, month).code == 0
    odd = orders(1500, first=3000, seed=1).with_columns(amount=pl.col("amount") * 3)
    odd.write_csv("odd.csv")
    words = ("data", "check", "--data", "odd.csv", "--target", TARGET, "--json")
    ran = bartizan(*words, "--reference", "month", "--entry", "data.drift")
    assert told(ran)["findings"][0]["outcome"] == "fail"
    assert "amount" in json.dumps(told(ran)["findings"][0]["flagged"])
    assert bartizan(*words, "--reference", "mnth").code == 2


@pytest.mark.parametrize("change", ["value", "label", "swap", "cut", "added", "twice"])
def test_whatever_is_altered_is_caught_and_named(
    bartizan: Run, month: Path, folder: Path, change: str
) -> None:
    assert register(bartizan, month).code == 0
    assert verify(bartizan, month).code == 0
    lines = month.read_text().splitlines()
    row = 1 + 41  # below the header
    fields = lines[row].split(",")
    if change == "value":
        lines[row] = ",".join([fields[0], "0.01", *fields[2:]])
    elif change == "label":
        lines[row] = ",".join([*fields[:-1], str(1 - int(fields[-1]))])
    elif change == "swap":
        lines[row], lines[row + 1] = lines[row + 1], lines[row]
    elif change == "cut":
        lines = lines[:-5]
    elif change == "added":
        lines.append(lines[-1])
    else:
        lines.insert(row, lines[row])
    altered = folder / "altered.csv"
    altered.write_text("\n".join(lines) + "\n")
    ran = verify(bartizan, altered)
    assert ran.code == 4
    report = told(ran)
    assert not report["held"]
    assert [one["held"] for one in report["looked"]] == [True, False]
    if change in ("value", "label"):
        assert report["looked"][1]["rows"] == [41]


def test_appended_rows_are_the_next_version_and_rewritten_ones_are_refused(
    bartizan: Run, month: Path
) -> None:
    first = told(register(bartizan, month))
    more = orders(200, first=3000, seed=2)
    pl.concat([pl.read_csv(month), more]).write_csv("more.csv")
    second = told(register(bartizan, Path("more.csv")))
    assert (first["change"], second["change"], second["changed"]) == ("first", "appended", 200)
    assert second["version"] == 2
    pl.read_csv("more.csv").with_columns(amount=pl.col("amount") + 1).write_csv("new.csv")
    refused = register(bartizan, Path("new.csv"))
    assert refused.code == 4
    assert "3200 rows" in refused.err.replace(",", "")
    assert told(register(bartizan, Path("new.csv"), "--allow", "rewritten"))["version"] == 3


def test_one_row_is_shown_to_somebody_who_has_the_key_and_nothing_else(
    bartizan: Run, month: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    register(bartizan, month)
    made = bartizan(
        *("ledger", "prove", "--name", "month", "--data", month, "--row", 7),
        *("--out", "row.proof", "--json"),
    )
    assert made.code == 0, made.err
    key, proof = told(made)["key"], Path("row.proof").read_bytes()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "row.proof").write_bytes(proof)
    os.chdir(elsewhere)
    seen = bartizan("ledger", "verify", "--proof", "row.proof", "--key", key, "--json")
    assert seen.code == 0
    wanted = {name: str(value) for name, value in orders(3000).row(7, named=True).items()}
    got = told(seen)["values"]
    assert {name: float(got[name]) for name in ("amount", "order")} == {
        name: float(wanted[name]) for name in ("amount", "order")
    }
    assert got["country"] == wanted["country"]
    assert bartizan("ledger", "verify", "--proof", "row.proof").code == 2  # whose log is it?
    place = proof.index(b"extra ") + 400
    letter = b"B" if proof[place : place + 1] == b"A" else b"A"
    (elsewhere / "bad.proof").write_bytes(proof[:place] + letter + proof[place + 1 :])
    bad = bartizan("ledger", "verify", "--proof", "bad.proof", "--key", key)
    assert bad.code == 4
    assert "does not hold" in bad.err


def test_an_erased_row_can_be_shown_by_nobody_and_all_others_hold(
    bartizan: Run, month: Path
) -> None:
    register(bartizan, month)
    words = ("data", "erase", "--name", "month", "--row", 7, "--reason", "request 4711")
    assert bartizan(*words).code == 0
    pl.read_csv(month).filter(pl.col("order") != 7).write_csv("less.csv")
    assert verify(bartizan, Path("less.csv")).code == 0
    shown = bartizan("ledger", "prove", "--name", "month", "--data", month, "--row", 7)
    assert shown.code == 2
    assert "erased" in shown.err
    assert bartizan("data", "erase", "--name", "month", "--row", 3000, "--reason", "x").code == 2


def test_an_altered_log_is_not_believed(bartizan: Run, month: Path, folder: Path) -> None:
    register(bartizan, month)
    (bundle,) = (folder / ".bartizan/ledger/tile/entries").rglob("*.p/1")
    raw = bundle.read_bytes()
    bundle.write_bytes(raw.replace(b'"rows":3000', b'"rows":3001'))
    ran = verify(bartizan, month)
    assert ran.code == 4
    assert not told(ran)["looked"][0]["held"]
    assert register(bartizan, month).code == 4  # nothing is added to it either


def test_a_log_that_was_put_back_is_noticed(bartizan: Run, month: Path, folder: Path) -> None:
    import shutil  # noqa: PLC0415 - only here

    register(bartizan, month)
    shutil.copytree(folder / ".bartizan/ledger", folder / "old")
    orders(3100).write_csv("longer.csv")
    register(bartizan, Path("longer.csv"), "--allow", "rewritten")
    shutil.rmtree(folder / ".bartizan/ledger")
    shutil.copytree(folder / "old", folder / ".bartizan/ledger")
    assert verify(bartizan, month).code == 4


def test_a_log_that_is_gone_is_no_fresh_start(bartizan: Run, month: Path, folder: Path) -> None:
    register(bartizan, month)
    (folder / ".bartizan/ledger/checkpoint").unlink()
    assert verify(bartizan, month).code == 4
    assert register(bartizan, month).code == 4


def test_evidence_that_is_gone_or_altered_is_told(bartizan: Run, month: Path, folder: Path) -> None:
    import sqlite3  # noqa: PLC0415 - the store is looked at from outside

    bartizan("data", "check", "--data", month, "--target", TARGET)
    with sqlite3.connect(folder / ".bartizan/store.sqlite") as db:
        db.execute("DELETE FROM record WHERE kind = 'Evidence'")
    db.close()
    ran = bartizan("ledger", "verify", "--json")
    assert ran.code == 4
    assert "is not here any more" in told(ran)["looked"][1]["told"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("data", "check"), "--data is missing"),
        (("data", "check", "--data", "no.csv"), "there is no file"),
        (("data", "check", "--data", "empty.csv"), "is empty"),
        (("data", "check", "--data", "head.csv"), "no rows"),
        (("data", "check", "--data", "torn.csv"), "line 2001"),
        (("data", "check", "--data", "month.csv", "--target", "fraud"), "is_fraud"),
        (("data", "check", "--data", "month.csv", "--quota", "0.5"), "--quota needs --source"),
        (("data", "check", "--data", "month.csv", "--max-age", "5"), "--max-age needs --time"),
        (("data", "check", "--data", "month.csv", "--entry", "data.tpyes"), "data.types"),
        (("data", "register", "--data", "month.csv"), "--from"),
        (("data", "register", "--data", "month.csv", "--name", "../x", "--from", "y"), "a name of"),
        (("ledger", "verify"), "there is no log"),
        (("ledger", "verify", "--data", "month.csv"), "--name belong together"),
        (("ledger", "prove", "--row", "1"), "--name with --row"),
        (("ledger", "verify", "--proof", "month.csv", "--key", "x"), "key"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_what_to_do(
    bartizan: Run, month: Path, folder: Path, words: tuple[str, ...], said: str
) -> None:
    (folder / "empty.csv").write_bytes(b"")
    (folder / "head.csv").write_text("a,b\n")
    lines = month.read_text().splitlines()
    lines[2000] += ",surplus"
    (folder / "torn.csv").write_text("\n".join(lines) + "\n")
    ran = bartizan(*words)
    assert ran.code in (2, 4)
    assert said in ran.err
    errors = [line for line in ran.err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1


def test_two_processes_that_register_at_once_are_both_in_the_ledger(
    bartizan: Run, folder: Path, month: Path
) -> None:
    orders(3000, seed=9).write_csv(folder / "other.csv")
    command = [sys.executable, "-m", "bartizan.cli.main", "data", "register", "--target", TARGET]
    started = [
        subprocess.Popen(
            [*command, "--data", name, "--from", "a test"],
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("month.csv", "other.csv")
    ]
    ended = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], ended
    ran = bartizan("ledger", "verify", "--json")
    assert ran.code == 0
    assert "2 entries" in told(ran)["looked"][0]["told"]


def test_the_project_file_says_what_is_demanded(bartizan: Run, folder: Path, month: Path) -> None:
    assert bartizan("init", "--data", month, "--target", TARGET).code == 0
    project = folder / "bartizan.toml"
    with project.open("a") as file:
        file.write('\n[check.month]\nunique = [["order"]]\nsource = "shop"\nquota = 0.3\n')
    ran = bartizan("data", "check", "--json", "--fail-on", "low")
    assert ran.code == 1
    failed = [f["entry"] for f in told(ran)["findings"] if f["outcome"] == "fail"]
    assert failed == ["data.sources"]
    assert bartizan("data", "check", "--target", TARGET).code == 2  # the file says it already
    assert bartizan("data", "register", "--from", "a test").code == 0
    verified = bartizan("ledger", "verify", "--json")
    assert verified.code == 0
    assert "each as it was registered" in told(verified)["looked"][-1]["told"]
