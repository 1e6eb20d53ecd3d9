"""What a workspace does with artefacts."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bartizan.core.report import Tool
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.register_verbs import RegisterVerbs
from bartizan.workspace.supply_bom import Bom, BomOrder, bill_of_materials
from bartizan.workspace.supply_provenance import Provenance, ProvenanceOrder, training_provenance
from bartizan.workspace.supply_signing import SigningVerbs


class SupplyVerbs(SigningVerbs):
    """The stage `supply` of one workspace."""

    def __init__(
        self,
        ledger: Ledger | None,
        *,
        register: RegisterVerbs | None,
        clock: Callable[[], datetime],
        tool: Tool,
    ) -> None:
        super().__init__(ledger, clock=clock)
        self._register = register
        self._tool = tool

    def bom(self, model: str | Path | None = None, **known: Any) -> Bom:
        """A bill of materials of a model; ``save("bom.cdx.json", ...)`` writes and signs it.

        Args:
            model: A path, or a name in the project file; none = the only model there.
            **known: As the fields of `BomOrder`: config, folder, to, reports, links, ...

        Raises:
            InputError: something cannot be read.
            TrustError: a report is about another model, or data is not what was registered.
        """
        order = BomOrder(model=model, **known)
        return bill_of_materials(order, tool=self._tool, register=self._register)

    def provenance(
        self, model: str | Path | None = None, *, builder: str, **known: Any
    ) -> Provenance:
        """A statement of what a model was trained from.

        Args:
            model: A path, or a name in the project file; none = the only model there.
            builder: URI of what ran the training.
            **known: As the fields of `ProvenanceOrder`: data, params, code, started, ...

        Raises:
            InputError: something cannot be read.
            TrustError: data is not what was registered.
        """
        order = ProvenanceOrder(model=model, builder=builder, **known)
        return training_provenance(order, tool=self._tool, register=self._register)
