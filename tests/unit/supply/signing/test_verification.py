import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from bartizan.core.errors import Error, TrustError, UsageError
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.signing.signing import Pen, pen_of, sign
from bartizan.supply.signing.trust import TrustedKey, TrustedName, TrustPolicy, trusted
from bartizan.supply.signing.verification import vouched
from bartizan.supply.signing.versions import Seen
from unit.crypto.oms.authorities import NOW, family
from unit.supply.signing.signed import Signed, folder_model, signed

VECTORS = Path(__file__).parents[3] / "vectors" / "oms"


@pytest.fixture
def made(tmp_path: Path) -> Signed:
    return signed(tmp_path, version=3)


def test_what_was_signed_is_verified_and_read(made: Signed) -> None:
    found = made.check()
    assert found.artifact.root == made.signature.statement.manifest.root
    assert found.read("parts/one") == b"one"
    assert found.voucher.signer == f"key:{made.pen.key.public.fingerprint}"
    assert (found.voucher.version, found.voucher.signed) == (3, "2026-11-21T12:00:00Z")
    assert found.voucher.bundle == made.signature.bundle
    assert found.voucher.unsigned == ()


def test_the_verified_bytes_are_the_loaded_bytes(made: Signed) -> None:
    found = made.check()
    (made.model / "parts" / "one").write_bytes(b"eno")
    with pytest.raises(TrustError, match="changed after its signature was checked"):
        found.read("parts/one")
    (made.model / "parts" / "two").unlink()
    (made.model / "parts" / "two").symlink_to("/etc/hostname")
    with pytest.raises(TrustError, match="is a link"):
        found.read("parts/two")
    for name in ("other", "../fraud/model.onnx", ".", "model.sig"):
        with pytest.raises(UsageError, match="was signed"):
            found.read(name)


def test_a_file_is_verified_by_itself(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"model")
    made = signed(tmp_path, make=lambda place: place / "m.onnx")
    assert made.check().read() == b"model"
    (tmp_path / "m.onnx").write_bytes(b"Model")
    with pytest.raises(TrustError, match="changed"):
        made.check()


def flip(model: Path) -> None:
    content = bytearray((model / "model.onnx").read_bytes())
    content[100] ^= 1
    (model / "model.onnx").write_bytes(content)


def link(model: Path, name: str) -> None:
    (model / name).rename(model.parent / "away")
    (model / name).symlink_to(model.parent / "away")


def swap(model: Path) -> None:
    (model / "parts" / "two").write_bytes(b"one")
    (model / "parts" / "one").write_bytes(b"two")


def turn_to_folder(model: Path) -> None:
    (model / "model.onnx").unlink()
    (model / "model.onnx").mkdir()


MEDDLED: dict[str, Callable[[Path], object]] = {
    "a bit flipped": flip,
    "a file cut off": lambda m: os.truncate(m / "model.onnx", 255),
    "a file grown": lambda m: os.truncate(m / "model.onnx", 257),
    "a file added": lambda m: (m / "new").write_bytes(b""),
    "a hidden file added": lambda m: (m / ".hidden").write_bytes(b""),
    "a file added below": lambda m: (m / "parts" / "new").write_bytes(b""),
    "a folder of git below": lambda m: (m / "parts" / ".gitignore").write_bytes(b""),
    "a file removed": lambda m: (m / "parts" / "two").unlink(),
    "a file renamed": lambda m: (m / "parts" / "two").rename(m / "parts" / "too"),
    "two files swapped": swap,
    "a file moved up": lambda m: (m / "parts" / "two").rename(m / "two"),
    "a file linked": lambda m: link(m, "parts/two"),
    "a folder linked": lambda m: link(m, "parts"),
    "a file as folder": turn_to_folder,
    "a pipe added": lambda m: os.mkfifo(m / "pipe"),
    "the signature removed": lambda m: (m / "model.sig").unlink(),
    "the signature emptied": lambda m: (m / "model.sig").write_bytes(b""),
}


@pytest.mark.parametrize("how", MEDDLED)
def test_a_model_that_was_meddled_with_is_refused(made: Signed, how: str) -> None:
    MEDDLED[how](made.model)
    with pytest.raises(Error):
        made.check()


def test_an_empty_folder_is_no_change(made: Signed) -> None:
    """OMS signs files; a folder without any holds nothing that could be loaded."""
    (made.model / "empty").mkdir()
    made.check()


def test_git_files_are_passed_over_at_the_top_and_said_to_be_unsigned(made: Signed) -> None:
    (made.model / ".git").mkdir()
    (made.model / ".git" / "config").write_text("x")
    assert made.check().voucher.unsigned == (".git",)


def test_a_model_may_be_moved_and_renamed(made: Signed) -> None:
    moved = made.model.rename(made.model.with_name("other"))
    found = vouched(moved, trust=made.trust(), now=NOW)
    assert found.artifact.name == "fraud"


def test_a_model_that_another_key_signed_is_refused(made: Signed) -> None:
    sign(made.model, pen=Pen(key=SigningKey.new()), now=NOW, force=True)
    with pytest.raises(TrustError, match="not trusted here"):
        made.check()


def test_a_hint_at_a_trusted_key_does_not_make_a_signature(made: Signed) -> None:
    other = SigningKey.new()
    sign(made.model, pen=Pen(key=other), now=NOW, force=True)
    raw = made.signature.path.read_bytes()
    mine, theirs = made.pen.key.public.fingerprint, other.public.fingerprint
    made.signature.path.write_bytes(raw.replace(theirs.encode(), mine.encode()))
    with pytest.raises(TrustError, match="not this key's signature"):
        made.check()


def test_a_signature_of_another_model_is_refused(made: Signed, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"x")
    other = sign(tmp_path / "m.onnx", pen=made.pen, now=NOW)
    with pytest.raises(TrustError, match="not what was signed"):
        made.check(signature=other.path)


def test_the_name_can_be_demanded(made: Signed) -> None:
    made.check(name="fraud")
    with pytest.raises(TrustError, match="another model was put in its place"):
        made.check(name="credit")


def test_a_revoked_model_is_refused(made: Signed) -> None:
    root = made.signature.statement.manifest.root
    with pytest.raises(TrustError, match="is revoked"):
        made.check(trust=made.trust(revoked=(root,)))


def test_a_day_of_signing_can_be_demanded(made: Signed, tmp_path: Path) -> None:
    made.check(trust=made.trust(signed_after=date(2026, 11, 21)))
    with pytest.raises(TrustError, match="or later"):
        made.check(trust=made.trust(signed_after=date(2026, 11, 22)))


def test_a_key_signs_its_own_models_alone(made: Signed) -> None:
    made.check(trust=made.trust(models=("fraud",)))
    made.check(trust=made.trust(models=("other", ".")))
    for models in (("credit",), ("frau",), ("fraud/parts",)):
        with pytest.raises(TrustError, match=r"key 1 may sign .* and not this"):
            made.check(trust=made.trust(models=models))


def test_an_older_version_is_refused(made: Signed) -> None:
    root = made.signature.statement.manifest.root
    made.check(seen=lambda *_: Seen(version=2, root="sha256:old"))
    made.check(seen=lambda *_: Seen(version=3, root=root))
    with pytest.raises(TrustError, match="old model was put in place"):
        made.check(seen=lambda *_: Seen(version=4, root=root))
    with pytest.raises(TrustError, match="two models share"):
        made.check(seen=lambda *_: Seen(version=3, root="sha256:other"))


def test_a_model_without_a_version_cannot_follow_one_with(made: Signed) -> None:
    sign(made.model, pen=made.pen, now=NOW, force=True)
    made.check()
    with pytest.raises(TrustError, match="without a version"):
        made.check(seen=lambda *_: Seen(version=1, root="sha256:old"))
    with pytest.raises(TrustError, match="without a version"):
        made.check(trust=made.trust(versions=True))


def test_a_certificate_verifies_by_name(tmp_path: Path) -> None:
    root, middle, leaf = family()
    model = folder_model(tmp_path)
    key = SigningKey(leaf.key)
    pen = pen_of(key, certificates=leaf.pem + middle.pem, where="chain", now=NOW)
    sign(model, pen=pen, now=NOW)
    (tmp_path / "root.pem").write_bytes(root.pem)

    def trust(name: str) -> TrustPolicy:
        return TrustPolicy(roots=("root.pem",), identity=(TrustedName(name=name),))

    mine = trusted(trust("team@bank.example"), folder=tmp_path)
    found = vouched(model, trust=mine, now=NOW)
    assert found.voucher.signer == "certificate:team@bank.example"
    with pytest.raises(TrustError, match="none of the identities"):
        vouched(model, trust=trusted(trust("else"), folder=tmp_path), now=NOW)
    with pytest.raises(TrustError, match="expired"):
        vouched(model, trust=mine, now=NOW + timedelta(days=20))
    bare = trusted(TrustPolicy(key=(TrustedKey(pem=key.public.pem.decode()),)), folder=tmp_path)
    with pytest.raises(TrustError, match="no root is trusted"):
        vouched(model, trust=bare, now=NOW)


def historical(place: Path, version: str) -> Path:
    """The model that a bundle of an earlier reference is about."""
    (place / "signme-1").write_bytes(b"signme-1\n")
    raw = (VECTORS / f"{version}-key.sig").read_bytes()
    if version in ("v0.3.1", "v1.0.0"):
        (place / "signme-1.sig").write_bytes(raw)
        return place / "signme-1"
    (place / "signme-2").write_bytes(b"signme-2")
    (place / "model.sig").write_bytes(raw)
    return place


@pytest.mark.parametrize("version", ["v0.3.1", "v1.0.0", "v1.0.1", "v1.1.0"])
def test_models_that_earlier_versions_of_the_reference_signed_verify(
    tmp_path: Path, version: str
) -> None:
    model = historical(tmp_path, version)
    policy = TrustPolicy(key=(TrustedKey(path="key.pub"),))
    vouched(model, trust=trusted(policy, folder=VECTORS), now=NOW)
    (tmp_path / "signme-1").write_bytes(b"signme-2\n")
    with pytest.raises(TrustError):
        vouched(model, trust=trusted(policy, folder=VECTORS), now=NOW)


def test_a_fingerprint_trusts_a_key_that_the_bundle_carries(tmp_path: Path) -> None:
    print_ = "e8450dec4eb99dae995da9af1bc2cc9f76ed669ee2e744f57abba763df3e3f8e"
    trust = trusted(TrustPolicy(key=(TrustedKey(fingerprint=print_),)), folder=tmp_path)
    vouched(historical(tmp_path, "v1.0.0"), trust=trust, now=NOW)
    other = trusted(TrustPolicy(key=(TrustedKey(fingerprint="0" * 64),)), folder=tmp_path)
    with pytest.raises(TrustError, match="not trusted here"):
        vouched(historical(tmp_path, "v1.0.0"), trust=other, now=NOW)
