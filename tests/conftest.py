"""Rules for every test."""

import pytest


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes by their argument: archives hold the time they were made, and workers of one
    run must collect the same names."""
    return argname if isinstance(val, bytes) else None
