"""Whether the sections of a project file agree: names known, nothing contradictory."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from bartizan.config.comply_agreement import agree_comply
from bartizan.config.position import Path
from bartizan.config.project import Config
from bartizan.config.records import AttackerSpec, FeatureSpec, ReachSpec
from bartizan.config.source import Source, dotted
from bartizan.config.system_agreement import agree_system
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.nearest import nearest
from bartizan.core.relation import parse


def agree(config: Config, *, source: Source) -> None:
    """Refuse the first contradiction.

    Args:
        config: Of the right types already.
        source: The text it came from, for the message.

    Raises:
        ConfigError: names the line, the key and what to do.
    """
    _unique(config, source=source)
    _models(config, source=source)
    _schemas(config, source=source)
    _relations(config, source=source)
    _attackers(config, source=source)
    _audits(config, source=source)
    _checks(config, source=source)
    _supply(config, source=source)
    agree_system(config, source=source)
    agree_comply(config, source=source)
    if config.ledger.max_age_h is not None and config.ledger.policy is None:
        why = "only witnesses can say when they saw the log; name their policy file under `policy`"
        source.refuse(("ledger", "max_age_h"), why)


def _unique(config: Config, *, source: Source) -> None:
    """No two things of one name."""
    named = {
        "model": ("name", [model.name for model in config.model]),
        "data": ("name", [data.name for data in config.data]),
        "attacker": ("name", [attacker.name for attacker in config.attacker]),
        "audit": ("column", [audit.column for audit in config.audit]),
        "waiver": ("finding", [waiver.finding for waiver in config.waiver]),
        "zone": ("id", [zone.id for zone in config.zone]),
        "asset": ("id", [asset.id for asset in config.asset]),
        "element": ("id", [element.id for element in config.element]),
        "requirement": ("id", [need.id for need in config.requirement]),
        "decision": ("threat", [decision.threat for decision in config.decision]),
    }
    for section, (key, names) in named.items():
        for position, name in enumerate(names):
            first = names.index(name)
            if first != position:
                why = f"{name!r} is taken by {section}[{first}]; each must be unique"
                source.refuse((section, position, key), why)


def _models(config: Config, *, source: Source) -> None:
    """Settings that only some models have."""
    for place, model in enumerate(config.model):
        if model.endpoint is not None and "://" not in model.path:
            why = "only a model with an address (https://...) as its path is asked like this"
            source.refuse(("model", place, "endpoint"), why)
        if model.weights is not None and ("://" in model.path or ":" not in model.path):
            why = "weights belong to a torch module that `path` makes as module:factory"
            source.refuse(("model", place, "weights"), why)
        if model.recipe is not None and ":" not in model.recipe:
            why = f"expected module:function, got {model.recipe!r}"
            source.refuse(("model", place, "recipe"), why)


def _schemas(config: Config, *, source: Source) -> None:
    targets = {data.name: data.target for data in config.data}
    for owner, features in config.schema.items():
        if owner not in targets:
            source.refuse(("schema", owner), "no such data set" + nearest(owner, targets))
        if targets[owner] in features:
            why = f"the target of data set {owner!r} is no feature; remove this table"
            source.refuse(("schema", owner, targets[owner]), why)
        for name, spec in features.items():
            _feature(spec, name=name, path=("schema", owner, name), source=source)
        _groups(features, path=("schema", owner), source=source)


def _feature(spec: FeatureSpec, *, name: str, path: Path, source: Source) -> None:
    coded = spec.type in ("ordered", "categorical")
    if not coded and spec.categories:
        why = f"a feature of type {spec.type!r} has no categories; remove them or change the type"
        source.refuse((*path, "categories"), why)
    if coded and (spec.min is not None or spec.max is not None):
        key = "max" if spec.min is None else "min"
        why = f"a feature of type {spec.type!r} has categories, not limits; remove it"
        source.refuse((*path, key), why)
    key = "categories" if coded else "min"
    _or_refuse(partial(spec.feature, name), path=(*path, key), source=source)


def _groups(features: dict[str, FeatureSpec], *, path: Path, source: Source) -> None:
    sizes = Counter(spec.group for spec in features.values() if spec.group is not None)
    for name, spec in features.items():
        place = (*path, name, "group")
        if spec.group is None:
            continue
        if spec.group in features:
            why = f"a group cannot have the name of a column, {spec.group!r}; rename it"
            source.refuse(place, why)
        if sizes[spec.group] == 1:
            why = f"group {spec.group!r} has one column; a one-hot group has two or more"
            source.refuse(place, why + nearest(spec.group, sorted(set(sizes) - {spec.group})))


def _relations(config: Config, *, source: Source) -> None:
    known = [data.name for data in config.data]
    for position, relation in enumerate(config.relation):
        path = ("relation", position)
        if relation.data not in known:
            why = f"no data set {relation.data!r}" + nearest(relation.data, known)
            source.refuse((*path, "data"), why)
        owner = config.schema_owner(relation.data)
        if owner is not None:
            judge = partial(parse, relation.rule, names=tuple(config.schema[owner]))
            _or_refuse(judge, path=(*path, "rule"), source=source)


def _audits(config: Config, *, source: Source) -> None:
    """Groups are of columns that the test data may have, and that no attacker moves if unseen."""
    targets = [data.target for data in config.data if data.role == "test"]
    for place, audit in enumerate(config.audit):
        path = ("audit", place)
        if audit.column in targets:
            why = "this is the target, which the audit judges by; name a column of groups"
            source.refuse((*path, "column"), why)
        _or_refuse(audit.asked, path=(*path, "bands"), source=source)
        for number, attacker in enumerate(config.attacker):
            if audit.apart and audit.column in attacker.feature:
                table = dotted(("attacker", "feature", audit.column))
                why = (
                    "an audited column that is apart is no feature, so nobody moves it; delete "
                    f"this table, [{table}], with its lines"
                )
                source.refuse(("attacker", number, "feature", audit.column), why)


def _checks(config: Config, *, source: Source) -> None:
    """Demands are made of data sets and columns that there are."""
    targets = {data.name: data.target for data in config.data}
    for name, rules in config.check.items():
        if name not in targets:
            source.refuse(("check", name), "no such data set" + nearest(name, targets))
        if rules.recipe is not None and ":" not in rules.recipe:
            why = f"expected module:function, got {rules.recipe!r}"
            source.refuse(("check", name, "recipe"), why)
        owner = config.schema_owner(name)
        if owner is None:
            continue
        known = [*config.schema[owner], targets[name]]
        demands: list[tuple[str, str | None]] = [
            ("unique", column) for key in rules.unique for column in key
        ]
        if owner == name:  # training data may say more of a row than the data whose schema it has
            demands += [("time", rules.time), ("source", rules.source)]
        for key, column in demands:
            if column is not None and column not in known:
                why = f"no column {column!r} in the schema" + nearest(column, known)
                source.refuse(("check", name, key), why)


def _supply(config: Config, *, source: Source) -> None:
    """Cards are of models and data sets that there are."""
    models, data = [one.name for one in config.model], [one.name for one in config.data]
    for table, what, said, known in (
        ("card", "model", config.supply.card, models),
        ("data", "data set", config.supply.data, data),
    ):
        for name in said:
            if name not in known:
                source.refuse(("supply", table, name), f"no such {what}" + nearest(name, known))


def _attackers(config: Config, *, source: Source) -> None:
    known = _movable(config)
    for position, spec in enumerate(config.attacker):
        path = ("attacker", position)
        _goal(spec, config=config, path=path, source=source)
        for name, reach in spec.feature.items():
            place = (*path, "feature", name)
            key = "direction" if reach.cost is None else "cost"
            _or_refuse(reach.reach, path=(*place, key), source=source)
            if known:
                _reach(reach, known=known, path=place, source=source)
        said = [key for key in ("eps", "norm", "money") if getattr(spec, key) is not None]
        _or_refuse(spec.attacker, path=(*path, *said[:1]), source=source)


def _movable(config: Config) -> dict[str, FeatureSpec | None]:
    """Every feature and one-hot group of any schema; a group has no facts of its own."""
    known: dict[str, FeatureSpec | None] = {}
    for features in config.schema.values():
        known |= features
        known |= {spec.group: None for spec in features.values() if spec.group is not None}
    return known


def _goal(spec: AttackerSpec, *, config: Config, path: Path, source: Source) -> None:
    """The classes an attacker names are classes of a model."""
    goal, protected = str(spec.goal), [str(label) for label in spec.protected]
    if protected == [goal]:
        why = f"rows of class {goal!r} are the only ones protected, and have that class already"
        source.refuse((*path, "goal"), why + "; name another goal")
    if not config.model or any(model.classes is None for model in config.model):
        return
    known = {str(label) for model in config.model for label in model.classes or ()}
    if goal != "any" and goal not in known:
        why = f"expected 'any' or a class of the model, got {goal!r}"
        source.refuse((*path, "goal"), why + nearest(goal, sorted(known)))
    for position, label in enumerate(protected):
        if label not in known:
            why = f"no model has a class {label!r}" + nearest(label, sorted(known))
            source.refuse((*path, "protected", position), why)


def _reach(
    reach: ReachSpec, *, known: dict[str, FeatureSpec | None], path: Path, source: Source
) -> None:
    """What an attacker does to a feature is possible for a feature of its type."""
    name = str(path[-1])
    if name not in known:
        source.refuse(path, "no such feature in the schema" + nearest(name, known))
    spec = known[name]
    if spec is not None and spec.group is not None:
        why = f"is a column of the one-hot group {spec.group!r}, which moves as a whole"
        source.refuse(path, f"{why}; name the group instead")
    if reach.direction != "any" and (spec is None or spec.type == "categorical"):
        why = "a direction needs a number or an ordered feature; categories have no order"
        source.refuse((*path, "direction"), why)
    if spec is not None and spec.identifier:
        for key in ("mutable", "direction", "cost"):
            if reach.mutable and (*path, key) in source.lines:
                why = "the schema says that this is an identifier, which no attacker moves"
                source.refuse((*path, key), f"{why}; remove one of the two")


def _or_refuse(make: Callable[[], Any], *, path: Path, source: Source) -> None:
    """Let the core judge; tell its answer with the place in the file."""
    try:
        make()
    except (ConfigError, SchemaError) as error:
        source.refuse(path, str(error), cause=error)
