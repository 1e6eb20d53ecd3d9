"""The attackers that `assess` should run against each model, because of the threats it has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bartizan.core.attacker import ACCESS_ORDER, Access
from bartizan.core.system import Element
from bartizan.core.threat import ProposedAttacker, Threat
from bartizan.threat.landscape import Landscape
from bartizan.threat.rule import Rule


def proposed_attackers(
    threats: Iterable[Threat], *, rules: Iterable[Rule], landscape: Landscape
) -> tuple[ProposedAttacker, ...]:
    """One attacker for each model and each degree of access that its threats give.

    Args:
        threats: Of the system, in their order.
        rules: That they come from.
        landscape: The system.

    Returns:
        Those who see least first. A model that the project file does not name under `[[model]]`
        has none: there is nothing to run them against.
    """
    why = {one.id: one.proposes.why for one in rules if one.proposes}
    found: dict[tuple[str, Access], list[Threat]] = defaultdict(list)
    for threat in threats:
        if threat.access is not None:
            for model in _models(landscape.elements[threat.element], landscape):
                found[model, threat.access].append(threat)
    order = sorted(found, key=lambda key: (key[0], ACCESS_ORDER.index(key[1])))
    return tuple(
        ProposedAttacker(
            model=model,
            name=_NAMES[access],
            access=access,
            threats=tuple(one.id for one in found[model, access]),
            why=tuple(dict.fromkeys(why[one.rule] for one in found[model, access])),
        )
        for model, access in order
    )


_NAMES: Mapping[Access, str] = {
    "labels": "who-sees-decisions",
    "scores": "who-sees-scores",
    "gradients": "who-knows-the-kind-of-model",
    "structure": "who-holds-the-model",
}
"""Names by what they see: findings carry them, so they stay when threats come and go."""


def _models(element: Element, landscape: Landscape) -> tuple[str, ...]:
    """Names of the models that a threat at an element is about."""
    near = (element, *landscape.sources(element), *landscape.downstream(element))
    named = [one.model for one in near if one.kind == "model" and one.model]
    return (element.model,) if element.model else tuple(dict.fromkeys(named))
