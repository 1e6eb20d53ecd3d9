"""Advisories as the Open Source Vulnerability schema writes them.

Source: OSV schema 1.6.0 to 1.7.x, ossf.github.io/osv-schema. Only what decides whether a package
of PyPI is affected is kept; the rest is passed over. Newer versions add fields, never change them.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from packaging.utils import canonicalize_name

from bartizan.core.errors import InputError
from bartizan.core.record import decode

ECOSYSTEM = "PyPI"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is read of an advisory."""


class Package(Part, frozen=True, kw_only=True):
    """Whose versions are meant."""

    ecosystem: str = ""
    name: str = ""


class Event(Part, frozen=True, kw_only=True):
    """One of the four is said: from here on affected, mended, no more affected, not looked at."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class Range(Part, frozen=True, kw_only=True):
    """A stretch of versions. GIT counts commits, which no lock file names."""

    type: str = ""
    events: tuple[Event, ...] | None = ()


class Rating(Part, frozen=True, kw_only=True):
    """How bad it is, by some measure."""

    type: str = ""
    score: str = ""


class Affected(Part, frozen=True, kw_only=True):
    """Versions of one package."""

    package: Package = Package()
    ranges: tuple[Range, ...] | None = ()
    versions: tuple[str, ...] | None = ()
    severity: tuple[Rating, ...] | None = None
    database_specific: Any = None
    ecosystem_specific: Any = None


class Advisory(Part, frozen=True, kw_only=True):
    """One record of the database."""

    schema_version: str = "1.0.0"
    id: str
    modified: str
    """UTC, RFC 3339."""
    withdrawn: str | None = None
    aliases: tuple[str, ...] | None = None
    summary: str = ""
    affected: tuple[Affected, ...] | None = None
    severity: tuple[Rating, ...] | None = None
    database_specific: Any = None

    @property
    def malicious(self) -> bool:
        """Whether the package is meant to harm: the prefix of the OpenSSF's list of such."""
        return self.id.startswith("MAL-") or any(
            one.startswith("MAL-") for one in self.aliases or ()
        )

    def of_pypi(self) -> Iterator[tuple[str, Affected]]:
        """What it says of packages of PyPI, by normalised name."""
        for one in self.affected or ():
            # a suffix behind a colon tells a part of an ecosystem
            if one.package.ecosystem.split(":", 1)[0] == ECOSYSTEM and one.package.name:
                yield canonicalize_name(one.package.name), one


def read_advisory(raw: bytes) -> Advisory:
    """One record.

    Raises:
        InputError: the bytes are none, or it has no id.
    """
    advisory = decode(raw, kind=Advisory)
    if not advisory.id or not advisory.modified:
        message = "expected an advisory with an id and a date of its last change"
        raise InputError(message)
    if advisory.schema_version.split(".", 1)[0] != "1":
        message = "expected version 1 of the OSV schema; a newer one may mean other things"
        raise InputError(message)
    return advisory
