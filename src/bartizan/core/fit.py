"""Whether an attacker fits a space: nothing is said about features that are not there."""

from collections.abc import Iterable
from difflib import get_close_matches

from bartizan.core.attacker import Attacker, Reach
from bartizan.core.errors import ConfigError
from bartizan.core.space import Space


def require_known(attacker: Attacker, space: Space) -> None:
    """Refuse an attacker who says something about no feature, or about the wrong kind of one.

    Raises:
        ConfigError: names the attacker and the feature.
    """
    for name, reach in attacker.features.items():
        why = _misfit(name, reach, space=space)
        if why is not None:
            message = f"attacker {attacker.name!r}, feature {name!r}: {why}"
            raise ConfigError(message)


def _misfit(name: str, reach: Reach, *, space: Space) -> str | None:
    """Why a feature cannot be spoken of like this, or none if it can."""
    choices = {switch.name for switch in space.switches}
    for switch in space.switches:
        if name not in choices and name in {space.names[column] for column in switch.columns}:
            return f"a column of one-hot group {switch.name!r}; name the group"
    known = {*space.names, *choices}
    if name not in known:
        near = get_close_matches(name, sorted(known), n=1)
        return f"no such feature; did you mean {near[0]!r}?" if near else "no such feature"
    if reach.direction != "any" and name in choices:
        return "a direction needs a number; categories have no order"
    return None


def require_costs(attacker: Attacker, movable: Iterable[str]) -> None:
    """Refuse an attacker who pays with money, where something that can move has no cost.

    Raises:
        ConfigError: names the attacker and the feature.
    """
    if attacker.money is None:
        return
    for name in movable:
        if attacker.reach(name).cost is None:
            message = (
                f"attacker {attacker.name!r} pays with money, but mutable feature "
                f"{name!r} has no cost; set `cost` (0 = free) or `mutable = false`"
            )
            raise ConfigError(message)
