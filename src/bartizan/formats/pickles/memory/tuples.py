"""Tuples as they are kept: no more of them than anybody needs to know."""

from itertools import islice

from bartizan.formats.pickles.memory.grades import grade_of
from bartizan.formats.pickles.memory.values import (
    REST,
    TUPLE,
    Container,
    Run,
    Value,
    each,
    load,
)

_TUPLE_ITEMS = 64
"""Of a tuple; an array has no more dimensions, and nobody reads more arguments."""
_INNER_ITEMS = 16
"""Of a tuple in a tuple. Deeper ones are not kept, or nests of ten would hold billions."""
_FOLDED = frozenset((tuple, Run))
"""Types of values that may not be kept as they are in a tuple."""


def as_tuple(items: list[Value]) -> tuple[Value, ...]:
    """A tuple as it is kept: 64 items, and of tuples in it those without tuples."""
    if len(items) <= _TUPLE_ITEMS and _FOLDED.isdisjoint(map(type, items)):
        return tuple(items)
    kept = list(islice(each(items), _TUPLE_ITEMS + 1))
    if len(kept) > _TUPLE_ITEMS:
        rest = load(items) - load(kept[:_TUPLE_ITEMS])
        kept[_TUPLE_ITEMS] = Container(REST, rest, grade=grade_of(items))
    for place, item in enumerate(kept):
        if type(item) is tuple and (len(item) > _INNER_ITEMS or tuple in map(type, item)):
            kept[place] = Container(TUPLE, 1 + load(item), grade=grade_of(item))
    return tuple(kept)
