import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bartizan.core.errors import Error, InputError, TrustError
from bartizan.crypto.oms.manifest import FileDigest, Manifest
from bartizan.crypto.oms.statement import SIGNED, VERSION, Statement, read_statement

MADE = Statement(
    name="fraud",
    manifest=Manifest.of(
        [FileDigest(name="a/é", digest=bytes(32)), FileDigest(name="b", digest=bytes(range(32)))]
    ),
    ignored=(".git", "model.sig"),
    version=7,
    signed=datetime(2026, 11, 21, 12, tzinfo=UTC),
)


def changed(**parts: Any) -> bytes:
    """The statement with `subject`, `serialization`, `resource` or top-level fields changed."""
    document = json.loads(MADE.raw)
    for name, fields in parts.items():
        place = {
            "subject": document["subject"][0],
            "serialization": document["predicate"]["serialization"],
            "resource": document["predicate"]["resources"][0],
            "predicate": document["predicate"],
            "top": document,
        }[name]
        place.update(fields)
    return json.dumps(document).encode()


def test_what_was_written_is_read_back() -> None:
    assert read_statement(MADE.raw) == MADE
    bare = Statement(name="m", manifest=Manifest.of_content(b""))
    found = read_statement(bare.raw)
    assert (found.version, found.signed, found.ignored) == (None, None, ())
    assert found.manifest.root == bare.manifest.root


def test_equal_statements_are_equal_bytes() -> None:
    again = Statement(**{name: getattr(MADE, name) for name in MADE.__dataclass_fields__})
    assert again.raw == MADE.raw


@pytest.mark.parametrize(
    "parts",
    [
        {"top": {"_type": "https://in-toto.io/Statement/v0.1"}},
        {"top": {"predicateType": "https://slsa.dev/provenance/v1"}},
        {"top": {"subject": []}},
        {"top": {"subject": 3}},
        {"top": {"else": 1}},
        {"subject": {"digest": {"sha256": "00" * 32}}},
        {"subject": {"digest": {}}},
        {"subject": {"name": 3}},
        {"subject": {"annotations": {VERSION: 0}}},
        {"subject": {"annotations": {VERSION: True}}},
        {"subject": {"annotations": {VERSION: "7"}}},
        {"subject": {"annotations": {SIGNED: "yesterday"}}},
        {"subject": {"annotations": {SIGNED: "2026-11-21T12:00:00+01:00"}}},
        {"resource": {"name": "../up"}},
        {"resource": {"name": "/etc/passwd"}},
        {"resource": {"name": "."}},
        {"resource": {"name": "b"}},
        {"resource": {"digest": "00"}},
        {"resource": {"digest": "AA" * 32}},
        {"resource": {"algorithm": "md5"}},
        {"predicate": {"resources": []}},
        {"predicate": {"resources": {}}},
        {"serialization": {"ignore_paths": ["."]}},
        {"serialization": {"ignore_paths": [".."]}},
        {"serialization": {"ignore_paths": "all"}},
        {"serialization": {"unknown": 1}},
    ],
)
def test_a_statement_that_could_mean_something_else_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(TrustError):
        read_statement(changed(**parts))


@pytest.mark.parametrize("how", [{"method": "shards"}, {"hash_type": "blake3"}])
def test_other_ways_to_take_a_model_apart_are_named(how: dict[str, str]) -> None:
    with pytest.raises(InputError, match="signed again that way"):
        read_statement(changed(serialization=how))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b'{"_type": 1, "_type": 2}',
        b'{"a": NaN}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": 1' + b"0" * 10_000 + b"}",
    ],
)
def test_what_is_no_json_of_one_meaning_is_refused(raw: bytes) -> None:
    with pytest.raises(Error):
        read_statement(raw)
