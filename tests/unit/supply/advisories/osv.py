"""Advisories and snapshots for tests."""

import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def events(*pairs: tuple[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    """A range: its events in the order given."""
    return {"type": kind, "events": [{key: value} for key, value in pairs]}


def record(
    name: str = "requests",
    *,
    id: str = "GHSA-aaaa-bbbb-cccc",  # noqa: A002 (the name of the field)
    ecosystem: str = "PyPI",
    ranges: Iterable[dict[str, Any]] = (),
    versions: Iterable[str] = (),
    modified: str = "2026-11-20T00:00:00Z",
    **more: Any,
) -> dict[str, Any]:
    """An advisory about one package."""
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": list(ranges),
        "versions": list(versions),
    }
    return {
        "schema_version": "1.6.0",
        "id": id,
        "modified": modified,
        "summary": "Something leaks",
        "affected": [affected],
        **more,
    }


def folder_of(place: Path, *records: dict[str, Any]) -> Path:
    """A snapshot as a folder."""
    place.mkdir(parents=True, exist_ok=True)
    for one in records:
        (place / f"{one['id']}.json").write_text(json.dumps(one), encoding="utf-8")
    return place


def zip_of(path: Path, *records: dict[str, Any]) -> Path:
    """A snapshot as OSV publishes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in records:
            archive.writestr(f"{one['id']}.json", json.dumps(one))
    return path
