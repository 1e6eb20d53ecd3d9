"""Which models and data sets findings about an element would be about."""

from collections.abc import Iterator

from bartizan.core.known import Item
from bartizan.core.system import Element
from bartizan.threat.landscape import Landscape


def subjects_of(element: Element, *, landscape: Landscape) -> tuple[Item, ...]:
    """The models and data sets that findings about an element would be about.

    Its own; where it has none, those of what is near: what is asked of an API is asked of the
    models behind it.
    """
    own = tuple(_named(element, landscape))
    if own:
        return own
    found = (item for one in _near(element, landscape) for item in _named(one, landscape))
    return tuple(dict.fromkeys(found))


def models_of(element: Element, *, landscape: Landscape) -> tuple[str, ...]:
    """Names of the models that somebody reaches at an element: its own, else those near it."""
    if element.model:
        return (element.model,)
    return tuple(dict.fromkeys(one.model for one in _near(element, landscape) if one.model))


def _near(element: Element, landscape: Landscape) -> Iterator[Element]:
    """What flows into an element directly, and what it reaches, up to the first models.

    Beyond a model are its decisions: that others are trained on them makes nobody ask those others.
    """
    yield from landscape.sources(element)
    yield from landscape.downstream(element, until=lambda one: bool(one.model))


def _named(element: Element, landscape: Landscape) -> Iterator[Item]:
    if element.model:
        yield Item("model", element.model)
    for name in element.holds:
        if data := landscape.assets[name].data:
            yield Item("data", data)
