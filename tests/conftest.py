"""Rules for every test."""

import sys
from collections.abc import Iterator

import pytest


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes by their argument: archives hold the time they were made, and workers of one
    run must collect the same names."""
    return argname if isinstance(val, bytes) else None


RECURSION = sys.getrecursionlimit()


@pytest.fixture(autouse=True)
def _depth_of_its_own() -> Iterator[None]:
    """Give every test the usual limit of recursion: the chain in the process raises it for all."""
    sys.setrecursionlimit(RECURSION)
    yield
    sys.setrecursionlimit(RECURSION)


@pytest.fixture(autouse=True)
def _modules_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Forget modules that a test wrote and imported: the next may write one of the same name.

    Only what the test itself loaded is asked for its file: to ask all 4,000 that are loaded by
    then costs more than most tests do.
    """
    before = set(sys.modules)
    yield
    folder = str(tmp_path_factory.getbasetemp())
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(folder):
            del sys.modules[name]
