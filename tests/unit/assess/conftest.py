from collections.abc import Iterator

import pytest

from bartizan.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    """A store that is gone after the test."""
    with Store.temporary() as made:
        yield made
