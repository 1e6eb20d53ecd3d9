"""What an artefact must fulfil before it may be served, as a person writes it down."""

from typing import Annotated

from msgspec import Meta

from bartizan.core.record import UserInput

Days = Annotated[float, Meta(gt=0, le=3650)]


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
    evidence_age_days: Days = 90.0
    """Since the model was assessed, at most. Attacks get better, and data drift."""
    require: tuple[str, ...] = ("utility.balanced-accuracy", "evasion")
    """Entries of the catalogue, or families of them, of which findings about this very artefact
    must be there."""
