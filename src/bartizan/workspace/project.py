"""From the project file to what it says should be assessed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec

from bartizan.adapt import Model, Table, load_dataset, load_model, read_table
from bartizan.config import Config, DataSpec, ModelSpec
from bartizan.core.errors import ConfigError
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
        unsafe_load_pickle: Open a model that is a pickle.

    Raises:
        ConfigError: no model or no test data is declared, or several and none is named.
        InputError: they cannot be loaded.
    """
    if model is None:
        model = _model(_chosen(config, model_name), folder, unsafe=unsafe_load_pickle)
    spec = config.test_data()
    if data is None:
        if spec is None:
            message = 'the project file declares no data with role = "test"; add one under [[data]]'
            raise ConfigError(message)
        data = _table(config, spec, folder)
    reference = config.reference_data()
    inputs = gathered(
        model,
        data,
        reference=None if reference is None else _table(config, reference, folder),
        attackers=config.attackers(),
    )
    return replace(
        inputs,
        warnings=(*inputs.warnings, *config.expired_warnings(today)),
        thresholds=config.policy.threshold,
        fail_on=config.policy.fail_on,
        waive=lambda finding: config.waiver_for(finding, today),
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


def _model(spec: ModelSpec, folder: Path, *, unsafe: bool) -> Model:
    return load_model(
        spec.path if ":" in spec.path else folder / spec.path,
        name=spec.name,
        unsafe_load_pickle=unsafe,
        threshold=spec.threshold,
        classes=spec.classes,
    )


def _table(config: Config, spec: DataSpec, folder: Path) -> Table:
    """Read a data set with its declared schema, in the order of the file's columns."""
    place = msgspec.structs.replace(spec, path=str(folder / spec.path))
    return _read(config, place)


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
        return load_dataset(path, target=target, has_header=header)
    place = msgspec.structs.replace(spec, path=path, target=target or spec.target, header=header)
    return _read(config, place)


def _read(config: Config, spec: DataSpec) -> Table:
    schema = None
    if config.schema_owner(spec.name) is not None:
        columns = read_table(spec.path, has_header=spec.header).frame.columns
        order = tuple(column for column in columns if column != spec.target)
        schema = config.schema_for(spec.name, order)
    return load_dataset(
        spec.path, target=spec.target, schema=schema, name=spec.name, has_header=spec.header
    )
