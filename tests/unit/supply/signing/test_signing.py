import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from bartizan.core.errors import InputError, OutputError, TrustError, UsageError
from bartizan.crypto.oms.bundle import read_bundle
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.signing.signing import Pen, pen_of, sign
from unit.crypto.oms.authorities import NOW, family
from unit.supply.signing.signed import folder_model, signed


def test_the_signature_lies_in_the_folder_and_leaves_itself_out(tmp_path: Path) -> None:
    made = signed(tmp_path)
    assert made.signature.path == made.model / "model.sig"
    statement = made.signature.statement
    assert [file.name for file in statement.manifest.files] == [
        *("model.onnx", "parts/one", "parts/two")
    ]
    assert "model.sig" in statement.ignored
    assert stat.S_IMODE(made.signature.path.stat().st_mode) == 0o644
    assert sign(made.model, pen=made.pen, now=NOW, force=True).statement == statement


def test_the_signature_of_a_file_lies_beside_it_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"x")
    made = signed(tmp_path, make=lambda place: place / "m.onnx")
    assert made.signature.path == tmp_path / "m.onnx.sig"
    assert made.signature.statement.name == "m.onnx"
    assert made.signature.statement.ignored == ()


def test_what_a_statement_says_is_what_was_asked(tmp_path: Path) -> None:
    made = signed(tmp_path, name="card-fraud", version=3)
    payload = json.loads(read_bundle(made.signature.path.read_bytes()).payload)
    assert payload["subject"][0]["name"] == "card-fraud"
    assert payload["subject"][0]["annotations"] == {
        "bartizan.signed": "2026-11-21T12:00:00Z",
        "bartizan.version": 3,
    }


def test_a_signature_is_not_overwritten_unless_that_is_said(tmp_path: Path) -> None:
    made = signed(tmp_path)
    before = made.signature.path.read_bytes()
    with pytest.raises(UsageError, match="--force"):
        sign(made.model, pen=made.pen, now=NOW)
    assert made.signature.path.read_bytes() == before
    sign(made.model, pen=made.pen, now=NOW + timedelta(days=1), force=True)
    assert made.signature.path.read_bytes() != before


def test_a_model_with_a_link_is_not_signed_and_nothing_is_written(tmp_path: Path) -> None:
    model = folder_model(tmp_path)
    (model / "parts" / "link").symlink_to("one")
    with pytest.raises(TrustError, match="is a link"):
        sign(model, pen=Pen(key=SigningKey.new()), now=NOW)
    assert not (model / "model.sig").exists()


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    model = folder_model(tmp_path)
    with pytest.raises(OutputError, match="cannot write"):
        sign(model, pen=Pen(key=SigningKey.new()), now=NOW, to=tmp_path / "no" / "model.sig")
    assert [one.name for one in tmp_path.iterdir()] == ["fraud"]


def test_what_is_left_out_is_named_in_the_statement(tmp_path: Path) -> None:
    made = signed(tmp_path, ignored=["parts/"])
    assert [file.name for file in made.signature.statement.manifest.files] == ["model.onnx"]
    assert "parts" in made.signature.statement.ignored
    (tmp_path / "m.onnx").write_bytes(b"x")
    with pytest.raises(UsageError, match="nothing to leave out"):
        sign(tmp_path / "m.onnx", pen=made.pen, now=NOW, ignored=["a"])


@pytest.mark.parametrize("version", [0, -1, 2**53])
def test_a_version_is_a_whole_number_from_one(tmp_path: Path, version: int) -> None:
    with pytest.raises(UsageError, match="from 1"):
        signed(tmp_path, version=version)


def test_a_certificate_signs_with_its_own_key_while_it_is_valid() -> None:
    root, middle, leaf = family(ends=NOW + timedelta(days=1))
    chain = leaf.pem + middle.pem + root.pem
    pen = pen_of(SigningKey(leaf.key), certificates=chain, where="chain.pem", now=NOW)
    assert len(pen.chain) == 3
    with pytest.raises(InputError, match="another key"):
        pen_of(SigningKey.new(), certificates=chain, where="chain.pem", now=NOW)
    later = NOW + timedelta(days=2)
    with pytest.raises(TrustError, match="expired"):
        pen_of(SigningKey(leaf.key), certificates=chain, where="chain.pem", now=later)
