"""Which models and data sets findings about an element would be about."""

from bartizan.core.system import Element
from bartizan.threat.landscape import Landscape


def subjects_of(element: Element, *, landscape: Landscape) -> tuple[str, ...]:
    """Names of the models and data sets that findings about an element would be about.

    Its own; where it has none, those of what it is joined with, directly or over several flows:
    what is asked of an API is asked of the models behind it.
    """
    own = _named(element, landscape)
    if own:
        return own
    beyond = (*landscape.sources(element), *landscape.downstream(element))
    found = (name for one in beyond for name in _named(one, landscape))
    return tuple(dict.fromkeys(found))


def _named(element: Element, landscape: Landscape) -> tuple[str, ...]:
    data = (landscape.assets[name].data for name in element.holds)
    return tuple(name for name in (element.model, *data) if name)
