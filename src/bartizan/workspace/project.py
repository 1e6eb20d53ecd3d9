"""From the project file to what it says should be assessed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec

from bartizan.adapt import (
    EndpointSettings,
    Limits,
    Model,
    Table,
    load_dataset,
    load_model,
    read_table,
)
from bartizan.adapt.names import told_of
from bartizan.catalog import ENTRIES
from bartizan.config import Config, DataSpec, EndpointSpec, ModelSpec
from bartizan.core.errors import ConfigError, SchemaError, UnknownEntryError, UnsafeFormatError
from bartizan.core.schema import Schema
from bartizan.formats.sniff import sniff
from bartizan.workspace.contributors import Said, Traced, traced
from bartizan.workspace.inputs import Inputs, gathered


def from_project(
    config: Config,
    folder: Path,
    *,
    today: date,
    model: Model | None = None,
    data: Table | None = None,
    model_name: str | None = None,
    unsafe_load_pickle: bool = False,
) -> Inputs:
    """Gather what the project file names.

    Args:
        config: The project file.
        folder: Where it lies; its paths are relative to it.
        today: Decides which waivers have expired.
        model: Used instead of the declared model.
        data: Used instead of the declared test data.
        model_name: Which model, where several are declared.
        unsafe_load_pickle: Open a model that is a pickle, whatever is in it.

    Raises:
        ConfigError: no model or no test data is declared, or several and none is named.
        UnknownEntryError: the policy draws a line for an entry that there is not.
        UnsafeFormatError: the policy does not allow the model's format.
        InputError: they cannot be loaded.
    """
    _require_entries(config)
    declared = model is None
    if model is None:
        model = _model(config, _chosen(config, model_name), folder, unsafe=unsafe_load_pickle)
    spec = config.test_data()
    if data is None:
        if spec is None:
            message = 'the project file declares no data with role = "test"; add one under [[data]]'
            raise ConfigError(message)
        data = table_of(config, spec, folder)
    reference, train = config.reference_data(), config.train_data()
    chosen = _chosen(config, model_name) if declared else None
    inputs = gathered(
        model,
        data,
        reference=None if reference is None else table_of(config, reference, folder),
        train=None if train is None else learnt_of(config, train, folder, beside=data),
        recipe=None if chosen is None else chosen.recipe,
        cost_per_1000=None if chosen is None else chosen.cost_per_1000,
        attackers=config.attackers(),
    )
    return replace(
        inputs,
        warnings=(*inputs.warnings, *config.expired_warnings(today)),
        thresholds=config.policy.threshold,
        fail_on=config.policy.fail_on,
        waive=lambda finding: config.waiver_for(finding, today),
        waivers=tuple(waiver.finding for waiver in config.waiver),
        system=None if config.system is None else config.described(),
    )


def _chosen(config: Config, name: str | None) -> ModelSpec:
    names = [model.name for model in config.model]
    if not names:
        message = "the project file declares no model; add one under [[model]] or give --model"
        raise ConfigError(message)
    if name is None and len(names) > 1:
        message = f"several models are declared ({', '.join(names)}); choose one with --model NAME"
        raise ConfigError(message)
    return config.model[names.index(name) if name is not None else 0]


def _model(config: Config, spec: ModelSpec, folder: Path, *, unsafe: bool) -> Model:
    place = spec.path if ":" in spec.path else folder / spec.path
    endpoint = None if spec.endpoint is None else _settings(spec.endpoint)
    require_allowed(config, place)
    return load_model(
        place,
        name=spec.name,
        unsafe_load_pickle=unsafe,
        allow=config.supply.allow,
        threshold=spec.threshold,
        endpoint=endpoint,
        weights=None if spec.weights is None else folder / spec.weights,
        classes=spec.classes,
    )


def _settings(spec: EndpointSpec) -> EndpointSettings:
    """How to ask an endpoint, as the project file says.

    Raises:
        ConfigError: the request is no JSON, or settings contradict each other.
    """
    request = None
    if spec.request is not None:
        try:
            request = json.loads(spec.request)
        except ValueError as error:
            message = f'endpoint.request is no JSON ({error}); write it as \'{{"x": "$rows"}}\''
            raise ConfigError(message) from error
    return EndpointSettings(
        protocol=spec.protocol,
        request=request,
        response=spec.response,
        headers=spec.headers,
        limits=Limits(timeout_s=spec.timeout_s, retries=spec.retries, per_second=spec.per_second),
        batch_rows=spec.batch_rows,
        version=spec.version,
    )


def require_allowed(config: Config, place: str | Path) -> None:
    """Refuse a model of a format that the policy does not name, before it is opened.

    Args:
        config: The project file; without ``policy.formats`` every safe format is allowed.
        place: A file or ``module:factory``. ``xgboost`` in the policy means JSON and UBJ.

    Raises:
        UnsafeFormatError: the format is not among those of the policy.
    """
    allowed, path = config.policy.formats, Path(place)
    if allowed is None or not (path.is_file() or ":" in str(place)):
        return  # a file that is missing is reported by who opens it
    if path.is_file():
        kind: str = sniff(path.read_bytes())
    else:
        kind = "endpoint" if "://" in str(place) else "factory"
    if kind not in allowed and kind.split("-")[0] not in allowed:
        message = (
            f"{place} is of format {kind}, and the policy allows {', '.join(allowed)} only; "
            "export the model anew, or change policy.formats in the project file"
        )
        raise UnsafeFormatError(message)


def _require_entries(config: Config) -> None:
    """Refuse a line for an entry that there is not: it would silently be ignored."""
    known = [entry.id for entry in ENTRIES]
    for name in config.policy.threshold:
        if name not in known:
            message = (
                f"policy.threshold names the entry {name!r}, which is not in the catalogue; "
                f"known: {', '.join(sorted(known))}"
            )
            raise UnknownEntryError(message)


def table_of(config: Config, spec: DataSpec, folder: Path) -> Table:
    """Read a data set with its declared schema, in the order of the file's columns."""
    place = msgspec.structs.replace(spec, path=str(folder / spec.path))
    return _read(config, place)


def learnt_of(config: Config, spec: DataSpec, folder: Path, *, beside: Table) -> Table | Traced:
    """Read training rows; with who contributed them, where ``[check.<data>]`` names the column."""
    rules = config.check.get(spec.name)
    if rules is None or rules.source is None or beside.dataset.schema.image is not None:
        return table_of(config, spec, folder)

    def known(columns: tuple[str, ...]) -> Schema | None:
        owner = config.schema_owner(spec.name)
        if owner is None:
            return None
        beyond = tuple(
            column
            for column in (rules.source, rules.time, *config.apart())
            if column is not None and column in config.schema[owner] and column not in columns
        )
        with told_of(spec.name, folder / spec.path):
            whole = config.schema_for(spec.name, (*columns, *beyond))
        features = tuple(one for one in whole.features if one.name in columns)
        return msgspec.structs.replace(whole, features=features)

    with _described_by(config, spec):
        return traced(
            folder / spec.path,
            said=Said(source=rules.source, time=rules.time),
            features=beside.dataset.schema.names,
            target=spec.target,
            known=known,
            name=spec.name,
            header=spec.header,
            without=config.apart(),
        )


def other_data(config: Config, path: str, *, target: str | None, header: bool) -> Table:
    """Read data that the project file does not name, as if it were its test data.

    Raises:
        ConfigError: no target is given, and no test data is declared to take it from.
        InputError: the file cannot be read, or does not fit the declared schema.
    """
    spec = config.test_data()
    if target is None and spec is None:
        message = "--target is missing: the project file declares no test data to take it from"
        raise ConfigError(message)
    if spec is None:
        return load_dataset(path, target=target, has_header=header, audit=config.audited())
    place = msgspec.structs.replace(spec, path=path, target=target or spec.target, header=header)
    return _read(config, place)


@contextmanager
def _described_by(config: Config, spec: DataSpec) -> Iterator[None]:
    """Say whose schema rows did not fit, where it is another data set's."""
    try:
        yield
    except SchemaError as error:
        owner = config.schema_owner(spec.name)
        if owner in (None, spec.name):
            raise
        message = (
            f"{error}; the columns of {spec.name!r} are those of [schema.{owner}], which has to "
            "allow what any of the data sets hold"
        )
        raise SchemaError(message) from error


def _read(config: Config, spec: DataSpec) -> Table:
    schema = None
    with _described_by(config, spec):
        if config.schema_owner(spec.name) is not None:
            columns = read_table(spec.path, has_header=spec.header).frame.columns
            with told_of(spec.name, spec.path):
                schema = _seen(config, spec, tuple(one for one in columns if one != spec.target))
        return load_dataset(
            spec.path,
            target=spec.target,
            schema=schema,
            name=spec.name,
            has_header=spec.header,
            audit=config.audited() if spec.role == "test" else (),
            without=config.apart(),
        )


def _seen(config: Config, spec: DataSpec, columns: tuple[str, ...]) -> Schema:
    """The declared schema without the columns that are kept apart, which it may leave out."""
    apart = config.apart()
    declared = config.schema[config.schema_owner(spec.name) or spec.name]
    order = tuple(column for column in columns if column not in apart)
    beyond = tuple(column for column in apart if column in declared)
    whole = config.schema_for(spec.name, (*order, *beyond))
    features = tuple(one for one in whole.features if one.name not in beyond)
    return msgspec.structs.replace(whole, features=features)
