"""`--audit COLUMN[:EDGE,...]`, with names as hostile as columns have."""

import pytest

from bartizan.cli.audited import column_of
from bartizan.core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "column", "bands"),
    [
        ("sex", "sex", ()),
        ("age:25,46", "age", (25.0, 46.0)),
        ("age:-1.5", "age", (-1.5,)),
        ("geo:region", "geo:region", ()),
        ("geo:region:3", "geo:region", (3.0,)),
        (":25", ":25", ()),
        ("25", "25", ()),
    ],
)
def test_numbers_after_the_last_colon_are_edges(
    text: str, column: str, bands: tuple[float, ...]
) -> None:
    found = column_of(text, apart=True)
    assert (found.column, found.bands, found.apart) == (column, bands, True)


def test_edges_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ConfigError, match="ascending"):
        column_of("age:46,25", apart=False)
