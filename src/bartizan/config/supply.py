"""The tables under ``[supply]``: what a person says of artefacts."""

import msgspec

from bartizan.core.record import UserInput
from bartizan.supply.bom.declared import DeclaredData, DeclaredModel, DeclaredSystem


class SupplySpec(UserInput, frozen=True, kw_only=True):
    """Artefacts: what is said of them."""

    system: DeclaredSystem = DeclaredSystem()
    """The system around the models."""
    card: dict[str, DeclaredModel] = msgspec.field(default_factory=dict)
    """What the model card says beyond numbers, by model."""
    data: dict[str, DeclaredData] = msgspec.field(default_factory=dict)
    """What is said of the data, by data set."""
