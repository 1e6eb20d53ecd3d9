"""Facts of a made-up model with everything said, and the official schemas."""

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
from referencing import Registry, Resource

from bartizan.core.evidence import Subject
from bartizan.core.report import Report
from bartizan.core.schema import Feature, Schema
from bartizan.supply.bom.declared import (
    DeclaredData,
    DeclaredFairness,
    DeclaredModel,
    DeclaredRisk,
    DeclaredSystem,
)
from bartizan.supply.bom.facts import (
    DataFact,
    Facts,
    FileFact,
    LinkFact,
    ModelFact,
    PackageFact,
    SpecVersion,
    ToolFact,
)
from unit.report.samples import sample_report

VECTORS = Path(__file__).parents[3] / "vectors" / "cyclonedx"
SPECS: tuple[SpecVersion, ...] = ("1.6", "1.7")
ROOT = "sha256:" + "ab" * 32
FILE = "cd" * 32


BASE = "http://cyclonedx.org/schema/"
"""What the schemas' names are relative to, by the `$id` of the one that is asked."""


def _is_moment(value: object) -> bool:
    """Whether a text is a moment with a zone (RFC 3339); jsonschema does not ask by itself."""
    try:
        return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_uri(value: object) -> bool:
    """Whether a text names its scheme; by that alone signatures tell their algorithms apart."""
    return not isinstance(value, str) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value) is not None


@cache
def _validator(spec: str) -> Any:
    """The official schema. Since 1.5 there is one, and it is as strict as the strict one was."""
    read = {one.name: json.loads(one.read_text("utf-8")) for one in VECTORS.glob("*.json")}
    registry = Registry().with_resources(
        [(BASE + name, Resource.from_contents(schema)) for name, schema in read.items()]
    )
    schema = read[f"bom-{spec}.SNAPSHOT.schema.json"]
    formats = jsonschema.FormatChecker(jsonschema.Draft7Validator.FORMAT_CHECKER.checkers)
    formats.checks("date-time")(_is_moment)
    formats.checks("uri")(_is_uri)
    return jsonschema.Draft7Validator(schema, registry=registry, format_checker=formats)


def problems(document: Any, *, spec: str) -> list[str]:
    """What the schema has against a document."""
    return [f"{one.json_path}: {one.message}" for one in _validator(spec).iter_errors(document)]


def report_of(digest: str) -> Report:
    """The made-up report, about a model of that digest."""
    report = sample_report()
    model = Subject(kind="model", name="fraud", digest=digest, digest_kind="oms-root")
    others = tuple(one for one in report.subjects if one.kind != "model")
    return msgspec.structs.replace(report, subjects=(model, *others))


def sample_facts() -> Facts:
    """Everything a person and a machine can say."""
    return Facts(
        tool=ToolFact(name="bartizan", version="1.2.3"),
        model=ModelFact(
            name="fraud",
            root=ROOT,
            files=(
                FileFact(path="weights.bin", sha256=FILE, size_bytes=10),
                FileFact(path="config/a.json", sha256="12" * 32, size_bytes=5),
            ),
            format="onnx",
            task="classification",
            classes=("honest", "fraud"),
            threshold=0.25,
            schema=Schema(
                features=(
                    Feature(name="amount", min=0, max=1e6),
                    Feature(name="iban", type="categorical", categories=("x", "y"), personal=True),
                )
            ),
        ),
        data=(
            DataFact(
                name="past",
                role="train",
                sha256="34" * 32,
                rows=1000,
                columns=2,
                root="sha256:" + "56" * 32,
                version=3,
                registered="2026-11-01T10:00:00Z",
                source="card system",
                target="is_fraud",
                personal=("iban",),
                declared=DeclaredData(
                    description="A month.", license="LicenseRef-Bank", owner="Ada"
                ),
            ),
            DataFact(
                name="future",
                role="test",
                sha256="78" * 32,
                rows=500,
                root="sha256:" + "9a" * 32,
                version=1,
                source="card system",
                personal=(),
                declared=DeclaredData(description="Next.", license="LicenseRef-Bank", owner="Ada"),
            ),
        ),
        packages=(
            PackageFact(name="numpy", version="2.4.0", license="BSD-3-Clause", needs=()),
            PackageFact(
                name="scikit-learn",
                version="1.9.1",
                license_name="BSD, see LICENSE",
                record_sha256="bc" * 32,
                archive_sha256="de" * 32,
                needs=("numpy", "not-installed"),
            ),
        ),
        python="3.11.9",
        links=(
            LinkFact(kind="threat-model", path="threat.json", sha256="f0" * 32),
            LinkFact(kind="static-analysis-report", path="scan/report.sarif", sha256="f1" * 32),
            LinkFact(kind="attestation", path="provenance.json", sha256="f2" * 32),
        ),
        reports=(report_of(ROOT),),
        system=DeclaredSystem(
            name="Card payments",
            version="7",
            producer="Example Bank",
            description="Stops stolen cards.",
            data_flow="terminal to scorer",
            data_use="kept for a year",
            hardware=("2 virtual cores",),
            controls=("rate limit", "allowlist"),
            standards=("PCI DSS 4.0",),
            security_contact="mailto:ml@bank.example",
            security_policy="https://bank.example/security",
            advisories="https://bank.example/advisories",
            authors=("Ada",),
        ),
        declared=DeclaredModel(
            version="2026.11",
            description="Scores payments.",
            released="2026-11-20",
            supplier="Example Bank",
            producer="Example Bank, ML",
            license="LicenseRef-Bank",
            approach="supervised",
            architecture="gradient-boosted trees",
            training="monthly, from scratch",
            users=("fraud analysts",),
            use_cases=("stop a payment for a call back",),
            limitations=("not for transfers",),
            tradeoffs=("recall before precision",),
            risk=(DeclaredRisk(name="people are blocked", mitigation="call back"),),
            fairness=(DeclaredFairness(group="travellers", harms="more often blocked"),),
        ),
        project="fraud",
        when=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
    )


def bare_facts() -> Facts:
    """As little as there can be: one file, and nobody said anything."""
    return Facts(
        tool=ToolFact(name="bartizan", version="1.2.3"),
        model=ModelFact(
            name="m.bin", root=ROOT, files=(FileFact(path="m.bin", sha256=FILE, size_bytes=0),)
        ),
    )
