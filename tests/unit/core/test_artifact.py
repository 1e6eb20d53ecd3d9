"""What was signed and what was admitted are two things, and nobody makes either by hand."""

import copy
import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.core.artifact import Artifact, Verified, Vouched, Voucher, approve, vouch
from bartizan.core.errors import TrustError, UsageError
from bartizan.core.evidence import Place

PLACE = Place(origin="log", index=3, leaf="sha256:leaf")
ARTIFACT = Artifact(
    path=Path("fraud.onnx"),
    name="fraud",
    root="sha256:root",
    digests={".": hashlib.sha256(b"model").digest()},
)
VOUCHER = Voucher(signer="key:1", bundle="sha256:bundle")


def vouched(source: Callable[[str], bytes] = lambda _: b"model") -> Vouched[Artifact]:
    return vouch(ARTIFACT, voucher=VOUCHER, source=source)


def served(model: Verified[Artifact]) -> bytes:
    """What demands an admission, at run time as by its type."""
    if not isinstance(model, Verified):
        message = f"expected a Verified, got a {type(model).__name__}"
        raise TypeError(message)
    return model.read()


def test_what_was_admitted_is_served() -> None:
    assert served(approve(vouched(), place=PLACE)) == b"model"


def test_a_signature_is_no_admission() -> None:
    with pytest.raises(TypeError, match="got a Vouched"):
        served(vouched())  # type: ignore[arg-type] # mypy refuses it, which is the law


def test_what_was_admitted_is_signed_too_and_says_where_it_stands() -> None:
    found = approve(vouched(), place=PLACE)
    assert isinstance(found, Vouched)
    assert (found.place, found.artifact, found.voucher) == (PLACE, ARTIFACT, VOUCHER)


def test_nobody_makes_either_by_hand() -> None:
    with pytest.raises(TypeError, match="nobody makes a Vouched by hand"):
        Vouched(ARTIFACT, voucher=VOUCHER, source=lambda _: b"", key=None)
    with pytest.raises(TypeError, match="nobody makes a Verified by hand"):
        Verified(vouched(), place=PLACE, key=None)


@pytest.mark.parametrize("made", [vouched(), approve(vouched(), place=PLACE)])
def test_neither_is_pickled_or_copied(made: Vouched[Artifact]) -> None:
    for act in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            act(made)


@pytest.mark.parametrize("admitted", [False, True])
def test_both_hand_out_the_bytes_that_were_signed_and_no_others(*, admitted: bool) -> None:
    content = [b"model"]
    found = vouched(lambda _: content[0])
    found = approve(found, place=PLACE) if admitted else found
    assert found.read() == b"model"
    content[0] = b"modem"
    with pytest.raises(TrustError, match="changed after its signature was checked"):
        found.read()
    with pytest.raises(UsageError, match="nothing called 'other' was signed"):
        found.read("other")
