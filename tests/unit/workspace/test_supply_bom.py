import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bartizan.config import Config, read_config
from bartizan.core.errors import InputError, LedgerError, TrustError, UsageError
from bartizan.core.evidence import Subject
from bartizan.core.record import encode
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.crypto.oms.manifest import Manifest
from bartizan.supply.signing.signing import Pen
from bartizan.supply.signing.trust import TrustedKey, TrustPolicy, trusted
from bartizan.supply.signing.verification import vouched
from bartizan.workspace import Workspace, declared_dataset
from bartizan.workspace.supply_bom import Bom
from unit.supply.bom.samples import problems, report_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PROJECT = """\
[project]
name = "fraud"
[[model]]
name = "scorer"
path = "model.bin"
classes = ["ok", "fraud"]
[[data]]
name = "past"
role = "train"
path = "past.csv"
target = "y"
source = "card system"
[[data]]
name = "future"
role = "test"
path = "future.csv"
target = "y"
[schema.future.amount]
[schema.future.iban]
personal = true
[supply.card.scorer]
limitations = ["none known"]
[supply.data.past]
owner = "Ada"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"weights")
    (tmp_path / "past.csv").write_text("amount,iban,y\n1,2,ok\n3,4,fraud\n5,6,ok\n")
    (tmp_path / "future.csv").write_text("amount,iban,y\n7,8,ok\n")
    (tmp_path / "bartizan.toml").write_text(PROJECT)
    (tmp_path / "site-packages").mkdir()  # to list those of this process takes 0.15 s
    return tmp_path


@pytest.fixture
def config(folder: Path) -> Config:
    return read_config(folder / "bartizan.toml")


@pytest.fixture
def ws(folder: Path) -> Iterator[Workspace]:
    with Workspace(folder / ".bartizan", clock=lambda: NOW) as workspace:
        yield workspace


def registered(ws: Workspace, config: Config, folder: Path, name: str) -> None:
    inputs = declared_dataset(config, folder, name=name, now=NOW)
    ws.data.register.add(inputs, source="card system", by="Ada")


def bom(ws: Workspace, config: Config, folder: Path, **known: Any) -> Bom:
    known.setdefault("to", folder / "bom.cdx.json")
    known.setdefault("environment", folder / "site-packages")
    return ws.supply.bom(config=config, folder=folder, **known)


def data_of(found: Bom, name: str) -> dict[str, Any]:
    (one,) = (one for one in found.document["components"] if one["bom-ref"] == f"data/{name}")
    assert isinstance(one, dict)
    return one


def values(part: dict[str, Any]) -> dict[str, str]:
    return {one["name"].removeprefix("bartizan:"): one["value"] for one in part["properties"]}


def report(folder: Path, digest: str) -> Path:
    path = folder / "report.json"
    path.write_bytes(encode(report_of(digest)))
    return path


def test_the_model_is_named_by_the_root_that_its_signature_has(
    ws: Workspace, config: Config, folder: Path
) -> None:
    found = bom(ws, config, folder)
    model = found.document["metadata"]["component"]
    assert found.root == Manifest.of_content(b"weights").root
    assert values(model)["oms-root"] == found.root
    content = [{"alg": "SHA-256", "content": hashlib.sha256(b"weights").hexdigest()}]
    assert model["hashes"] == model["components"][0]["hashes"] == content
    assert problems(json.loads(found.raw), spec="1.6") == []


def test_what_the_ledger_says_of_data_is_written_down(
    ws: Workspace, config: Config, folder: Path
) -> None:
    registered(ws, config, folder, "past")
    found = bom(ws, config, folder)
    past, future = data_of(found, "past"), data_of(found, "future")
    version = ws.data.register.known("past")
    assert version is not None
    assert values(past)["ledger-root"] == version.version.fact.root
    assert (past["version"], values(past["data"][0]["contents"])["rows"]) == ("1", "3")
    assert past["data"][0]["governance"] == {"owners": [{"organization": {"name": "Ada"}}]}
    assert "ledger-root" not in values(future)
    assert future["data"][0]["sensitiveData"] == ["iban"]


def test_data_that_is_no_longer_what_was_registered_is_refused(
    ws: Workspace, config: Config, folder: Path
) -> None:
    registered(ws, config, folder, "past")
    (folder / "past.csv").write_text("amount,iban,y\n1,2,fraud\n3,4,fraud\n5,6,ok\n")
    with pytest.raises(LedgerError, match="not the file that was registered"):
        bom(ws, config, folder)


def test_registered_data_need_not_be_here(ws: Workspace, config: Config, folder: Path) -> None:
    registered(ws, config, folder, "past")
    before = bom(ws, config, folder)
    (folder / "past.csv").unlink()
    assert bom(ws, config, folder).raw == before.raw
    (folder / "future.csv").unlink()
    with pytest.raises(InputError, match=r"future\.csv"):
        bom(ws, config, folder)


def test_numbers_come_from_a_report_about_this_model_alone(
    ws: Workspace, config: Config, folder: Path
) -> None:
    digest = "sha256:" + hashlib.sha256(b"weights").hexdigest()
    found = bom(ws, config, folder, reports=[report(folder, digest)])
    card = found.document["metadata"]["component"]["modelCard"]
    assert card["quantitativeAnalysis"]["performanceMetrics"]
    (folder / "model.bin").write_bytes(b"other weights")
    with pytest.raises(TrustError, match="another model"):
        bom(ws, config, folder, reports=[report(folder, digest)])


def test_data_of_a_report_joins_with_its_rows(ws: Workspace, config: Config, folder: Path) -> None:
    found = bom(ws, config, folder)
    future = hashlib.sha256((folder / "future.csv").read_bytes()).hexdigest()
    about = report_of(found.root)
    same = Subject(kind="data", name="x", digest=f"sha256:{future}", digest_kind="sha256")
    other = Subject(kind="data", name="new", digest="sha256:" + "0" * 64, digest_kind="sha256")
    model = about.subjects[0]
    path = folder / "report.json"
    path.write_bytes(encode(replace(about, subjects=(model, same, other))))
    found = bom(ws, config, folder, reports=[path])
    rows = str(about.coverage.rows_total)
    assert values(data_of(found, "future")["data"][0]["contents"])["rows"] == rows
    assert values(data_of(found, "new"))["role"] == "test"


def test_a_report_on_data_that_has_changed_since_is_refused(
    ws: Workspace, config: Config, folder: Path
) -> None:
    root = Manifest.of_content(b"weights").root
    stale = Subject(kind="data", name="future", digest="sha256:" + "0" * 64, digest_kind="sha256")
    about = report_of(root)
    path = folder / "report.json"
    path.write_bytes(encode(replace(about, subjects=(about.subjects[0], stale))))
    with pytest.raises(InputError, match="made on other data"):
        bom(ws, config, folder, reports=[path])


def test_a_second_run_writes_the_same_bytes(ws: Workspace, config: Config, folder: Path) -> None:
    registered(ws, config, folder, "past")
    root = Manifest.of_content(b"weights").root
    paths = [report(folder, root), folder / "." / "report.json"]
    first = bom(ws, config, folder, reports=paths)
    again = bom(ws, config, folder, reports=paths[::-1])
    assert first.raw == again.raw


def test_it_does_not_say_where_it_was_made(ws: Workspace, config: Config, folder: Path) -> None:
    found = bom(ws, config, folder, reports=[report(folder, Manifest.of_content(b"weights").root)])
    assert str(folder).encode() not in found.raw


def test_without_a_project_file_a_file_suffices(folder: Path) -> None:
    with Workspace() as ws:
        found = ws.supply.bom(folder / "model.bin", to=folder / "b.json")
    model = found.document["metadata"]["component"]
    assert (model["name"], "modelCard" in model) == ("model.bin", False)
    assert not any(one["type"] in ("data", "application") for one in found.document["components"])


def test_a_folder_is_a_model_without_its_signature(tmp_path: Path) -> None:
    place = tmp_path / "m"
    (place / "sub").mkdir(parents=True)
    (place / "sub" / "b").write_bytes(b"b")
    (place / "a").write_bytes(b"a")
    with Workspace() as ws:
        plain = ws.supply.bom(str(place), to=tmp_path / "b.json")
        (place / "model.sig").write_bytes(b"{}")
        signed = ws.supply.bom(str(place), to=tmp_path / "b.json")
    assert plain.root == signed.root
    assert "hashes" not in plain.document["metadata"]["component"]
    names = [one["name"] for one in plain.document["metadata"]["component"]["components"]]
    assert names == ["a", "sub/b"]
    links = signed.document["metadata"]["component"]["externalReferences"]
    assert [(one["type"], one["url"]) for one in links] == [("digital-signature", "m/model.sig")]


def test_a_document_in_the_model_would_be_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a").write_bytes(b"a")
    with Workspace() as ws, pytest.raises(UsageError, match="part of the model"):
        ws.supply.bom(str(tmp_path / "m"), to=tmp_path / "m" / "bom.json")


@pytest.mark.parametrize("kind", ["link", "pipe", "nothing", "link in folder"])
def test_what_could_be_something_else_tomorrow_is_no_model(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "m"
    (tmp_path / "real").write_bytes(b"x")
    if kind == "link":
        place.symlink_to(tmp_path / "real")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "link in folder":
        place.mkdir()
        (place / "a").symlink_to(tmp_path / "real")
    with Workspace() as ws, pytest.raises((InputError, TrustError)):
        ws.supply.bom(str(place), to=tmp_path / "b.json")


def test_which_model_must_be_clear(folder: Path) -> None:
    text = PROJECT.replace("[[data]]", '[[model]]\nname = "f"\npath = "m:make"\n[[data]]', 1)
    (folder / "bartizan.toml").write_text(text)
    config = read_config(folder / "bartizan.toml")
    with Workspace() as ws:
        with pytest.raises(UsageError, match="which model of scorer, f"):
            bom(ws, config, folder)
        with pytest.raises(UsageError, match="no file"):
            bom(ws, config, folder, model="f")
        with pytest.raises(UsageError, match="which model"):
            ws.supply.bom()
        by_path = bom(ws, config, folder, model=str(folder / "model.bin"))
    assert by_path.document["metadata"]["component"]["name"] == "scorer"


def test_its_signature_is_one_that_supply_verify_checks(
    ws: Workspace, config: Config, folder: Path
) -> None:
    key = SigningKey.new()
    place = folder / "bom.cdx.json"
    found = bom(ws, config, folder)
    found.save(place, pen=Pen(key=key), now=NOW)
    policy = TrustPolicy(key=(TrustedKey(pem=key.public.pem.decode()),))
    trust = trusted(policy, folder=folder)
    assert vouched(place, trust=trust, now=NOW).read() == found.raw
    raw = bytearray(found.raw)
    raw[len(raw) // 2] ^= 1
    place.write_bytes(raw)
    with pytest.raises(TrustError):
        vouched(place, trust=trust, now=NOW)


def test_a_signature_of_other_content_is_not_left_beside_it(
    ws: Workspace, config: Config, folder: Path
) -> None:
    place = folder / "bom.cdx.json"
    bom(ws, config, folder).save(place, pen=Pen(key=SigningKey.new()), now=NOW)
    bom(ws, config, folder).save(place, pen=None, now=NOW)  # the same bytes: it still holds
    (folder / "model.bin").write_bytes(b"other")
    with pytest.raises(UsageError, match="sign it anew"):
        bom(ws, config, folder).save(place, pen=None, now=NOW)


def test_the_training_data_of_a_provenance_is_what_the_ledger_says(
    ws: Workspace, config: Config, folder: Path
) -> None:
    registered(ws, config, folder, "past")
    found = ws.supply.provenance(builder="urn:ci", config=config, folder=folder)
    version = ws.data.register.known("past")
    assert version is not None
    (data,) = found.training.data
    assert (data.name, data.root, data.rows) == ("past", version.version.fact.root, 3)
    assert json.loads(found.raw)["subject"][0]["digest"] == {
        "sha256": Manifest.of_content(b"weights").root.removeprefix("sha256:")
    }


def test_data_of_a_provenance_may_be_a_file_and_must_be_named(folder: Path) -> None:
    with Workspace() as ws:
        model = str(folder / "model.bin")
        with pytest.raises(UsageError, match="which data"):
            ws.supply.provenance(model, builder="urn:ci")
        place = folder / "past.csv"
        found = ws.supply.provenance(model, builder="urn:ci", data=[str(place)])
    assert found.training.data[0].sha256 == hashlib.sha256(place.read_bytes()).hexdigest()
