"""Small systems to ask."""

from itertools import pairwise

from bartizan.core.system import Asset, Element, Flow, System, SystemSpec, Zone
from bartizan.threat.landscape import Landscape, surveyed

ZONES = (
    Zone(id="outside", trust="untrusted"),
    Zone(id="partners", trust="partner"),
    Zone(id="inside", trust="restricted"),
)


def system(
    *elements: Element, flows: tuple[Flow, ...] = (), assets: tuple[Asset, ...] = ()
) -> System:
    """A system of these elements, in three zones."""
    return System(
        system=SystemSpec(name="small"), zones=ZONES, elements=elements, flows=flows, assets=assets
    )


def landscape(
    *elements: Element, flows: tuple[Flow, ...] = (), assets: tuple[Asset, ...] = ()
) -> Landscape:
    """The same, surveyed."""
    return surveyed(system(*elements, flows=flows, assets=assets))


def line(*names: str, carries: tuple[str, ...] = ()) -> tuple[Flow, ...]:
    """Flows from each to the next."""
    return tuple(Flow(source=a, target=b, carries=carries) for a, b in pairwise(names))


ATTACKER = Element(id="somebody", kind="actor", zone="outside", gains=True)
API = Element(id="api", kind="api", zone="inside")
MODEL = Element(id="model", kind="model", zone="inside")
