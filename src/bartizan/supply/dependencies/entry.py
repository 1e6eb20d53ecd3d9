"""The look at dependencies as an item of the catalogue, with the case that it must find."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bartizan.core.entry import ControlResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.supply.advisories.snapshot import MAX_AGE_DAYS
from bartizan.supply.dependencies.check import VULNERABLE, Checked, check_dependencies
from bartizan.supply.dependencies.dependency import Dependency, Listing

_THEN = datetime(2026, 1, 1, tzinfo=UTC)
_PLANTED = {
    "id": "PLANTED-1",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Planted.Package"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "1.9"}, {"fixed": "1.10.1"}]}
            ],
        }
    ],
}
"""1.10 is among the affected versions if they are compared as versions, and not as text."""


@dataclass(frozen=True)
class Params:
    """What a snapshot must be."""

    max_age_days: float = MAX_AGE_DAYS


def control(*, check: Callable[..., Checked] = check_dependencies) -> ControlResult:
    """Plant an advisory, and ask about a version that it is about and one that is mended."""
    asked = tuple(
        Dependency(name="planted-package", version=version, file="planted.txt", line=line)
        for line, version in enumerate(("1.10", "1.10.1"), start=1)
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "PLANTED-1.json"
        path.write_text(json.dumps(_PLANTED), encoding="utf-8")
        done = check(Listing(dependencies=asked), place=path.parent, now=_THEN)
    found = [(one.notice.rule, one.line) for one in done.concerns]
    passed = found == [(VULNERABLE, 1)]
    said = "only the first was found" if passed else f"found {found}"
    return ControlResult(passed, f"planted an affected version and a mended one: {said}")


ENTRY = Entry(
    id="artifact.dependencies",
    kind="scan",
    title="What is known of the packages it needs",
    run=check_dependencies,
    params=Params(),
    needs=(),
    control=control,
    threshold=("vulnerable-lines", "<=", 0.0),
    taxonomy=Taxonomy(atlas=("AML.T0010.001",), owasp_ml=("ML06:2023",)),
    references=(
        "https://ossf.github.io/osv-schema/",
        "https://atlas.mitre.org/techniques/AML.T0010.001",
    ),
    fix=(
        "Move to the version in which it is fixed, and lock the environment anew. Where there is "
        "none, replace the package, or waive the finding with a reason and a date."
    ),
)
"""Source: MITRE ATLAS: AI supply chain compromise: AI software."""
