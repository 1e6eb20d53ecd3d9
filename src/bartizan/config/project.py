"""The whole project file, checked, and what follows from it."""

from datetime import date

import msgspec

from bartizan.config.audit import AuditSpec
from bartizan.config.comply import ComplySpec
from bartizan.config.records import (
    AttackerSpec,
    DataSpec,
    FeatureSpec,
    LedgerSpec,
    ModelSpec,
    Policy,
    Project,
    RelationSpec,
    Role,
    WaiverSpec,
)
from bartizan.config.supply import SupplySpec
from bartizan.core.attacker import Attacker
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.finding import Waived
from bartizan.core.groups import AuditColumn
from bartizan.core.nearest import nearest
from bartizan.core.record import UserInput
from bartizan.core.schema import Schema
from bartizan.core.system import (
    Asset,
    ControlClaim,
    Decision,
    Element,
    Flow,
    Requirement,
    System,
    SystemSpec,
    Zone,
)
from bartizan.data.rules import Rules


class Config(UserInput, frozen=True, kw_only=True):
    """The project file ``bartizan.toml``."""

    project: Project
    model: tuple[ModelSpec, ...] = ()
    data: tuple[DataSpec, ...] = ()
    schema: dict[str, dict[str, FeatureSpec]] = msgspec.field(default_factory=dict)
    """Features by data set and name."""
    relation: tuple[RelationSpec, ...] = ()
    check: dict[str, Rules] = msgspec.field(default_factory=dict)
    """Demands beyond the schema, by data set."""
    attacker: tuple[AttackerSpec, ...] = ()
    audit: tuple[AuditSpec, ...] = ()
    """Columns of the test data whose groups are compared."""
    policy: Policy = Policy()
    waiver: tuple[WaiverSpec, ...] = ()
    ledger: LedgerSpec = LedgerSpec()
    supply: SupplySpec = SupplySpec()
    comply: ComplySpec = ComplySpec()
    system: SystemSpec | None = None
    zone: tuple[Zone, ...] = ()
    asset: tuple[Asset, ...] = ()
    element: tuple[Element, ...] = ()
    flow: tuple[Flow, ...] = ()
    control: tuple[ControlClaim, ...] = ()
    requirement: tuple[Requirement, ...] = ()
    decision: tuple[Decision, ...] = ()

    def described(self) -> System:
        """The system around the models.

        Raises:
            ConfigError: nobody described it.
        """
        if self.system is None:
            message = (
                "the project file describes no system; add [system] and [[element]] tables, or let "
                "`bartizan init --system` write a commented template"
            )
            raise ConfigError(message)
        return System(
            system=self.system,
            zones=self.zone,
            assets=self.asset,
            elements=self.element,
            flows=self.flow,
            controls=self.control,
            requirements=self.requirement,
            decisions=self.decision,
        )

    def test_data(self) -> DataSpec | None:
        """The data set that claims are made about, if one is declared.

        Raises:
            ConfigError: several are.
        """
        return self._only("test")

    def reference_data(self) -> DataSpec | None:
        """The data set that scales distances, if one is declared.

        Raises:
            ConfigError: several are.
        """
        return self._only("reference")

    def train_data(self) -> DataSpec | None:
        """The data set that the model was trained on, if one is declared.

        Raises:
            ConfigError: several are.
        """
        return self._only("train")

    def _only(self, role: Role) -> DataSpec | None:
        found = [data for data in self.data if data.role == role]
        if len(found) > 1:
            names = ", ".join(repr(data.name) for data in found)
            message = f"expected one data set of role {role!r}, got {names}; name the one to use"
            raise ConfigError(message)
        return found[0] if found else None

    def named_data(self, name: str | None) -> DataSpec:
        """The data set of that name, or the only one.

        Raises:
            ConfigError: there is none of that name; or several, and none was named.
        """
        names = [data.name for data in self.data]
        if name is None and len(names) == 1:
            return self.data[0]
        if name is None or name not in names:
            known = f"declared: {', '.join(names)}" if names else "none is declared"
            asked = "choose one with --data NAME" if name is None else f"there is no {name!r}"
            message = f"which data set of the project file? {known}; {asked}"
            raise ConfigError(message)
        return self.data[names.index(name)]

    def schema_owner(self, data_name: str) -> str | None:
        """Whose schema a data set has: its own, else the only one declared, else none."""
        if data_name in self.schema:
            return data_name
        return next(iter(self.schema)) if len(self.schema) == 1 else None

    def rules_for(self, data_name: str) -> tuple[str, ...]:
        """Relations of a data set and of the one whose schema it has, each once."""
        owners = (data_name, self.schema_owner(data_name))
        return tuple(dict.fromkeys(r.rule for r in self.relation if r.data in owners))

    def schema_for(self, data_name: str, order: tuple[str, ...] | None = None) -> Schema:
        """The declared schema of a data set.

        Args:
            data_name: A data set without a schema of its own has the only one declared, so
                that `train` need not repeat what `test` says.
            order: The table's columns without the target; none = as the file lists them.

        Raises:
            ConfigError: no schema is declared for it.
            SchemaError: the table and the declaration do not have the same columns.
        """
        owner = self.schema_owner(data_name)
        if owner is None:
            message = (
                f"the project file declares no schema for data set {data_name!r}; add "
                f"[schema.{data_name}.<feature>] tables, or let `bartizan init` write them"
            )
            raise ConfigError(message)
        specs = self.schema[owner]
        names = tuple(specs) if order is None else order
        _same_columns(names, declared=tuple(specs), where=f"[schema.{owner}]")
        features = tuple(specs[name].feature(name) for name in names)
        return Schema(features=features, relations=self.rules_for(data_name))

    def identifiers(self) -> frozenset[str]:
        """Features, or one-hot groups, that name a row in any declared schema."""
        return frozenset(
            name if spec.group is None else spec.group
            for features in self.schema.values()
            for name, spec in features.items()
            if spec.identifier and name not in self.apart()
        )

    def audited(self) -> tuple[AuditColumn, ...]:
        """Columns whose groups are compared."""
        return tuple(spec.asked() for spec in self.audit)

    def apart(self) -> tuple[str, ...]:
        """Columns that the audit needs and the model must not see."""
        return tuple(spec.column for spec in self.audit if spec.apart)

    def attackers(self) -> tuple[Attacker, ...]:
        """The declared attackers. None of them can move an identifier.

        Raises:
            ConfigError: a budget is missing or contradictory.
        """
        fixed = self.identifiers()
        return tuple(spec.attacker(fixed=fixed) for spec in self.attacker)

    def waiver_for(self, finding_id: str, today: date) -> Waived | None:
        """Who accepts this finding, if somebody does and the time has not run out."""
        for waiver in self.waiver:
            if waiver.finding == finding_id and today <= waiver.expires:
                return Waived(
                    owner=waiver.owner, reason=waiver.reason, expires=waiver.expires.isoformat()
                )
        return None

    def expired(self, today: date) -> tuple[WaiverSpec, ...]:
        """Waivers whose last day is past."""
        return tuple(waiver for waiver in self.waiver if waiver.expires < today)

    def expired_warnings(self, today: date) -> tuple[str, ...]:
        """One sentence for each waiver that is ignored because it expired."""
        return tuple(
            f"the waiver of {waiver.finding!r} by {waiver.owner} expired on "
            f"{waiver.expires.isoformat()} and is ignored; renew it or fix the finding"
            for waiver in self.expired(today)
        )


def _same_columns(names: tuple[str, ...], *, declared: tuple[str, ...], where: str) -> None:
    known, given = set(declared), set(names)
    for name in names:
        if name not in known:
            message = f"column {name!r} of the table is not declared under {where}"
            raise SchemaError(message + nearest(name, declared))
    for name in declared:
        if name not in given:
            message = f"{where} declares {name!r}, which is no column of the table"
            raise SchemaError(message + nearest(name, names))
