"""How much work an assessment does."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from bartizan.core.errors import ConfigError


@dataclass(frozen=True)
class Profile:
    """One row of the table in docs/profiles.md."""

    name: str
    rows: int
    """Rows attacked at most, per attack and attacker."""
    queries: int
    """Questions to the model per row and attack, unless the attacker says otherwise."""
    stolen: int
    """Questions that a thief of the model may ask in all."""
    shadows: int
    """Models trained anew to tell members of the training data from others."""
    purpose: str
    seeds: int = 5
    """Times that each poisoning of the training data is repeated."""
    curve: bool = True
    """Whether poisonings are tried at other rates than the one that decides."""

    def settings(self, params: Any) -> Any:
        """Settings of a check, a frozen dataclass, as this profile has them.

        Args:
            params: The entry's own; only those of `_SETTINGS` depend on the profile.
        """
        named = {one.name for one in dataclasses.fields(params)}
        mine = {name: getattr(self, name) for name in _SETTINGS if name in named}
        return dataclasses.replace(params, **mine) if mine else params


_SETTINGS = ("shadows", "seeds", "curve")
"""What checks are told by the profile."""


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("quick", 100, 1_000, 1_000, 8, "a first look, or every commit", 3, curve=False),
        Profile("standard", 640, 5_000, 5_000, 16, "before a release", 5),
        Profile("thorough", 2_000, 25_000, 20_000, 32, "an audit, or a model that matters", 10),
    )
}
"""640 rows leave room for 500 of the rarest class, see `assess/rows.py`."""


def profile_named(name: str) -> Profile:
    """The profile of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in PROFILES:
        message = f"unknown profile {name!r}; known: {', '.join(PROFILES)}"
        raise ConfigError(message)
    return PROFILES[name]
