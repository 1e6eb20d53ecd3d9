"""Time zones that a pickle spells out for an index of pandas.

`pandas` takes a text for a time zone, and a text ``dateutil//etc/secret`` for the path of a file,
which it reads. Picklers never write such a text: the zone is an object, or lies in a type. What
they do write is one dict with the attributes of the index, so that its keys tell.
"""

from collections.abc import Mapping

from bartizan.formats.pickles.trace import Made, Name, Opaque

_MAKERS = frozenset(
    (
        Name("pandas.core.indexes.base", "_new_Index"),
        Name("pandas.core.indexes.datetimes", "_new_DatetimeIndex"),
        Name("pandas.core.indexes.interval", "_new_IntervalIndex"),
        Name("pandas.core.indexes.period", "_new_PeriodIndex"),
        Name("pandas.indexes.base", "_new_Index"),
        Name("pandas.tseries.index", "_new_DatetimeIndex"),
        Name("pandas.core.index", "_new_Index"),
    )
)
"""Functions that call the constructor of an index with what stands in a dict."""
KEYS = frozenset(
    (
        *("data", "name", "freq", "tz", "dtype", "names", "levels", "codes", "labels"),
        *("sortorder", "start", "stop", "step", "closed", "left", "right", "categories"),
        *("ordered", "verify_integrity"),
    )
)
"""What picklers of pandas 0.20 to 3.1 write into it."""
_NAMING = ("tz", "dtype")
"""Of these, what may name a zone."""
_TEXT_MAKERS = ("scalar", "str_", "str", "encode", "bytes_")
"""Last names of functions that make texts."""


def may_name_zone(callee: Name, attributes: Mapping[str, object] | None) -> bool:
    """Whether a call makes an index of pandas in a time zone that stands there as a text.

    Args:
        callee: What is called.
        attributes: The dict that it is given, by key; none = nobody can tell.

    Example:
        >>> maker = Name("pandas.core.indexes.datetimes", "_new_DatetimeIndex")
        >>> may_name_zone(maker, {"tz": "dateutil//etc/zone"}), may_name_zone(maker, {"tz": None})
        (True, False)
    """
    if callee not in _MAKERS:
        return False
    if attributes is None:
        return True
    return any(_may_be_text(attributes.get(key)) for key in _NAMING)


def _may_be_text(value: object) -> bool:
    if isinstance(value, Made):
        return value.by is None or value.by.name in _TEXT_MAKERS
    return isinstance(value, str) or value == Opaque("str")
