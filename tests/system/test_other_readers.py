"""What is written here, read by the libraries of those who wrote the specifications."""

import json
from pathlib import Path
from typing import Any

import pytest

from bartizan.crypto.oms.manifest import Manifest
from bartizan.crypto.oms.statement import Statement
from bartizan.supply.bom.document import document, written
from bartizan.supply.provenance import statement
from system.command import Run
from unit.supply.bom.samples import SPECS, bare_facts, sample_facts
from unit.supply.test_provenance import TRAINING


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("facts", [sample_facts(), bare_facts()], ids=["full", "bare"])
def test_the_library_of_cyclonedx_opens_our_documents(facts: Any, spec: Any) -> None:
    pytest.importorskip("cyclonedx", reason="not installed: cyclonedx-python-lib (extra `oracle`)")
    from cyclonedx.model.bom import Bom  # noqa: PLC0415 (an oracle)
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    raw = written(document(facts, spec=spec))
    ours = json.loads(raw)
    assert JsonStrictValidator(SchemaVersion.from_version(spec)).validate_str(raw.decode()) is None
    theirs = Bom.from_json(ours)
    assert theirs.validate()
    assert f"urn:uuid:{theirs.serial_number}" == ours["serialNumber"]
    assert theirs.metadata.component.type.value == "machine-learning-model"
    assert theirs.metadata.component.name == facts.model.name
    assert sorted(one.name for one in theirs.components) == sorted(
        one["name"] for one in ours.get("components", [])
    )
    assert {str(one.purl) for one in theirs.components if one.purl} == {
        one["purl"] for one in ours.get("components", []) if "purl" in one
    }
    assert {str(one.ref) for one in theirs.dependencies} >= {
        one["ref"] for one in ours["dependencies"]
    }


def in_toto(raw: bytes) -> Any:
    """A statement as the messages of in-toto have it, which know no other fields."""
    pytest.importorskip("in_toto_attestation", reason="not installed: in-toto-attestation")
    from google.protobuf import json_format  # noqa: PLC0415 (an oracle)
    from in_toto_attestation.v1.statement import Statement as Wrapped  # noqa: PLC0415
    from in_toto_attestation.v1.statement_pb2 import Statement as Message  # noqa: PLC0415

    read = json_format.Parse(raw, Message())
    Wrapped.copy_from_pb(read).validate()
    return read


def provenance(raw: bytes) -> Any:
    """The predicate of SLSA, as its messages have it."""
    from google.protobuf import json_format  # noqa: PLC0415 (an oracle)
    from in_toto_attestation.predicates.provenance.v1 import provenance_pb2  # noqa: PLC0415

    predicate = json.loads(raw)["predicate"]
    return json_format.ParseDict(predicate, provenance_pb2.Provenance())


def test_in_toto_reads_our_provenance_and_slsa_its_predicate() -> None:
    raw = statement(TRAINING)
    read = in_toto(raw)
    assert read.predicate_type == "https://slsa.dev/provenance/v1"
    assert dict(read.subject[0].digest) == {"sha256": TRAINING.root.removeprefix("sha256:")}
    said = provenance(raw)
    names = [one.name for one in said.build_definition.resolved_dependencies]
    assert {"data/past", "code"} <= set(names)
    assert said.run_details.builder.id == TRAINING.builder
    assert said.run_details.metadata.finished_on.ToJsonString() == "2026-11-21T10:30:00Z"


def test_in_toto_reads_the_provenance_of_the_command_line(folder: Path, bartizan: Run) -> None:
    (folder / "model.bin").write_bytes(b"weights")
    (folder / "past.csv").write_text("amount,y\n1,ok\n2,fraud\n")
    data = ("--data", "past.csv")
    ran = bartizan("supply", "provenance", "model.bin", *data, "--builder", "urn:ci")
    assert ran.code == 0, ran.err
    raw = (folder / "provenance.json").read_bytes()
    assert in_toto(raw).subject[0].name == "model.bin"
    assert provenance(raw).run_details.builder.id == "urn:ci"


def test_in_toto_reads_what_a_signature_of_a_model_is_over() -> None:
    manifest = Manifest.of_content(b"weights")
    read = in_toto(Statement(name="m", manifest=manifest, version=3).raw)
    assert read.predicate_type == "https://model_signing/signature/v1.0"
    assert read.subject[0].annotations["bartizan.version"] == 3
    assert read.predicate["resources"][0]["name"] == "."
