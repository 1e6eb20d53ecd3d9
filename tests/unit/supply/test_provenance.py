import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bartizan.core.errors import Error, InputError, TrustError, UsageError
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.bom.facts import DataFact, PackageFact, ToolFact
from bartizan.supply.code_state import CodeFact
from bartizan.supply.provenance import Training, checked, statement
from bartizan.supply.signing.signing import Pen

ROOT = "sha256:" + "ab" * 32
KEY = SigningKey.new()
TRAINING = Training(
    name="fraud",
    root=ROOT,
    data=(
        DataFact(name="past", role="train", sha256="34" * 32, rows=9, root="sha256:" + "56" * 32),
    ),
    builder="https://ci.example/train",
    tool=ToolFact(name="bartizan", version="1.2.3"),
    params={"max_iter": 100, "grid": {"C": [0.1, 1]}},
    code=CodeFact(commit="0f" * 20, changed=2, untracked=0, uri="git+https://git.example/fraud"),
    packages=(PackageFact(name="numpy", version="2.4.0"),),
    python="3.11.9",
    invocation="run 7",
    started=datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=2))),
    finished=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
)


def changed(**changes: Any) -> Training:
    return dataclasses.replace(TRAINING, **changes)


def signed(raw: bytes, key: SigningKey = KEY) -> bytes:
    return Pen(key=key).bundle(raw).encode()


def test_a_training_is_written_as_slsa_provenance() -> None:
    assert json.loads(statement(TRAINING)) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "fraud", "digest": {"sha256": "ab" * 32}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:bartizan:training:1",
                "externalParameters": {"max_iter": 100, "grid": {"C": [0.1, 1]}},
                "resolvedDependencies": [
                    {
                        "name": "data/past",
                        "digest": {"sha256": "34" * 32, "bartizanLedgerRoot": "56" * 32},
                        "annotations": {"role": "train", "rows": 9},
                    },
                    {
                        "name": "code",
                        "uri": "git+https://git.example/fraud",
                        "digest": {"gitCommit": "0f" * 20},
                        "annotations": {"dirty": True, "changedFiles": 2, "untrackedFiles": 0},
                    },
                    {"name": "python", "uri": "pkg:generic/python@3.11.9"},
                    {"name": "package/numpy", "uri": "pkg:pypi/numpy@2.4.0"},
                ],
            },
            "runDetails": {
                "builder": {"id": "https://ci.example/train", "version": {"bartizan": "1.2.3"}},
                "metadata": {
                    "invocationId": "run 7",
                    "startedOn": "2026-11-21T10:00:00Z",
                    "finishedOn": "2026-11-21T10:30:00Z",
                },
            },
        },
    }


def test_the_same_training_gives_the_same_bytes_in_any_order() -> None:
    packages = tuple(PackageFact(name=name, version="1") for name in "abc")
    params = {"a": 1, "b": {"x": 1, "y": 2}}
    other = {"b": {"y": 2, "x": 1}, "a": 1}
    one = statement(changed(packages=packages, params=params))
    assert one == statement(changed(packages=packages[::-1], params=other))


def test_what_was_not_said_is_not_there() -> None:
    bare = changed(code=None, packages=(), python="", invocation="", started=None, finished=None)
    predicate = json.loads(statement(bare))["predicate"]
    assert [one["name"] for one in predicate["buildDefinition"]["resolvedDependencies"]] == [
        "data/past"
    ]
    assert "metadata" not in predicate["runDetails"]


@pytest.mark.parametrize(
    ("training", "kind", "message"),
    [
        (changed(builder="ada"), UsageError, "as a URI"),
        (changed(data=(DataFact(name="x", role="train"),)), InputError, "no digest"),
        (changed(params={"rate": float("nan")}), InputError, "as JSON"),
        (changed(params={"when": datetime(2026, 1, 1, tzinfo=UTC)}), InputError, "as JSON"),
        (changed(params={"word": "\udc80"}), InputError, "as JSON"),
        (changed(finished=datetime(2026, 1, 1, tzinfo=UTC)), InputError, "before it began"),
    ],
)
def test_what_cannot_be_is_refused(training: Training, kind: type[Error], message: str) -> None:
    with pytest.raises(kind, match=message):
        statement(training)


def test_a_signed_statement_about_this_model_is_believed() -> None:
    raw = statement(TRAINING)
    predicate = checked(signed(raw), keys=[SigningKey.new().public, KEY.public], root=ROOT)
    assert predicate == json.loads(raw)["predicate"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (signed(statement(TRAINING), SigningKey.new()), "not trusted"),
        (signed(statement(changed(root="sha256:" + "00" * 32))), "another model"),
        (signed(b'{"_type":"https://in-toto.io/Statement/v1"}'), "expected a statement"),
        (signed(b"[]"), "expected an object"),
        (signed(statement(TRAINING).replace(b'"subject"', b'"sub"')), "the subjects"),
        (b"{}", "verificationMaterial"),
    ],
    ids=["stranger", "model", "other", "list", "nothing", "no bundle"],
)
def test_any_other_statement_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(TrustError, match=message):
        checked(raw, keys=[KEY.public], root=ROOT)


def test_no_changed_byte_of_the_payload_passes() -> None:
    bundle = json.loads(signed(statement(TRAINING)))
    payload = bundle["dsseEnvelope"]["payload"]
    for place in range(0, len(payload) - 4, 97):
        other = "A" if payload[place] != "A" else "B"
        bundle["dsseEnvelope"]["payload"] = payload[:place] + other + payload[place + 1 :]
        with pytest.raises(TrustError):
            checked(json.dumps(bundle).encode(), keys=[KEY.public], root=ROOT)
