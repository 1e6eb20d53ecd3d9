"""Which labels are known before the data is seen."""

from bartizan.data.inspection import Brief


def known_labels(brief: Brief) -> tuple[str, ...]:
    """The classes of the reference, or else those of the last registered version.

    Returns:
        Labels as they are spelled, in no order that means anything; empty = nobody knows.
    """
    if brief.target is None:
        return ()
    declared = next((one for one in brief.schema.features if one.name == brief.target), None)
    if declared is not None and declared.categories:
        return declared.categories
    if brief.profile is not None and brief.profile.labels:
        return tuple(brief.profile.labels)
    return () if brief.before is None else brief.before.classes
