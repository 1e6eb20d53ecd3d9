"""What an artefact must fulfil before it may be served, as a person writes it down."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from bartizan.core.record import UserInput

Days = Annotated[float, Meta(gt=0, le=3650)]
Profile: TypeAlias = Literal["quick", "standard", "thorough"]
PROFILES: tuple[Profile, ...] = ("quick", "standard", "thorough")
"""From the least work to the most, as `assess` has them, which this stage does not see."""
Source: TypeAlias = Literal["declared", "any"]


class Terms(UserInput, frozen=True, kw_only=True):
    """What is demanded beside a signature and a clean scan."""

    formats: tuple[str, ...] = (
        "skops",
        "onnx",
        "xgboost-json",
        "xgboost-ubj",
        "lightgbm",
        "safetensors",
    )
    """Formats that may be served. None of these holds code; a pickle is no more than a list of
    names away from it, so whoever wants to serve one says so."""
    evidence: Source = "declared"
    """`declared`: only findings count that were made against the attackers and on the data that
    the project declares; `any`: whoever attacked with whatever budget, on whatever rows."""
    profile: Profile | None = None
    """How much must have been tried, at least; none = as much as `[project]` says."""
    evidence_age_days: Days = 90.0
    """Since the model was assessed, at most. Attacks get better, and data drift."""
    require: tuple[str, ...] = ("utility.balanced-accuracy", "evasion")
    """Entries of the catalogue of which findings about this very artefact must be there, or
    families of them, of which a run of all must be; of attacks, against every declared attacker."""
