"""Installed Python packages, as their own metadata describe them. Nothing of them is imported."""

import hashlib
import json
import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import quote

from bartizan.core.errors import InputError
from bartizan.supply.bom.facts import PackageFact

_SEPARATORS = re.compile(r"[-_.]+")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_EXTRA = re.compile(r"\bextra\s*==")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LICENSE_CHARACTERS = 100
"""Longest text under License that is a name: many packages put the whole licence there."""


def installed(folder: Path | None = None) -> tuple[PackageFact, ...]:
    """What is installed, sorted by name; of two of one name the one that Python imports.

    Args:
        folder: ``site-packages`` of the environment that runs the model; none = of this process.

    Raises:
        InputError: the folder is none, or a package's metadata name no package.

    Cost: about 2 ms a package.
    """
    if folder is not None and not folder.is_dir():
        message = f"{folder} is no folder; name the site-packages of the model's environment"
        raise InputError(message)
    found = distributions() if folder is None else distributions(path=[str(folder)])
    facts: dict[str, PackageFact] = {}
    for one in found:
        fact = _fact(one)
        facts.setdefault(fact.name, fact)
    return tuple(facts[name] for name in sorted(facts))


def normalised(name: str) -> str:
    """The one spelling of a package's name.

    Example:
        >>> normalised("Typing_Extensions")
        'typing-extensions'

    Source:
        PEP 503, "Normalized Names"; purl's type pypi asks for the same.
    """
    return _SEPARATORS.sub("-", name).lower()


def purl(fact: PackageFact) -> str:
    """The package URL.

    Example:
        >>> purl(PackageFact(name="torch", version="2.13.0+cpu"))
        'pkg:pypi/torch@2.13.0%2Bcpu'

    Source:
        ECMA-427, package URL, type pypi.
    """
    return f"pkg:pypi/{quote(fact.name, safe='')}@{quote(fact.version, safe='')}"


def _fact(one: Distribution) -> PackageFact:
    name, version = _field(one, "Name"), _field(one, "Version")
    if not name or not version or not _NAME.fullmatch(name):
        place = getattr(one, "_path", "an installed package")
        message = (
            f"the metadata in {str(place)!r} name no package and version; repair the environment "
            "(pip check), so that the list is whole"
        )
        raise InputError(message)
    record = one.read_text("RECORD")
    return PackageFact(
        name=normalised(name),
        version=version,
        license=_short(_field(one, "License-Expression")),
        license_name=_short(_field(one, "License")),
        record_sha256="" if record is None else hashlib.sha256(record.encode()).hexdigest(),
        archive_sha256=_archive(one.read_text("direct_url.json")),
        needs=_needs(one.requires or ()),
    )


def _field(one: Distribution, name: str) -> str:
    """The first value of a field of the metadata; empty where it is not there."""
    values = one.metadata.get_all(name) or [""]
    return str(values[0])


def _short(text: str) -> str:
    """What the package declares; a whole licence text is no name."""
    words = text.strip()
    short = len(words) <= _LICENSE_CHARACTERS and words.isprintable()
    return words if short and words.upper() != "UNKNOWN" else ""


def _needs(requirements: Iterable[str]) -> tuple[str, ...]:
    """Names that are asked for without an extra.

    Conditions on Python or the platform are not weighed: such a package counts if it is installed.
    """
    wanted = (
        _NAME.match(line.strip())
        for line in requirements
        if not _EXTRA.search(line.partition(";")[2])
    )
    return tuple(sorted({normalised(match.group()) for match in wanted if match}))


def _archive(text: str | None) -> str:
    """The digest of the archive that a package was installed from, if it was written down.

    Source:
        PEP 610, ``archive_info.hashes``; packages that come from an index have none.
    """
    try:
        said = json.loads(text or "{}")
        digest = said["archive_info"]["hashes"]["sha256"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return digest if isinstance(digest, str) and _SHA256.fullmatch(digest) else ""
