"""What foreign code says of a failure may quote a row: personal values in it are hidden."""

import re

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature

REDACTED = "(personal)"
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:_\d+)*(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?")
"""Days and times of day, as they are commonly written; the data hold them as numbers."""
_DIGITS = 4
"""Digits from which on a number can tell somebody: a year of birth has four. With fewer, places of
rows and columns would be taken for it."""
_SAME = 1e-6
"""Largest relative error of a number that was printed in single precision."""


def discreet(text: str, *known: Dataset | None) -> str:
    """A text without the values of personal columns.

    Args:
        text: What somebody else's code said, such as the message of an error.
        known: Data whose rows it may be about.
    """
    for data in known:
        for place, feature in enumerate(() if data is None else data.schema.features):
            if feature.personal and data is not None:
                text = _without(text, feature, data.x[:, place])
    return text


def _without(text: str, feature: Feature, values: Array) -> str:
    """A text without the values of one column."""
    for word in sorted(feature.categories, key=len, reverse=True):
        if word and word in text:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", REDACTED, text)
    if feature.categories:
        return text

    def shown(found: re.Match[str]) -> str:
        word = found.group()
        told = sum(sign.isdigit() for sign in word) >= _DIGITS
        near = told and np.isclose(values, float(word), rtol=_SAME, atol=0.0).any()
        return REDACTED if near else word

    return _NUMBER.sub(shown, _MOMENT.sub(REDACTED, text))
