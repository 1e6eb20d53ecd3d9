"""Whether data can be held against a profile, and what the two have in common."""

from bartizan.core.errors import SchemaError
from bartizan.data.column_totals import private
from bartizan.data.inspection import Brief
from bartizan.data.profile import Bins, ColumnProfile, DataProfile
from bartizan.data.profiling import features

FEWEST = 20
"""Rows of the reference below which nothing can be said: two bins of ten rows each."""
_NAMED = 5
"""Column names that a message lists."""


def reference(brief: Brief) -> DataProfile:
    """The profile of the brief, of the same columns as the data.

    Raises:
        SchemaError: there is none, or it is of other columns.
    """
    if brief.profile is None:
        message = "drift needs a reference profile, and none is named; name a registered version"
        raise SchemaError(message)
    there = {column.name: column for column in brief.profile.columns}
    here = {one.name: one for one in features(brief.schema, target=brief.target)}
    for what, names in (
        ("the profile lacks", sorted(here.keys() - there.keys())),
        ("the data lacks", sorted(there.keys() - here.keys())),
    ):
        if names:
            listed = ", ".join(map(repr, names[:_NAMED]))
            message = (
                f"the reference is of another schema: {what} {len(names)} columns ({listed}); "
                "compare with a version of the same columns, or register this data as a new set"
            )
            raise SchemaError(message)
    for name, feature in here.items():
        _require_type(there[name], number=feature.type in ("number", "integer"))
    return brief.profile


def _require_type(column: ColumnProfile, *, number: bool) -> None:
    """Refuse numbers against categories."""
    if column.bins is not None and bool(column.bins.scores) != number:
        kinds = ("numbers", "categories")
        message = (
            f"the reference is of another schema: column {column.name!r} holds "
            f"{kinds[not number]} here and {kinds[number]} in the reference; correct its type"
        )
        raise SchemaError(message)


def cells_of(brief: Brief) -> dict[str, Bins]:
    """The cells of each column whose values may be looked at, in the order of the profile."""
    told = {one.name for one in features(brief.schema, target=brief.target) if not private(one)}
    return {
        column.name: column.bins
        for column in reference(brief).columns
        if column.bins is not None and column.name in told
    }


def comparable(brief: Brief) -> str:
    """Why there is nothing to compare the data with; empty if there is."""
    if brief.profile is None:
        return "No reference is named, so that nothing says what the data should look like."
    if brief.schema.image is not None:
        return "Rows are images, and a profile describes columns."
    if not brief.profile.columns:
        return "The reference profile has no columns."
    return ""
