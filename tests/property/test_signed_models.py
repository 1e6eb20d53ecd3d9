"""No bit of a signed model or of its bundle can be changed unnoticed."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import Error
from bartizan.crypto.oms.bundle import read_bundle
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.signing.signing import Pen, pen_of, sign
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustedName, TrustPolicy, trusted
from bartizan.supply.signing.verification import vouched
from unit.crypto.oms.authorities import NOW, family
from unit.supply.signing.signed import folder_model

VECTORS = Path(__file__).parents[1] / "vectors" / "oms"


def flipped(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def by_key(place: Path) -> tuple[Path, Trust]:
    pen = Pen(key=SigningKey.new())
    policy = TrustPolicy(key=(TrustedKey(pem=pen.key.public.pem.decode()),))
    sign(folder_model(place), pen=pen, now=NOW, version=2)
    return place / "fraud", trusted(policy, folder=place)


def by_certificate(place: Path) -> tuple[Path, Trust]:
    """The root is in the bundle too, where nothing but the verifier's own copy is needed."""
    root, middle, leaf = family()
    chain = leaf.pem + middle.pem + root.pem
    pen = pen_of(SigningKey(leaf.key), certificates=chain, where="chain", now=NOW)
    (place / "root.pem").write_bytes(root.pem)
    names = (TrustedName(name="team@bank.example"),)
    sign(folder_model(place), pen=pen, now=NOW)
    return place / "fraud", trusted(TrustPolicy(roots=("root.pem",), identity=names), folder=place)


def by_reference(place: Path) -> tuple[Path, Trust]:
    (place / "signme-1").write_bytes(b"signme-1\n")
    (place / "signme-2").write_bytes(b"signme-2")
    (place / "model.sig").write_bytes((VECTORS / "v1.0.1-key.sig").read_bytes())
    return place, trusted(TrustPolicy(key=(TrustedKey(path="key.pub"),)), folder=VECTORS)


@pytest.mark.parametrize("make", [by_key, by_certificate, by_reference])
@pytest.mark.parametrize("step", [37, pytest.param(1, marks=pytest.mark.slow)])
def test_a_bundle_with_a_flipped_bit_is_refused(make: object, step: int, tmp_path: Path) -> None:
    assert callable(make)
    model, trust = make(tmp_path)
    vouched(model, trust=trust, now=NOW)
    place = model / "model.sig"
    raw = place.read_bytes()
    passed = []
    for bit in range(0, 8 * len(raw), step):
        place.write_bytes(flipped(raw, bit))
        try:
            vouched(model, trust=trust, now=NOW)
        except Error:
            continue
        passed.append(bit)
    assert passed == []


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_model_with_a_flipped_bit_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    model, trust = by_key(tmp_path_factory.mktemp("m"))
    name = data.draw(st.sampled_from(["model.onnx", "parts/one", "parts/two"]))
    raw = (model / name).read_bytes()
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    (model / name).write_bytes(flipped(raw, bit))
    with pytest.raises(Error):
        vouched(model, trust=trust, now=NOW)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_bundle_or_one_of_our_errors(raw: bytes) -> None:
    try:
        read_bundle(raw)
    except Error:
        pass
    else:
        pytest.fail("noise is no bundle")
