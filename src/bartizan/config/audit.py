"""The section of the project file on a bias audit, as a person writes it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from bartizan.core.groups import FEWEST, LEAST, AuditColumn
from bartizan.core.record import UserInput


class AuditSpec(UserInput, frozen=True, kw_only=True):
    """One column of the test data whose groups are compared."""

    column: Annotated[str, Meta(min_length=1)]
    """Its name in the file."""
    bands: tuple[float, ...] = ()
    """Edges that cut numbers into bands, ascending; empty = quartiles."""
    apart: bool = False
    """Whether the column is no feature: it is kept away from the model."""
    least: Annotated[int, Meta(ge=FEWEST)] = LEAST
    """Rows that a rate must rest on to be compared."""

    def asked(self) -> AuditColumn:
        """The same as the audit knows it.

        Raises:
            ConfigError: the edges are not ascending.
        """
        return AuditColumn(**msgspec.structs.asdict(self))
