"""Bundles go both ways between Bartizan and the reference of OpenSSF Model Signing.

The reference needs libraries that do not fit ours, so it lives in an environment of its own:
``pip install model-signing pyopenssl`` there, and BARTIZAN_MODEL_SIGNING names its Python.
"""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bartizan.core.errors import TrustError
from bartizan.crypto.oms.ec_key import CURVES, SigningKey
from bartizan.supply.signing.signing import Pen, pen_of, sign
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustedName, TrustPolicy, trusted
from bartizan.supply.signing.verification import verified
from unit.crypto.oms.authorities import NOW, family

REFERENCE = os.environ.get("BARTIZAN_MODEL_SIGNING", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not REFERENCE, reason="the reference is not here: set BARTIZAN_MODEL_SIGNING to its Python"
    ),
]


def reference(*arguments: str | Path) -> int:
    command = [REFERENCE, "-m", "model_signing", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    return done.returncode


def folder(place: Path) -> Path:
    """Names in an order in which parts and whole paths differ; and what git leaves behind."""
    model = place / "model"
    (model / "a").mkdir(parents=True)
    (model / ".git").mkdir()
    for name in ("a/b", "a.txt", "a-b", "é ü", ".hidden", ".git/config"):
        (model / name).write_text(name)
    return model


def file(place: Path) -> Path:
    (place / "model.onnx").write_bytes(b"a model")
    return place / "model.onnx"


@pytest.fixture(params=CURVES)
def pen(request: pytest.FixtureRequest, tmp_path: Path) -> Pen:
    made = Pen(key=SigningKey.new(request.param))
    (tmp_path / "key").write_bytes(made.key.pem())
    (tmp_path / "key.pub").write_bytes(made.key.public.pem)
    return made


def trust(place: Path) -> Trust:
    return trusted(TrustPolicy(key=(TrustedKey(path="key.pub"),)), folder=place)


@pytest.mark.parametrize("make", [folder, file])
def test_the_reference_verifies_what_we_sign(pen: Pen, tmp_path: Path, make: object) -> None:
    assert callable(make)
    model = make(tmp_path)
    made = sign(model, pen=pen, now=datetime.now(UTC), version=3)
    check = ("verify", "key", model, "--signature", made.path, "--public_key", tmp_path / "key.pub")
    assert reference(*check) == 0
    (model / "a.txt" if model.is_dir() else model).write_text("changed")
    assert reference(*check) != 0


@pytest.mark.parametrize("make", [folder, file])
def test_we_verify_what_the_reference_signs(pen: Pen, tmp_path: Path, make: object) -> None:
    assert callable(make)
    model = make(tmp_path)
    place = tmp_path / "model.sig"
    command = ("sign", "key", model, "--signature", place, "--private_key", tmp_path / "key")
    assert reference(*command) == 0
    found = verified(model, trust=trust(tmp_path), now=NOW, signature=place)
    ours = sign(model, pen=pen, now=NOW, to=tmp_path / "ours.sig").statement.manifest
    assert found.artifact.root == ours.root
    (model / "a.txt" if model.is_dir() else model).write_text("changed")
    with pytest.raises(TrustError):
        verified(model, trust=trust(tmp_path), now=NOW, signature=place)


def test_certificates_go_both_ways(tmp_path: Path) -> None:
    model, now = folder(tmp_path), datetime.now(UTC)
    root, middle, leaf = family(now=now)
    for name, one in (("root", root), ("middle", middle), ("leaf", leaf)):
        (tmp_path / name).write_bytes(one.pem)
    key = SigningKey(leaf.key)
    (tmp_path / "key").write_bytes(key.pem())
    place = tmp_path / "theirs.sig"
    command: list[str | Path] = ["sign", "certificate", model, "--signature", place]
    command += ["--private_key", tmp_path / "key", "--signing_certificate", tmp_path / "leaf"]
    assert reference(*command, "--certificate_chain", tmp_path / "middle") == 0
    policy = TrustPolicy(roots=("root",), identity=(TrustedName(name="team@bank.example"),))
    verified(model, trust=trusted(policy, folder=tmp_path), now=now, signature=place)
    pen = pen_of(key, certificates=leaf.pem + middle.pem, where="chain", now=now)
    made = sign(model, pen=pen, now=now, to=tmp_path / "ours.sig")
    check = ("verify", "certificate", model, "--signature", made.path)
    assert reference(*check, "--certificate_chain", tmp_path / "root") == 0
