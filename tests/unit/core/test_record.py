import hashlib

import msgspec
import pytest

from bartizan.core.attacker import Attacker, Reach
from bartizan.core.errors import InputError
from bartizan.core.finding import Measure
from bartizan.core.record import Record, UserInput, decode, digest, encode


class Old(Record, frozen=True, kw_only=True):
    name: str


class New(Record, frozen=True, kw_only=True):
    name: str
    more: dict[str, int] = msgspec.field(default_factory=dict)


class Typed(UserInput, frozen=True, kw_only=True):
    name: str


def test_a_record_reads_back_the_same() -> None:
    attacker = Attacker(name="a", norm="L2", eps=0.1, features={"b": Reach(cost=0.1)})
    assert decode(encode(attacker), kind=Attacker) == attacker


def test_equal_records_have_equal_bytes_whatever_the_order() -> None:
    one = New(name="a", more={"x": 1, "y": 2})
    other = New(more={"y": 2, "x": 1}, name="a")
    assert encode(one) == encode(other)


def test_a_record_says_what_it_is() -> None:
    assert b'"schema":"attacker/1"' in encode(Attacker(name="a", money=1))


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        Old(name="a").name = "b"  # type: ignore[misc]  # that is the point


def test_a_field_that_a_newer_version_added_is_skipped() -> None:
    assert decode(encode(New(name="a", more={"x": 1})), kind=Old) == Old(name="a")


def test_a_field_that_a_person_misspelt_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `nmae`"):
        msgspec.convert({"name": "a", "nmae": "b"}, Typed)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"value": 1}',
        b'{"name": 5, "value": 1}',
        b'{"name": "a", "value": NaN}',
        b'{"name": "\xff", "value": 1}',
        b'{"name": "a", "value": null}',
        b'{"name": "a", "value": 1, "x": ' + b"[" * 100_000,
    ],
    ids=[
        "empty",
        "no JSON",
        "a list",
        "field missing",
        "wrong type",
        "NaN",
        "not UTF-8",
        "broken invariant",
        "deep nesting",
    ],
)
def test_what_is_no_such_record_is_refused_with_its_kind(raw: bytes) -> None:
    with pytest.raises(InputError, match="expected a stored Measure record, got something else"):
        decode(raw, kind=Measure)


@pytest.mark.parametrize("raw", [b'{"schema": "attacker/2"}', b'{"schema": "finding/1"}'])
def test_a_record_of_another_kind_or_version_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError, match=r"at `\$.schema`"):
        decode(raw, kind=Attacker)


def test_a_broken_invariant_is_told_in_its_own_words() -> None:
    with pytest.raises(InputError, match=r"stored Attacker record.* needs a budget"):
        decode(b'{"schema": "attacker/1", "name": "a"}', kind=Attacker)


def test_a_digest_is_sha_256_of_the_bytes_as_they_are() -> None:
    raw = b'{"b": 1,  "a": 2}'
    assert digest(raw) == "sha256:" + hashlib.sha256(raw).hexdigest()
    assert digest(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
