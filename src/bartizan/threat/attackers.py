"""The attackers that `assess` should run against each model, because of the threats it has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bartizan.core.attacker import ACCESS_ORDER, Access
from bartizan.core.threat import ProposedAttacker, Threat
from bartizan.threat.landscape import Landscape
from bartizan.threat.rule import Rule
from bartizan.threat.subjects import models_of


def proposed_attackers(
    threats: Iterable[Threat], *, rules: Iterable[Rule], landscape: Landscape
) -> tuple[ProposedAttacker, ...]:
    """One attacker for each degree of access that threats give to some model.

    Args:
        threats: Of the system, in their order.
        rules: That they come from.
        landscape: The system.

    Returns:
        Those who see least first. Models that the project file does not name under `[[model]]` have
        none: there is nothing to run them against. Nor have threats that somebody dismissed.
    """
    why = {one.id: one.proposes.why for one in rules if one.proposes}
    found: dict[Access, dict[str, Threat]] = defaultdict(dict)
    models: dict[Access, set[str]] = defaultdict(set)
    for threat in threats:
        behind = models_of(landscape.elements[threat.element], landscape=landscape)
        if threat.access is not None and threat.standing != "dismissed" and behind:
            found[threat.access][threat.id] = threat
            models[threat.access].update(behind)
    return tuple(
        ProposedAttacker(
            models=tuple(sorted(models[access])),
            name=_NAMES[access],
            access=access,
            threats=tuple(found[access]),
            why=tuple(dict.fromkeys(why[one.rule] for one in found[access].values())),
        )
        for access in ACCESS_ORDER
        if access in found
    )


_NAMES: Mapping[Access, str] = {
    "labels": "who-sees-decisions",
    "scores": "who-sees-scores",
    "gradients": "who-knows-the-kind-of-model",
    "structure": "who-holds-the-model",
}
"""Names by what they see: findings carry them, so they stay when threats come and go."""
