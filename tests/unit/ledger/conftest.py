"""What tests of the ledger share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from reference_log import Reference, build, missing

# The same examples in every run, and no clock: machines differ in speed.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """Go's code for notes and transparency logs, compiled once a run."""
    if why := missing():
        pytest.skip(f"the reference code cannot be built: {why}")
    with Reference(build(tmp_path_factory.mktemp("reference"))) as running:
        yield running
