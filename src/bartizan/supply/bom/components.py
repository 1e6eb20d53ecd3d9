"""The components: files of the model, data sets, packages, the platform, the system around it."""

from bartizan.supply.bom.facts import DataFact, Facts, FileFact, PackageFact
from bartizan.supply.bom.packages import purl
from bartizan.supply.bom.parts import (
    Part,
    filled,
    licenses,
    listed,
    named_license,
    organisation,
    properties,
    sha256,
)

PLATFORM = "platform/python"


def model_ref(name: str) -> str:
    """The reference of the model; relative to the document, the same on every machine."""
    return f"model/{name}"


def data_ref(name: str) -> str:
    """The reference of a data set."""
    return f"data/{name}"


def system_ref(name: str) -> str:
    """The reference of the system."""
    return f"system/{name}"


def hardware_ref(name: str) -> str:
    """The reference of what the system runs on."""
    return f"device/{name}"


def file_component(fact: FileFact) -> Part:
    """One file of the model."""
    return {
        "type": "file",
        "bom-ref": f"file/{fact.path}",
        "name": fact.path,
        "hashes": sha256(fact.sha256),
        "properties": properties({"size-bytes": fact.size_bytes}),
    }


def data_component(fact: DataFact) -> Part:
    """One data set: the file's digest, and what the ledger says of its rows."""
    said = fact.declared
    contents = properties(
        {
            "rows": fact.rows,
            "columns": fact.columns,
            "target": fact.target,
            "personal-columns": None if fact.personal is None else len(fact.personal),
        }
    )
    owner = [{"organization": {"name": said.owner}}] if said.owner else []
    return filled(
        {
            "type": "data",
            "bom-ref": data_ref(fact.name),
            "name": fact.name,
            "version": "" if fact.version is None else str(fact.version),
            "description": said.description,
            "hashes": sha256(fact.sha256),
            "licenses": licenses(said.license),
            "data": [
                filled(
                    {
                        "type": "dataset",
                        "name": fact.name,
                        "contents": {"properties": contents} if contents else None,
                        "sensitiveData": list(fact.personal or ()),
                        "governance": {"owners": owner} if owner else None,
                    }
                )
            ],
            "properties": properties(
                {
                    "role": fact.role,
                    "ledger-root": fact.root,
                    "registered": fact.registered,
                    "provenance": said.collected or fact.source,
                }
            ),
        }
    )


def package_component(fact: PackageFact) -> Part:
    """One installed package. `hashes` is of the archive; the list of files has a property."""
    return filled(
        {
            "type": "library",
            "bom-ref": purl(fact),
            "name": fact.name,
            "version": fact.version,
            "purl": purl(fact),
            "hashes": sha256(fact.archive_sha256),
            "licenses": licenses(fact.license) or named_license(fact.license_name),
            "properties": properties({"record-sha256": fact.record_sha256}),
        }
    )


def platform_component(version: str) -> Part:
    """The Python that the packages are installed for."""
    return filled({"type": "platform", "bom-ref": PLATFORM, "name": "Python", "version": version})


def system_component(facts: Facts) -> Part | None:
    """The system that the model serves; none if nobody named it."""
    said = facts.system
    name = said.name or facts.project
    if not name:
        return None
    links = {
        "security-contact": said.security_contact,
        "documentation": said.security_policy,
        "advisories": said.advisories,
    }
    return filled(
        {
            "type": "application",
            "bom-ref": system_ref(name),
            "name": name,
            "version": said.version,
            "description": said.description,
            "manufacturer": organisation(said.producer),
            "externalReferences": [
                {"type": kind, "url": url} for kind, url in sorted(links.items()) if url
            ],
            "properties": [
                *properties({"data-flow": said.data_flow, "data-use": said.data_use}),
                *listed("security-control", said.controls),
                *listed("security-standard", said.standards),
            ],
        }
    )


def hardware_component(name: str) -> Part:
    """What the system runs on, as declared."""
    return {"type": "device", "bom-ref": hardware_ref(name), "name": name}
