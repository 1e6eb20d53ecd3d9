from dataclasses import dataclass

import pytest

from bartizan.assess import membership
from bartizan.assess.profile import PROFILES, profile_named
from bartizan.core.errors import ConfigError
from contract.sources import ROOT


@dataclass(frozen=True)
class Plain:
    """Settings that no profile changes."""

    rows: int = 3


@pytest.mark.parametrize(("name", "shadows"), [("quick", 8), ("standard", 16), ("thorough", 32)])
def test_a_profile_says_how_many_shadow_models_are_trained(name: str, shadows: int) -> None:
    profile = profile_named(name)
    assert profile.settings(membership.Params(rows=77)) == membership.Params(
        shadows=shadows, rows=77
    )
    assert profile.settings(Plain()) == Plain()


def test_the_table_of_profiles_says_what_the_code_does() -> None:
    page = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    for one in PROFILES.values():
        numbers = (one.rows, one.queries, -(-one.rows // 256), one.stolen, one.shadows)
        cells = " | ".join(f"{number:,}" for number in numbers)
        shares = "three" if one.curve else "the deciding one"
        assert f"| `{one.name}` | {cells} | {one.seeds}, {shares} |" in page


def test_an_unknown_profile_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match="known: quick, standard, thorough"):
        profile_named("slow")
