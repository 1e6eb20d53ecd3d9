"""What a complete bill of materials says: elements in the seven clusters of the G7's list.

Source: "SBOM for AI - Minimum Elements" of the G7, with BSI, ANSSI, ACN, CISA, CSE, NCSC, NCO and
the European Commission, 12 May 2026. The seven clusters are its own. The elements are our reading
of them, in our words, as far as CycloneDX can carry them: a count of readiness, not of conformity,
which nobody can be granted for a list that binds nobody.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Cluster: TypeAlias = Literal[
    "metadata", "system", "models", "datasets", "indicators", "infrastructure", "security"
]
CLUSTERS: tuple[Cluster, ...] = (
    "metadata",
    "system",
    "models",
    "datasets",
    "indicators",
    "infrastructure",
    "security",
)
SIGNATURE = ""
"""The place of the one element that stands beside the document and not in it."""
_MODEL = "metadata.component"
_CARD = "metadata.component.modelCard"
_SYSTEM = "components[type=application]"
_DATA = "components[type=data]"
_PACKAGE = "components[type=library]"


@dataclass(frozen=True, kw_only=True)
class Element:
    """One thing that a complete document says."""

    cluster: Cluster
    name: str
    """Unique within its cluster."""
    place: str
    """Where the document says it; see `completeness.says`."""
    fix: str
    """What to do where it is missing."""


def _of(cluster: Cluster, rows: tuple[tuple[str, str, str], ...]) -> tuple[Element, ...]:
    return tuple(
        Element(cluster=cluster, name=name, place=place, fix=fix) for name, place, fix in rows
    )


_REPORT = "run `bartizan assess` on this model and give its report.json with --report"
_PROJECT = "name the project file with --project"
_OURS = "write the document with `bartizan supply bom`"


def _system(key: str) -> str:
    return f"write `{key}` under [supply.system]"


def _model(key: str) -> str:
    return f"write `{key}` under [supply.card.<model>]"


def _data(key: str) -> str:
    return f"write `{key}` under [supply.data.<data>] for every data set"


_METADATA = _of(
    "metadata",
    (
        ("author", "metadata.authors[].name", _system("authors")),
        ("tool", "metadata.tools.components[].name", _OURS),
        ("tool version", "metadata.tools.components[].version", _OURS),
        ("format and its version", "specVersion", _OURS),
        ("serial number", "serialNumber", _OURS),
        (
            "time",
            "metadata.timestamp",
            "set SOURCE_DATE_EPOCH (seconds since 1970)",
        ),
        ("stage of life it was made at", "metadata.lifecycles[].phase", _OURS),
        ("relations between components", "dependencies[].ref", _OURS),
        ("what is known to be whole", "compositions[].aggregate", _OURS),
    ),
)
_SYSTEM_LEVEL = _of(
    "system",
    (
        ("name", f"{_SYSTEM}.name", _system("name")),
        ("version", f"{_SYSTEM}.version", _system("version")),
        ("producer", f"{_SYSTEM}.manufacturer.name", _system("producer")),
        ("what it does", f"{_SYSTEM}.description", _system("description")),
        (
            "flow of data",
            f"{_SYSTEM}.properties[name=bartizan:data-flow].value",
            _system("data_flow"),
        ),
        (
            "use of incoming data",
            f"{_SYSTEM}.properties[name=bartizan:data-use].value",
            _system("data_use"),
        ),
        ("intended use", f"{_CARD}.considerations.useCases[]", _model("use_cases")),
        ("intended users", f"{_CARD}.considerations.users[]", _model("users")),
    ),
)
_MODELS = _of(
    "models",
    (
        ("name", f"{_MODEL}.name", _OURS),
        ("version", f"{_MODEL}.version", _model("version")),
        ("identity (root digest)", f"{_MODEL}.properties[name=bartizan:oms-root].value", _OURS),
        ("files with digests", f"{_MODEL}.components[].hashes[].content", _OURS),
        (
            "format",
            f"{_MODEL}.properties[name=bartizan:format].value",
            "export the model to a format that Bartizan knows",
        ),
        ("producer", f"{_MODEL}.manufacturer.name", _model("producer")),
        ("supplier", f"{_MODEL}.supplier.name", _model("supplier")),
        ("description", f"{_MODEL}.description", _model("description")),
        ("licence", f"{_MODEL}.licenses[]", _model("license")),
        ("release", f"{_MODEL}.properties[name=bartizan:released].value", _model("released")),
        ("task", f"{_CARD}.modelParameters.task", _PROJECT),
        ("architecture", f"{_CARD}.modelParameters.architectureFamily", _model("architecture")),
        ("way of learning", f"{_CARD}.modelParameters.approach.type", _model("approach")),
        ("training", f"{_CARD}.properties[name=bartizan:training].value", _model("training")),
        (
            "inputs",
            f"{_CARD}.modelParameters.inputs[].format",
            "declare the columns under [schema.<data>.<feature>], or register the data",
        ),
        (
            "outputs",
            f"{_CARD}.modelParameters.outputs[].format",
            "write `classes` under the model's [[model]]",
        ),
        ("limits", f"{_CARD}.considerations.technicalLimitations[]", _model("limitations")),
    ),
)
_DATASETS = _of(
    "datasets",
    (
        ("name", f"{_DATA}.name", "declare the data under [[data]]"),
        ("what each served for", f"{_DATA}.properties[name=bartizan:role].value", _PROJECT),
        (
            "what the model was trained on",
            f"{_CARD}.properties[name=bartizan:trained-on].value",
            'declare data with role = "train" under [[data]]',
        ),
        ("digest", f"{_DATA}.hashes[].content", "keep each data set in one file"),
        (
            "root in the ledger",
            f"{_DATA}.properties[name=bartizan:ledger-root].value",
            "register every data set with `bartizan data register`",
        ),
        (
            "number of rows",
            f"{_DATA}.data[].contents.properties[name=bartizan:rows].value",
            "register every data set with `bartizan data register`",
        ),
        (
            "provenance",
            f"{_DATA}.properties[name=bartizan:provenance].value",
            "write `source` under every [[data]]",
        ),
        (
            "sensitivity",
            f"{_DATA}.data[].contents.properties[name=bartizan:personal-columns].value",
            "declare the columns, and which are personal, under [schema.<data>.<feature>]",
        ),
        ("description", f"{_DATA}.description", _data("description")),
        ("licence", f"{_DATA}.licenses[]", _data("license")),
        ("owner", f"{_DATA}.data[].governance.owners[].organization.name", _data("owner")),
    ),
)
_METRICS = f"{_CARD}.quantitativeAnalysis.performanceMetrics"
_INDICATORS = _of(
    "indicators",
    (
        ("how good it is", f"{_METRICS}[type=balanced-accuracy].value", _REPORT),
        (
            "how sure that is",
            f"{_METRICS}[type=balanced-accuracy].confidenceInterval.lowerBound",
            _REPORT,
        ),
        ("how good under attack", f"{_METRICS}[type=attack-success].value", _REPORT),
        (
            "what it gives away of its data",
            f"{_METRICS}[type=membership-tpr-at-1-percent-fpr].value",
            'declare data with role = "train", and assess with privacy.membership',
        ),
        (
            "fairness",
            f"{_CARD}.considerations.fairnessAssessments[].groupAtRisk",
            "write [[supply.card.<model>.fairness]]",
        ),
        ("trade-offs", f"{_CARD}.considerations.performanceTradeoffs[]", _model("tradeoffs")),
    ),
)
_INFRASTRUCTURE = _of(
    "infrastructure",
    (
        ("software", f"{_PACKAGE}.purl", "give --environment the model's site-packages"),
        ("versions of software", f"{_PACKAGE}.version", "repair the environment"),
        ("platform", "components[type=platform].version", "give --python the version"),
        ("hardware", "components[type=device].name", _system("hardware")),
    ),
)
_REFERENCES = f"{_MODEL}.externalReferences"
_SECURITY = _of(
    "security",
    (
        (
            "controls",
            f"{_SYSTEM}.properties[name=bartizan:security-control].value",
            _system("controls"),
        ),
        (
            "standards it is held to",
            f"{_SYSTEM}.properties[name=bartizan:security-standard].value",
            _system("standards"),
        ),
        (
            "contact",
            f"{_SYSTEM}.externalReferences[type=security-contact].url",
            _system("security_contact"),
        ),
        (
            "policy",
            f"{_SYSTEM}.externalReferences[type=documentation].url",
            _system("security_policy"),
        ),
        (
            "where weaknesses are published",
            f"{_SYSTEM}.externalReferences[type=advisories].url",
            _system("advisories"),
        ),
        (
            "scan of the files",
            f"{_REFERENCES}[type=static-analysis-report].hashes[].content",
            "run `bartizan supply scan` and give its report.json with --report",
        ),
        (
            "threat model",
            f"{_REFERENCES}[type=threat-model].hashes[].content",
            "give it with --link threat-model=PATH",
        ),
        (
            "provenance of the training",
            f"{_REFERENCES}[type=attestation].hashes[].content",
            "run `bartizan supply provenance` and give it with --link attestation=PATH",
        ),
        (
            "ethical risks",
            f"{_CARD}.considerations.ethicalConsiderations[].name",
            "write [[supply.card.<model>.risk]]",
        ),
        ("signature", SIGNATURE, "sign the document with --key"),
    ),
)
ELEMENTS: tuple[Element, ...] = (
    *_METADATA,
    *_SYSTEM_LEVEL,
    *_MODELS,
    *_DATASETS,
    *_INDICATORS,
    *_INFRASTRUCTURE,
    *_SECURITY,
)
