"""Made-up packages: an environment of them, a lock file, and a database of advisories."""

import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

VERSION = "1.4.2"
"""Of every package."""
_FILES = 200
"""Listed in the RECORD of each: the median of the packages of a scikit-learn environment is 60,
their mean 500."""
_NEEDS = 4
"""Other packages that each asks for."""
_LISTED = 40
"""Versions that an advisory lists, as OSV does beside ranges."""


def name_of(number: int) -> str:
    """A package."""
    return f"package-{number:03}"


def write_environment(place: Path, *, packages: int) -> Path:
    """``site-packages`` with that many packages, each with its metadata and nothing else."""
    for number in range(packages):
        name = name_of(number)
        folder = place / f"{name.replace('-', '_')}-{VERSION}.dist-info"
        folder.mkdir(parents=True)
        needs = (name_of((number + step) % packages) for step in range(1, _NEEDS + 1))
        head = [f"Name: {name}", f"Version: {VERSION}", "License-Expression: MIT"]
        lines = ["Metadata-Version: 2.4", *head, *(f"Requires-Dist: {one}>=1" for one in needs)]
        (folder / "METADATA").write_text("\n".join([*lines, "", "What it is for. " * 200]))
        files = (f"{name}/m{one}.py,sha256={'A' * 43},1234" for one in range(_FILES))
        (folder / "RECORD").write_text("\n".join(files))
    return place


def write_lock(path: Path, *, packages: int) -> Path:
    """The same packages, pinned."""
    path.write_text("".join(f"{name_of(number)}=={VERSION}\n" for number in range(packages)))
    return path


def write_advisories(path: Path, *, records: int, packages: int, affected: int) -> Path:
    """A copy of the OSV database as it is published: one zip file.

    Args:
        path: Where.
        records: In all.
        packages: Of ours. Each has an advisory that was fixed before our version, one that begins
            after it, and one that was withdrawn.
        affected: How many of ours have one more, that is about our version.
    """
    ours = list(_ours(packages, affected=affected))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(records):
            one = ours[number] if number < len(ours) else _record(number, f"other-{number}", "1")
            archive.writestr(f"{one['id']}.json", json.dumps(one))
    return path


def _ours(packages: int, *, affected: int) -> Iterator[dict[str, Any]]:
    number = 0
    for place in range(packages):
        name = name_of(place)
        told = [("0", "1.4.2"), ("1.5", "2"), ("0", "9")]
        if place < affected:
            told.append(("1.4", "1.4.3"))
        for kind, (begin, end) in enumerate(told):
            record = _record(number, name, begin, fixed=end)
            yield {**record, "withdrawn": _now()} if kind == 2 else record
            number += 1


def _record(number: int, name: str, begin: str, *, fixed: str = "1.2") -> dict[str, Any]:
    """An advisory as those of PyPI are: 3 kB, most of it prose."""
    span = {"type": "ECOSYSTEM", "events": [{"introduced": begin}, {"fixed": fixed}]}
    listed = [f"0.{one}" for one in range(_LISTED)] if begin == "1" else []
    return {
        "schema_version": "1.7.3",
        "id": f"PYSEC-2026-{number}",
        "modified": _now(),
        "published": "2026-01-01T00:00:00Z",
        "aliases": [f"CVE-2026-{number}"],
        "summary": "Something leaks",
        "details": "Under certain conditions something leaks. " * 40,
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": name, "purl": f"pkg:pypi/{name}"},
                "ranges": [span],
                "versions": listed,
            }
        ],
        "references": [{"type": "WEB", "url": f"https://example.invalid/{number}"}],
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    write_advisories(
        Path(sys.argv[1]),
        records=int(sys.argv[2]),
        packages=int(sys.argv[3]),
        affected=int(sys.argv[4]),
    )
