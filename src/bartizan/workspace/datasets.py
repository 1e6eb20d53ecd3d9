"""A data set and what is known of it, put together and ready to be checked."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import structs

from bartizan.adapt.batches.arrays import AnyBatches, array_batches
from bartizan.adapt.batches.images import ImageBatches
from bartizan.adapt.batches.reading import Batches, open_batches
from bartizan.adapt.tables.reading import stem
from bartizan.config import Config, DataSpec
from bartizan.core.errors import SchemaError, UsageError
from bartizan.core.finding import Severity, Waived
from bartizan.core.schema import Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.profile import DataProfile
from bartizan.data.profiling import Profiler
from bartizan.data.rules import Rules
from bartizan.data.seen_categories import SeenCategories

_STRANGE = re.compile(r"[@#*\x00-\x1f\x7f]")
"""As the project file has it: these have a meaning in ids and patterns, or none anywhere."""
_ARRAYS = {".npz", ".npy", ".idx"}
"""Left out of the name of pictures, as `stem` leaves out those of tables."""


@dataclass(frozen=True, kw_only=True)
class DataInputs:
    """What a check of data is about."""

    batches: AnyBatches
    brief: Brief
    thresholds: Mapping[str, float] = field(default_factory=dict)
    fail_on: Severity = "high"
    waive: Callable[[str], Waived | None] = lambda _: None
    warnings: tuple[str, ...] = ()
    compared: str = ""
    """Name of the registered data set to compare with; empty = the last version of this one."""
    inferred_from: str = ""
    """Name of the data that shows what the columns are, where nobody declared them; empty = this
    data itself."""


def dataset_inputs(  # noqa: PLR0913 - one for each thing that can be known, all by name
    data: Any,
    *,
    now: datetime,
    target: str | None = None,
    name: str | None = None,
    reference: Any = None,
    against: Sequence[Any] = (),
    schema: Schema | None = None,
    rules: Rules | None = None,
    header: bool = True,
    seed: int = 0,
    folder: Path = Path(),
) -> DataInputs:
    """Put a data set together with what it is compared with.

    Args:
        data: A path of a table, of a folder of pictures or of arrays of pictures (.npz, .npy,
            IDX); a frame of polars, pandas or pyarrow; or a pair (X, y) of arrays.
        now: With a time zone.
        target: The column of labels, if there is one.
        name: What to call it; the file's name unless said.
        reference: Data that is known to be good: drift and missing values are measured
            against it, and it says what the columns are where nobody declared it. A text that
            is no file is the name of a registered data set.
        against: Data sets that must share no row with this one.
        schema: What the columns are; none = inferred from the reference, else from the data.
        rules: What is demanded beyond the schema.
        header: Whether a text table's first line names the columns.
        seed: Of the reference's sample.
        folder: What the file of canaries is relative to.

    Raises:
        InputError: something cannot be read.
    """
    rules = rules or Rules()
    name = _called(data, name=name)
    known, compared = None, ""
    if isinstance(reference, str) and not Path(reference).exists():
        compared = reference
    elif reference is not None:
        known = open_batches(reference, schema=schema, target=target, has_header=header)
    profile, wanted = None, schema
    if known is not None:
        profile, wanted = looked_at(known, rules=rules, seed=seed)
    batches: AnyBatches
    arrays = array_batches(data, target=target, name=name, has_header=header)
    if isinstance(data, str | PathLike) and Path(data).is_dir():
        batches = ImageBatches(Path(data))
    elif arrays is not None:
        batches = arrays
    else:
        batches = open_batches(data, schema=wanted, target=target, name=name, has_header=header)
    others = [
        open_batches(one, schema=batches.schema, target=target, has_header=header)
        for one in against
    ]
    brief = Brief(
        name=name or batches.name,
        schema=batches.schema,
        assumed=schema is None and batches.assumed | (known is not None),
        target=batches.target,
        rules=rules,
        profile=profile,
        others=_by_name(others),
        canaries=None
        if rules.canaries is None
        else _canaries(folder / rules.canaries, batches, has_header=header),
        now=now,
    )
    return DataInputs(
        batches=batches,
        brief=brief,
        compared=compared,
        inferred_from="" if known is None else known.name,
    )


def declared_dataset(
    config: Config,
    folder: Path,
    *,
    now: datetime,
    name: str | None = None,
    path: Path | None = None,
) -> DataInputs:
    """Put together what the project file says of one of its data sets.

    Args:
        config: The project file.
        folder: Where it lies; its paths are relative to it.
        now: With a time zone; decides which waivers have expired.
        name: Which data set, where several are declared.
        path: Read instead of the declared file.

    Raises:
        ConfigError: there is no such data set.
        InputError: it cannot be read.
    """
    spec = config.named_data(name)
    place = path or folder / spec.path
    others = [folder / one.path for one in config.data if _apart(spec, one)]
    reference = config.reference_data()
    inputs = dataset_inputs(
        place,
        now=now,
        target=spec.target,
        name=spec.name,
        reference=None if reference in (None, spec) else folder / reference.path,
        against=others,
        schema=_declared_schema(config, spec),
        rules=config.check.get(spec.name),
        header=spec.header,
        seed=config.project.seed,
        folder=folder,
    )
    today = now.date()
    return replace(
        inputs,
        thresholds=config.policy.threshold,
        fail_on=config.policy.fail_on,
        waive=lambda finding: config.waiver_for(finding, today),
        warnings=(*inputs.warnings, *config.expired_warnings(today)),
    )


def _apart(spec: DataSpec, other: DataSpec) -> bool:
    """Whether two data sets must share no row: what a model learns from, and what tests it."""
    return {spec.role, other.role} == {"train", "test"}


def _declared_schema(config: Config, spec: DataSpec) -> Schema | None:
    """The declared columns; none if nobody declared them. A check says where the file differs."""
    return None if config.schema_owner(spec.name) is None else config.schema_for(spec.name)


def keyed(inputs: DataInputs) -> DataInputs:
    """The same inputs; a column that alone is a key names rows, where nobody declared columns.

    Rows that differ in their key alone are alike; and new keys are no drift.
    """
    brief = inputs.brief
    keys = {names[0] for names in brief.rules.unique if len(names) == 1}
    if not brief.assumed or keys.isdisjoint(brief.schema.names):
        return inputs
    features = tuple(
        structs.replace(one, identifier=True) if one.name in keys else one
        for one in brief.schema.features
    )
    schema = structs.replace(brief.schema, features=features)
    return replace(inputs, brief=replace(brief, schema=schema))


def looked_at(known: Batches, *, rules: Rules, seed: int) -> tuple[DataProfile, Schema]:
    """What a data set looks like, and its columns with every category that occurs.

    Args:
        known: The data set; read once.
        rules: Name the column of sources, if there is one.
        seed: Of the sample.
    """
    seen = SeenCategories(known.schema) if known.assumed else None
    profiler = Profiler(
        known.schema, target=known.target, rules=rules, rng=rng(seed, "profile", known.name)
    )
    for batch in known:
        profiler.see(batch)
        if seen is not None:
            seen.see(batch)
    return profiler.profile(), known.schema if seen is None else seen.schema()


def _called(data: Any, *, name: str | None) -> str | None:
    """A name that can stand in the id of a finding, ``entry@name#attacker``; none = a frame's.

    Raises:
        UsageError: the one that was given cannot.
    """
    if name and _STRANGE.search(name):
        message = (
            f"a data set cannot be called {name!r}; expected a name without @, # and * and without "
            "control characters"
        )
        raise UsageError(message)
    if name or not isinstance(data, str | PathLike):
        return name or None
    path = Path(data)
    while path.suffix.lower() in _ARRAYS and path.stem:
        path = path.with_suffix("")
    return _STRANGE.sub("_", stem(path)) or None


def _by_name(others: Sequence[Batches]) -> dict[str, Batches]:
    """Each under a name of its own: files of two folders may be called the same."""
    made: dict[str, Batches] = {}
    for one in others:
        name, more = one.name, 1
        while name in made:
            more += 1
            name = f"{one.name} ({more})"
        made[name] = one
    return made


def _canaries(path: Path, batches: AnyBatches, *, has_header: bool) -> pl.DataFrame:
    """Rows that must be there, typed as the data is, in the columns that their file has."""
    seen = open_batches(path, has_header=has_header)
    target = batches.target if batches.target in seen.columns else None
    rows = open_batches(path, schema=batches.schema, target=target, has_header=has_header)
    found = [batch.frame for batch in rows]
    if len(found) != 1:
        message = f"{path} holds too many canaries; a few dozen rows are enough"
        raise SchemaError(message)
    known = {*batches.schema.names, *([target] if target else ())}
    for column in seen.columns:
        if column not in known:
            message = (
                f"{path}: canaries have a column {column!r}, and the data has none; they must be "
                "rows of the same table, of which columns may be left out"
            )
            raise SchemaError(message)
    return found[0].select(seen.columns)
