"""Who belongs to which group, read from the file itself."""

from pathlib import Path

import numpy as np

from bartizan.adapt.names import nearest
from bartizan.adapt.tables.reading import read_table
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError, UsageError
from bartizan.data.cleaning.fairness import Groups

_MOST = 50
"""Groups; a column with more, such as a name, tells persons and not groups."""


def groups_of(
    path: Path, column: str, *, data: Dataset, positive: str | None, header: bool
) -> Groups:
    """Read the groups of all labelled rows.

    Args:
        path: The table.
        column: Its column of groups; it need not be one that a model learns from.
        data: The labelled rows.
        positive: The label that people want to get; none = the second of two.
        header: Whether the first line of a text table names the columns.

    Raises:
        UsageError: no such column, too many groups, or it is not clear which label is wanted.
        InputError: the file is no table, or not the one that the rows come from.
    """
    table = read_table(path, has_header=header)
    if table.digest != data.digest:
        message = (
            f"{path} changed while it was read, so that nobody knows whose rows these are. Wait "
            "until it is written, or clean a copy"
        )
        raise InputError(message)
    frame = table.frame
    if column not in frame.columns:
        message = f"there is no column {column!r} of groups{nearest(column, frame.columns)}"
        raise UsageError(message)
    words = [None if one is None else str(one) for one in frame[column].to_list()]
    names = sorted({one for one in words if one is not None})
    if len(names) > _MOST:
        message = (
            f"{column!r} has {len(names):,} values, and groups of people are compared up to "
            f"{_MOST}; choose a column with few values, or cut it into ranges"
        )
        raise UsageError(message)
    places = {name: place for place, name in enumerate(names)}
    codes = np.array([-1 if one is None else places[one] for one in words], dtype=np.int64)
    return Groups(
        column=column,
        codes=codes[data.ids],
        names=tuple(names),
        positive=_positive(data, positive),
    )


def _positive(data: Dataset, wanted: str | None) -> int:
    labels = [str(label) for label in data.classes]
    if wanted is None and len(labels) == 2:
        return 1
    if wanted not in labels:
        told = "which of the labels people want to get" if wanted is None else repr(wanted)
        message = f"expected one of the labels {', '.join(labels[:10])} with --positive, got {told}"
        if wanted is None:
            message = f"say {told} with --positive: {', '.join(labels[:10])}"
        raise UsageError(message)
    return labels.index(wanted)
