"""Bundles go both ways between Bartizan and the reference of OpenSSF Model Signing.

The reference needs libraries that do not fit ours, so it lives in an environment of its own:
``pip install model-signing pyopenssl`` there, and BARTIZAN_MODEL_SIGNING names its Python.
"""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.bundle import Bundle
from bartizan.crypto.oms.ec_key import CURVES, SigningKey
from bartizan.supply.signing.signing import Pen, pen_of, sign
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustedName, TrustPolicy, trusted
from bartizan.supply.signing.verification import vouched
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
    found = vouched(model, trust=trust(tmp_path), now=NOW, signature=place)
    ours = sign(model, pen=pen, now=NOW, to=tmp_path / "ours.sig").statement.manifest
    assert found.artifact.root == ours.root
    (model / "a.txt" if model.is_dir() else model).write_text("changed")
    with pytest.raises(TrustError):
        vouched(model, trust=trust(tmp_path), now=NOW, signature=place)


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
    vouched(model, trust=trusted(policy, folder=tmp_path), now=now, signature=place)
    pen = pen_of(key, certificates=leaf.pem + middle.pem, where="chain", now=now)
    made = sign(model, pen=pen, now=now, to=tmp_path / "ours.sig")
    check = ("verify", "certificate", model, "--signature", made.path)
    assert reference(*check, "--certificate_chain", tmp_path / "root") == 0


_SIGN = """
import sys
from model_signing import hashing, signing
model, bundle, key, method, algorithm = sys.argv[1:]
config = hashing.Config()
if method == "shards":
    config.use_shard_serialization(hashing_algorithm=algorithm, shard_size=1000)
else:
    config.use_file_serialization(hashing_algorithm=algorithm)
signer = signing.Config().use_elliptic_key_signer(private_key=key)
signer.set_hashing_config(config).sign(model, bundle)
"""
"""What the reference does for other ways to take a model apart; its command line has none."""


@pytest.mark.parametrize(
    ("method", "algorithm", "said"),
    [
        ("files", "blake2", "'files' under 'blake2b'"),
        ("files", "blake3", "'files' under 'blake3'"),
        ("shards", "sha256", "'shards' under 'sha256'"),
        ("shards", "blake2", "'shards' under 'blake2b'"),
    ],
)
def test_other_ways_to_take_a_model_apart_are_refused_by_name(
    tmp_path: Path, method: str, algorithm: str, said: str
) -> None:
    key = SigningKey.new()
    (tmp_path / "key").write_bytes(key.pem())
    (tmp_path / "key.pub").write_bytes(key.public.pem)
    place = tmp_path / "model.sig"
    command: list[str | Path] = [REFERENCE, "-c", _SIGN, folder(tmp_path), place]
    command += [tmp_path / "key", method, algorithm]
    subprocess.run(command, check=True, timeout=120)
    with pytest.raises(InputError, match=f"signed as {said}; only `files` under `sha256`"):
        vouched(tmp_path / "model", trust=trust(tmp_path), now=NOW, signature=place)


_KEYLESS = """
import sys
from sigstore_models.bundle.v1 import Bundle
Bundle.from_json(open(sys.argv[1], "rb").read())
"""


@pytest.mark.parametrize("version", ["0.2", "0.3"])
def test_what_was_signed_without_a_key_is_refused_with_what_to_do(
    tmp_path: Path, version: str
) -> None:
    """Made by hand, as signing so needs a network; the reference's own reader takes it."""
    raw = json.loads(Bundle(payload=b"{}", signature=b"s").encode())
    kind = "+json;version=0.2" if version == "0.2" else ".v0.3+json"
    raw["mediaType"] = f"application/vnd.dev.sigstore.bundle{kind}"
    proof = {
        "logIndex": "1",
        "rootHash": "AAAA",
        "treeSize": "2",
        "hashes": [],
        "checkpoint": {"envelope": "rekor.sigstore.dev"},
    }
    entry = {
        "logIndex": "1",
        "logId": {"keyId": "AAAA"},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": "1795262400",
        "inclusionPromise": {"signedEntryTimestamp": "AAAA"},
        "inclusionProof": proof,
        "canonicalizedBody": "AAAA",
    }
    one = {"rawBytes": "AAAA"}
    chained = {"x509CertificateChain": {"certificates": [one]}}
    which = chained if version == "0.2" else {"certificate": one}
    raw["verificationMaterial"] = {**which, "tlogEntries": [entry]}
    place = tmp_path / "model.sig"
    place.write_text(json.dumps(raw))
    subprocess.run([REFERENCE, "-c", _KEYLESS, place], check=True, timeout=120)
    model = file(tmp_path)
    (tmp_path / "key.pub").write_bytes(SigningKey.new().public.pem)
    with pytest.raises(InputError, match=r"keyless.* sign the model with a key of your own"):
        vouched(model, trust=trust(tmp_path), now=NOW, signature=place)
