"""Which attributes matter for which kind of element, as the rules ask for them."""

from collections.abc import Iterable, Iterator
from functools import cache

from bartizan.core.system import ATTRIBUTES, ElementKind
from bartizan.threat.condition import Condition
from bartizan.threat.reading import packaged


@cache
def relevant(kind: ElementKind) -> tuple[str, ...]:
    """Attributes that some rule asks of such an element, in the order of `Element`.

    Rules that look at its neighbours ask those for themselves.

    Example:
        >>> relevant("third-party")
        ('gains', 'provenance')
    """
    asked = {
        name
        for rule in packaged()
        for condition in (rule.when, *(one.when for one in rule.adjust))
        for name, kinds in _asked(condition, kinds=rule.applies_to)
        if kind in kinds
    }
    return tuple(name for name in ATTRIBUTES if name in asked)


def _asked(
    condition: Condition, *, kinds: tuple[ElementKind, ...]
) -> Iterator[tuple[str, tuple[ElementKind, ...]]]:
    """Attributes with the kinds of elements that they are asked of, as far as that is said."""
    if condition.attribute:
        yield condition.attribute, kinds
    for one in (*condition.all, *condition.any, *condition.none):
        yield from _asked(one, kinds=_narrowed((*condition.all, *condition.any), kinds))
    for other in (condition.fed_by, condition.feeds, condition.gets_from, condition.sends_to):
        if other is not None:
            yield from _asked(other, kinds=_narrowed((other, *other.all), ()))


def _narrowed(
    conditions: Iterable[Condition], kinds: tuple[ElementKind, ...]
) -> tuple[ElementKind, ...]:
    """The kinds that one of these conditions asks for, else those of before."""
    return next((one.kind for one in conditions if one.kind), kinds)
