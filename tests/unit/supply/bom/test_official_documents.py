"""The schema that documents are checked with here tells CycloneDX's own samples apart.

A check that calls everything valid would call ours valid, too.
"""

import json
import tarfile
from functools import cache
from typing import Any

import pytest

from unit.supply.bom.samples import SPECS, VECTORS, problems

SAMPLES = VECTORS / "samples.tar.xz"
COUNTS = {("1.6", True): 45, ("1.6", False): 25, ("1.7", True): 61, ("1.7", False): 29}
"""Of valid and of invalid documents, as CycloneDX has them."""


@cache
def samples(spec: str) -> dict[str, Any]:
    """By name."""
    found = {}
    with tarfile.open(SAMPLES) as archive:
        for member in archive:
            folder, _, name = member.name.partition("/")
            content = archive.extractfile(member)
            if folder == spec and content is not None:
                found[name] = json.loads(content.read())
    return found


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("valid", [True, False])
def test_every_document_is_judged_as_its_name_says(spec: str, *, valid: bool) -> None:
    wanted = {
        name: document for name, document in samples(spec).items() if name.startswith("v") == valid
    }
    assert len(wanted) == COUNTS[spec, valid]
    assert [
        name for name, document in wanted.items() if bool(problems(document, spec=spec)) == valid
    ] == []
