"""What a brief says of labels, and which columns describe a row."""

from bartizan.data.inspection import Brief


def known_labels(brief: Brief) -> tuple[str, ...]:
    """The classes of the reference, or else those of the last registered version.

    Returns:
        Labels as they are spelled, in no order that means anything; empty = nobody knows.
    """
    if brief.target is None:
        return ()
    if brief.profile is not None and brief.profile.labels:
        return tuple(brief.profile.labels)
    return () if brief.before is None else brief.before.classes


def feature_columns(brief: Brief) -> tuple[str, ...]:
    """Columns that describe a row: no label, and nothing that only names the row."""
    return tuple(
        one.name for one in brief.schema.features if not one.identifier and one.name != brief.target
    )


def describes(brief: Brief) -> str:
    """Why rows cannot be compared, or nothing where they can."""
    if brief.schema.image is not None or feature_columns(brief):
        return ""
    return "No column describes a row: all of them are labels or identifiers."
