"""The document: components put together, the graph between them, one encoding.

Equal facts give equal bytes, in whatever order they came: components are sorted by reference, lists
that have no order of their own are sorted, keys are sorted, and the serial number is derived from
the content. There is no time in it but the one that the caller gives.
"""

import json
import re
import uuid
from datetime import UTC

from bartizan.core.errors import InputError
from bartizan.supply.bom.components import (
    PLATFORM,
    data_component,
    data_ref,
    file_component,
    hardware_component,
    hardware_ref,
    model_ref,
    package_component,
    platform_component,
    system_component,
)
from bartizan.supply.bom.facts import Facts, ModelFact, SpecVersion
from bartizan.supply.bom.model_card import model_card
from bartizan.supply.bom.packages import purl
from bartizan.supply.bom.parts import (
    Part,
    filled,
    licenses,
    organisation,
    properties,
    references,
    sha256,
)

_NAMESPACE = uuid.UUID("5b0c2f0e-4f0b-5d43-9c7e-8d2f1c6a7e31")
"""Of our serial numbers: drawn once, so that equal documents of ours have equal numbers."""
_SHOWN_AS_CODES = re.compile(r"[^\x00-\x7f]")


def document(facts: Facts, *, spec: SpecVersion = "1.6") -> Part:
    """A bill of materials, as the JSON Schema of that version asks.

    Args:
        facts: What goes in.
        spec: Version of CycloneDX. The two differ in the version and nowhere else here.

    Raises:
        InputError: two things have one name.

    Source:
        CycloneDX 1.6 and 1.7 (ECMA-424). The model is `metadata.component`, with its files as
        components of its own; data, packages and the system stand beside it.
    """
    others = sorted(_others(facts), key=lambda part: part["bom-ref"])
    model = _model(facts)
    _require_unique([model, *model["components"], *others])
    content = {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec,
        "version": 1,
        "metadata": _metadata(facts, model=model),
        "components": others,
        "dependencies": _dependencies(facts, others=others),
        "compositions": [{"aggregate": "complete", "assemblies": [model["bom-ref"]]}],
    }
    name = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return {**content, "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}"}


def written(document: Part) -> bytes:
    """The bytes of a document: sorted keys, two spaces, a line feed at the end.

    Characters that do not show themselves (marks that turn the line around, for instance) are
    written as codes, so that no reader of the file is deceived.

    Raises:
        InputError: a name in it is no valid Unicode.
    """
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
    shown = _SHOWN_AS_CODES.sub(_visible, text)
    try:
        return (shown + "\n").encode()
    except UnicodeEncodeError as error:
        message = "a name holds bytes that are no valid Unicode; rename the file or column"
        raise InputError(message) from error


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    hidden = not character.isprintable() and not 0xD800 <= ord(character) < 0xE000
    return json.dumps(character)[1:-1] if hidden else character


def _model(facts: Facts) -> Part:
    """The model with its card and its files.

    `hashes` are of bytes, so a folder has none: its root digest is a property.
    """
    model, said = facts.model, facts.declared
    files = sorted(model.files, key=lambda one: one.path)
    return filled(
        {
            "type": "machine-learning-model",
            "bom-ref": model_ref(model.name),
            "name": model.name,
            "version": said.version,
            "description": said.description,
            "supplier": organisation(said.supplier),
            "manufacturer": organisation(said.producer),
            "hashes": sha256(model.sha256),
            "licenses": licenses(said.license),
            "modelCard": model_card(facts),
            "externalReferences": references(facts.links),
            "properties": _identity(model, released=said.released),
        }
    ) | {"components": [file_component(one) for one in files]}


def _identity(model: ModelFact, *, released: str) -> list[Part]:
    return properties(
        {
            "format": model.format,
            "oms-root": model.root,
            "released": released,
            "size-bytes": sum(one.size_bytes for one in model.files),
        }
    )


def _metadata(facts: Facts, *, model: Part) -> Part:
    stamp = None if facts.when is None else facts.when.astimezone(UTC)
    tool = {"type": "application", "name": facts.tool.name, "version": facts.tool.version}
    return filled(
        {
            "timestamp": None if stamp is None else stamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lifecycles": [{"phase": "post-build"}],
            "tools": {"components": [tool]},
            "authors": [{"name": name} for name in facts.system.authors],
            "supplier": organisation(facts.declared.supplier),
            "component": model,
        }
    )


def _others(facts: Facts) -> list[Part]:
    """Every component but the model and its files."""
    system = system_component(facts)
    found = [data_component(one) for one in facts.data]
    found += [package_component(one) for one in facts.packages]
    found += [hardware_component(name) for name in facts.system.hardware]
    found += [] if system is None else [system]
    found += [platform_component(facts.python)] if facts.python or facts.packages else []
    return found


def _dependencies(facts: Facts, *, others: list[Part]) -> list[Part]:
    """Who needs whom: the system the model, the model its data and platform, that its packages.

    A package needs what its own metadata ask for, as far as that is installed.
    """
    refs = {one.name: purl(one) for one in facts.packages}
    needs: dict[str, set[str]] = {part["bom-ref"]: set() for part in others}
    for one in facts.packages:
        needs[refs[one.name]] |= {refs[name] for name in one.needs if name in refs}
    own = needs.setdefault(model_ref(facts.model.name), set())
    own |= {data_ref(one.name) for one in facts.data}
    if PLATFORM in needs:
        own.add(PLATFORM)
        needs[PLATFORM] |= set(refs.values())
    for part in others:
        if part["type"] == "application":
            hardware = {hardware_ref(name) for name in facts.system.hardware}
            needs[part["bom-ref"]] = {model_ref(facts.model.name), *hardware}
    return [filled({"ref": ref, "dependsOn": sorted(needs[ref] - {ref})}) for ref in sorted(needs)]


def _require_unique(parts: list[Part]) -> None:
    seen: set[str] = set()
    for part in parts:
        if part["bom-ref"] in seen:
            message = f"two components are {part['bom-ref']!r}; give each a name of its own"
            raise InputError(message)
        seen.add(part["bom-ref"])
