"""The tables under ``[supply]``: what a person says of artefacts, and which of them come in."""

import msgspec

from bartizan.core.record import UserInput
from bartizan.supply.admission.terms import Terms
from bartizan.supply.bom.declared import DeclaredData, DeclaredModel, DeclaredSystem
from bartizan.supply.signing.trust import TrustPolicy


class SupplySpec(UserInput, frozen=True, kw_only=True):
    """Artefacts: what is said of them, and which come in."""

    system: DeclaredSystem = DeclaredSystem()
    """The system around the models."""
    card: dict[str, DeclaredModel] = msgspec.field(default_factory=dict)
    """What the model card says beyond numbers, by model."""
    data: dict[str, DeclaredData] = msgspec.field(default_factory=dict)
    """What is said of the data, by data set."""
    trust: TrustPolicy = TrustPolicy()
    """Who may sign models."""
    admit: Terms = Terms()
    """What a model must fulfil beside that before it may be served."""
