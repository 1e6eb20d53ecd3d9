"""What a brief says of labels, and which columns describe a row."""

from collections.abc import Mapping

from bartizan.data.inspection import Brief

REST = ""
"""Under this name a profile counts all classes past those that it names."""


def known_labels(brief: Brief) -> tuple[str, ...]:
    """The classes of the reference, or else those of the last registered version.

    Returns:
        Labels as they are spelled, in no order that means anything; empty = nobody knows. A
        reference of so many classes that it does not name all of them knows none.
    """
    if brief.target is None:
        return ()
    if brief.profile is not None and brief.profile.labels:
        usual = brief.profile.labels
        return () if REST in usual else tuple(usual)
    return () if brief.before is None else brief.before.classes


def as_named(counts: Mapping[str, int], *, usual: Mapping[str, int]) -> dict[str, int]:
    """Counts of classes, told apart as far as the reference does.

    Args:
        counts: Rows of each class.
        usual: The same in the reference, the rest under `REST` where it names not all of them.

    Example:
        >>> as_named({"a": 3, "y": 1, "z": 2}, usual={"a": 5, "": 4})
        {'a': 3, '': 3}
    """
    if REST not in usual:
        return dict(counts)
    made = {name: count for name, count in counts.items() if name in usual}
    rest = sum(counts.values()) - sum(made.values())
    return {**made, REST: rest} if rest else made


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
