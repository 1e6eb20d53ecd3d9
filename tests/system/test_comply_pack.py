"""`bartizan comply pack`: from a run to one file that somebody else can check without us."""

import json
import sqlite3
import tarfile
from pathlib import Path

import pytest

from bartizan.comply.pack.archive import written
from system import shop
from system.command import Run

PROJECT = """\
[project]
name = "shop"

[[model]]
name = "fraud"
path = "shop.skops"

[[data]]
name = "holdout"
role = "test"
path = "holdout.csv"
target = "fraud"

[[attacker]]
name = "anyone"
norm = "Linf"
eps = 0.0001

[supply.card.fraud]
description = "Scores purchases."
limitations = ["Purchases of one shop."]

[system]
name = "Shop"
decides_about_people = true

[[zone]]
id = "internet"
trust = "untrusted"

[[asset]]
id = "purchases"
personal = true

[[element]]
id = "customer"
kind = "actor"
zone = "internet"

[[element]]
id = "model"
kind = "model"
zone = "internet"
model = "fraud"

[[flow]]
source = "customer"
target = "model"
carries = ["purchases"]

"""
POLICY = """
[[comply.policy]]
id = "incident-response"
kind = "incident-response"
title = "What we do when something happens"
path = "incident.md"
owner = "CISO"
review_days = 180
"""
WHO = ("--by", "Ada", "--role", "CISO")


@pytest.fixture
def assessed(folder: Path, bartizan: Run) -> Path:
    """A project with one finding in its ledger, and a policy that is signed off."""
    (folder / "bartizan.toml").write_text(PROJECT + POLICY)
    (folder / "incident.md").write_text("Call the CISO.\n")
    shop.save_csv(folder)
    shop.save_skops(folder)
    entry = ("--entry", "utility.balanced-accuracy", "--no-examples", "--quiet", "--workers", 1)
    assert bartizan("assess", "--profile", "quick", *entry).code in (0, 1)
    assert bartizan("comply", "sign-off", "incident-response", *WHO).code == 0
    return folder


def test_a_pack_is_made_and_holds_and_one_that_was_changed_does_not(
    assessed: Path, bartizan: Run
) -> None:
    made = bartizan("comply", "pack", "--json")
    assert made.code == 0, made.err
    key = json.loads(made.out)["key"]
    found = bartizan("comply", "verify", "evidence.tar", "--key", key, "--log", key, "--json")
    assert found.code == 0, found.err
    said = json.loads(found.out)
    assert said["facts"] == said["entries"] == 2
    assert said["evidence"] == said["findings_in_log"] == 1
    assert (said["policies"], said["policies_signed_off"]) == (1, 1)
    assert said["signer_known"]
    raw = bytearray((assessed / "evidence.tar").read_bytes())
    raw[len(raw) // 2] ^= 1
    (assessed / "changed.tar").write_bytes(raw)
    refused = bartizan("comply", "verify", "changed.tar", "--key", key)
    assert refused.code == 4
    assert not refused.out


def test_equal_workspaces_give_equal_packs_and_a_folder_is_as_good(
    assessed: Path, bartizan: Run
) -> None:
    for name in ("one.tar", "two.tar", "folder"):
        assert bartizan("comply", "pack", "--out", name).code == 0
    one = (assessed / "one.tar").read_bytes()
    assert one == (assessed / "two.tar").read_bytes()
    assert bartizan("comply", "verify", "folder").code == 0
    with tarfile.open(assessed / "one.tar") as archive:
        names = archive.getnames()
    files = [path for path in (assessed / "folder").rglob("*") if path.is_file()]
    assert sorted(names) == sorted(str(path.relative_to(assessed / "folder")) for path in files)
    kept = [(name, (assessed / "folder" / name).read_bytes()) for name in names]
    assert b"".join(written(kept)) == one
    (assessed / "folder" / "more.txt").write_text("x")
    assert bartizan("comply", "verify", "folder").code == 4
    (assessed / "folder" / "more.txt").unlink()
    (assessed / "folder" / "oscal" / "poam.json").unlink(missing_ok=True)
    (assessed / "folder" / "oscal" / "catalog.json").unlink()
    (assessed / "folder" / "oscal" / "catalog.json").symlink_to("/etc/passwd")
    assert bartizan("comply", "verify", "folder").code == 4


def test_a_text_that_nobody_signed_off_does_not_go_into_a_pack(
    assessed: Path, bartizan: Run
) -> None:
    (assessed / "secret.pem").write_text("a key that somebody named as a policy")
    more = POLICY.replace("incident.md", "secret.pem").replace('"incident-response"', '"other"')
    (assessed / "bartizan.toml").write_text(PROJECT + more)
    (assessed / "incident.md").write_text("Another text.\n")
    assert bartizan("comply", "pack").code == 0
    with tarfile.open(assessed / "evidence.tar") as archive:
        assert not [name for name in archive.getnames() if name.startswith("policies/")]


def test_a_key_of_ones_own_signs_and_another_is_refused(assessed: Path, bartizan: Run) -> None:
    for name in ("mine.pem", "other.pem"):
        assert bartizan("supply", "key", "--out", name).code == 0
    (assessed / "bom.cdx.json").write_text("{}")
    made = bartizan("comply", "pack", "--key", "mine.pem", "--include", "bom.cdx.json")
    assert made.code == 0, made.err
    assert bartizan("comply", "verify", "evidence.tar", "--key", "mine.pem.pub").code == 0
    assert bartizan("comply", "verify", "evidence.tar", "--key", "other.pem.pub").code == 4
    alone = bartizan("comply", "verify", "evidence.tar")
    assert alone.code == 0
    assert "NOT KNOWN" in alone.out
    with tarfile.open(assessed / "evidence.tar") as archive:
        names = archive.getnames()
    assert {"included/bom.cdx.json", "policies/incident-response.md"} <= set(names)
    assert {"documents/dpia.md", "documents/annex-iv.md", "documents/model-card-fraud.md"} <= set(
        names
    )


def test_a_store_that_was_changed_gives_no_pack(assessed: Path, bartizan: Run) -> None:
    store = sqlite3.connect(assessed / ".bartizan" / "store.sqlite")
    store.execute("update record set raw = replace(raw, 'seed', 'sead') where kind='Evidence'")
    store.commit()
    store.close()
    refused = bartizan("comply", "pack")
    assert refused.code == 4
    assert not (assessed / "evidence.tar").exists()


def test_without_a_ledger_a_key_must_be_named(folder: Path, bartizan: Run) -> None:
    (folder / "bartizan.toml").write_text('[project]\nname = "shop"\n')
    refused = bartizan("comply", "pack")
    assert refused.code == 2
    assert "--key" in refused.err
    assert bartizan("supply", "key", "--out", "mine.pem").code == 0
    assert bartizan("comply", "pack", "--key", "mine.pem").code == 0
    found = bartizan("comply", "verify", "evidence.tar", "--key", "mine.pem.pub")
    assert found.code == 0
    assert "none: nothing shows when" in found.out


@pytest.mark.parametrize("content", [b"x", b"\0" * 1024, b"\x1f\x8b" + b"x" * 600])
def test_what_is_no_pack_is_refused(folder: Path, bartizan: Run, content: bytes) -> None:
    (folder / "evidence.tar").write_bytes(content)
    assert bartizan("comply", "verify", "evidence.tar").code == 4
    assert bartizan("comply", "verify", "nowhere.tar").code == 2


def test_where_there_is_nothing_to_read_no_pack_is_refused(folder: Path, bartizan: Run) -> None:
    (folder / "evidence.tar").touch()
    (folder / "empty").mkdir()
    for name in ("evidence.tar", "empty"):
        ran = bartizan("comply", "verify", name)
        assert ran.code == 2
        assert "nothing to read" in ran.err


def test_a_key_that_is_none_says_nothing_of_the_pack(assessed: Path, bartizan: Run) -> None:
    assert bartizan("comply", "pack").code == 0
    (assessed / "broken.pem").write_text("-----BEGIN PUBLIC KEY-----\nx\n")
    for flags in (
        ("--log", "nonsense"),
        ("--key", "a+b"),
        ("--key", "bartizan.toml"),
        ("--key", "broken.pem"),
        ("--key", "nowhere.pem"),
    ):
        ran = bartizan("comply", "verify", "evidence.tar", *flags)
        assert ran.code == 2, flags
        assert "does not hold" not in ran.err


def test_a_policy_that_is_too_large_is_left_out_and_named(assessed: Path, bartizan: Run) -> None:
    with (assessed / "incident.md").open("r+b") as file:
        file.truncate(17 << 20)
    made = bartizan("comply", "pack")
    assert made.code == 0, made.err
    assert "not in it, the text of the policy incident-response" in made.out
    assert "has more than 16,777,216 bytes" in " ".join(made.out.split())
    found = bartizan("comply", "verify", "evidence.tar")
    assert found.code == 0, found.err
    with tarfile.open(assessed / "evidence.tar") as archive:
        count = len(archive.getnames())
    assert f"{count:,} files" in made.out
    assert f"{count:,} files" in " ".join(found.out.split())


def test_documents_are_written_without_a_ledger(folder: Path, bartizan: Run) -> None:
    (folder / "bartizan.toml").write_text(PROJECT + POLICY)
    shop.save_csv(folder)
    shop.save_skops(folder)
    made = bartizan("comply", "documents", "--out", "papers", "--json")
    assert made.code == 0, made.err
    names = {Path(one).name for one in json.loads(made.out)["files"]}
    assert {"dpia.md", "annex-iv.json", "model-card-fraud.md", "catalog.json"} <= names
    card = (folder / "papers" / "documents" / "model-card-fraud.md").read_text()
    assert "Limitations: Purchases of one shop" in card
    assert "declared in bartizan.toml" in card
    assert "No assessment of this model as it is now" in card


def test_documents_of_an_earlier_day_do_not_stay_beside_those_of_today(
    folder: Path, bartizan: Run
) -> None:
    (folder / "bartizan.toml").write_text(PROJECT)
    shop.save_csv(folder)
    shop.save_skops(folder)
    assert bartizan("comply", "documents", "--out", "papers").code == 0
    papers = folder / "papers"
    (papers / "oscal" / "poam.json").write_text("{}")
    (papers / "documents" / "model-card-mine.md").write_text("# My own\n")
    (papers / "documents" / "model-card-mine.json").write_text("{}")
    card = papers / "documents" / "model-card-fraud.md"
    card.write_text(card.read_text() + "More by hand.\n")
    other = PROJECT.replace('"fraud"\npath', '"other"\npath').replace("card.fraud", "card.other")
    other = other.replace('model = "fraud"', 'model = "other"')
    (folder / "bartizan.toml").write_text(other)
    made = bartizan("comply", "documents", "--out", "papers", "--json")
    assert made.code == 0, made.err
    removed = {Path(one).name for one in json.loads(made.out)["removed"]}
    assert removed == {"poam.json", "model-card-fraud.json"}
    here = {one.name for one in (papers / "documents").glob("model-card-*")}
    assert here == {
        *("model-card-fraud.md", "model-card-mine.md", "model-card-mine.json"),
        *("model-card-other.md", "model-card-other.json"),
    }
    assert not (papers / "oscal" / "poam.json").exists()
    (folder / "bartizan.toml").write_text(PROJECT)
    assert bartizan("comply", "documents", "--out", "papers").code == 0
    assert not (papers / "documents" / "model-card-other.md").exists()
    assert (papers / "documents" / "model-card-fraud.new.md").exists()
    assert "More by hand" in card.read_text()
    card.unlink()
    assert bartizan("comply", "documents", "--out", "papers").code == 0
    assert not (papers / "documents" / "model-card-fraud.new.md").exists()
    assert "More by hand" not in card.read_text()
