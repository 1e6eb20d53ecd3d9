"""Matches the classes a model knows with those in the data."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from bartizan.adapt.names import listed, nearest
from bartizan.core.arrays import Ints
from bartizan.core.errors import SchemaError
from bartizan.core.schema import Label

Naming: TypeAlias = Literal["names", "numbers", "places"]
"""How a model knows its classes: by name; as 0, 1, ... which may be the data's own numbers
(XGBoost); or not at all, only in some order (scores without labels)."""
_TRUTHS = {"false": "0", "true": "1"}


def keys(label: object) -> tuple[str, ...]:
    """The texts under which a label is looked up, most literal first.

    Example:
        >>> keys(True), keys(1.0), keys(" a")
        (('True', '1'), ('1.0', '1'), (' a', 'a'))
    """
    text = str(label)
    loose = text.strip()
    loose = _TRUTHS.get(loose.lower(), loose)
    try:
        if float(loose).is_integer():
            loose = str(int(float(loose)))
    except (ValueError, OverflowError):
        pass
    return (text, loose) if loose != text else (text,)


def match_classes(
    labels: tuple[Label, ...], *, data: tuple[Label, ...], naming: Naming
) -> tuple[tuple[Label, ...], Ints]:
    """Put the model's columns into the data's order.

    Args:
        labels: The model's classes, in the order of its columns.
        data: The data's classes.
        naming: How the model knows its classes. Numbers are matched by number where the data's
            classes are such; they and places in order where the counts agree. Places are
            counted from 0 where the data has fewer classes, and all of them are such numbers:
            a hundred pictures for a network of a thousand classes hold few of these.

    Returns:
        The data's classes followed by those that only the model has, and for each the model's
        column.

    Raises:
        SchemaError: the data has a class that the model does not, or counts differ.
    """
    for spell in () if naming == "places" else (_literal, _loose):
        columns = _matched(labels, data=data, spell=spell)
        if columns is not None:
            rest = [place for place in range(len(labels)) if place not in columns]
            order = np.array([*columns, *rest], dtype=np.int64)
            return (*data, *(labels[place] for place in rest)), order
    if naming != "names" and len(labels) == len(data):
        return data, np.arange(len(data))
    if naming == "places" and _are_places(data, k=len(labels)):
        rest = [place for place in range(len(labels)) if place not in set(data)]
        return (*data, *rest), np.array([*map(int, data), *rest], dtype=np.int64)
    if naming != "names":
        message = (
            f"the model scores {len(labels)} classes without names, the data has {len(data)}: "
            f"{listed(data)}; name the model's classes in order with classes=..."
        )
        raise SchemaError(message)
    known = {key for label in labels for key in keys(label)}
    lost = next((label for label in data if not known & set(keys(label))), data[0])
    hint = nearest(str(lost), [str(label) for label in labels])
    message = (
        f"the data has class {lost!r}, which the model does not know{hint}; if the model was "
        "trained on codes, name its classes in order with classes=..."
    )
    raise SchemaError(message)


def _are_places(data: tuple[Label, ...], *, k: int) -> bool:
    """Whether classes are fewer whole numbers (no texts, no truths) from 0 to k - 1.

    Of two classes the model was made for two: more columns are a mistake.
    """
    whole = all(isinstance(label, int) and not isinstance(label, bool) for label in data)
    return whole and 2 < len(data) < k and all(0 <= int(label) < k for label in data)


def _literal(label: Label) -> str:
    return keys(label)[0]


def _loose(label: Label) -> str:
    return keys(label)[-1]


def _matched(
    labels: tuple[Label, ...], *, data: tuple[Label, ...], spell: Callable[[Label], str]
) -> list[int] | None:
    """The model's column of each class of the data; none if one is lost or two fall together."""
    known = {spell(label): place for place, label in enumerate(labels)}
    columns = [known.get(spell(label), -1) for label in data]
    if len(known) < len(labels) or -1 in columns or len(set(columns)) < len(columns):
        return None
    return columns
