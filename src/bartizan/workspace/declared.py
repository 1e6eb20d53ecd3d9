"""What an assessment rests on beside its model, and what the project file declares of it.

Both are told by one function, so that an assessment made as declared is never taken for another.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bartizan.adapt import Table
from bartizan.catalog import ASSESSED
from bartizan.config import Config, DataSpec
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ConfigError
from bartizan.core.evidence import CHOSEN
from bartizan.core.record import digest, encode
from bartizan.supply.admission.declared import Declared
from bartizan.workspace.inputs import Inputs, proposed
from bartizan.workspace.project import learnt_of, table_of

_TRAINING = "training_set"


def basis_of(inputs: Inputs, *, entries: Sequence[str]) -> dict[str, str]:
    """What an assessment rests on, for its evidence.

    Args:
        inputs: What it is about.
        entries: Those that were chosen; none = all.
    """
    train = "" if inputs.train is None else inputs.train.digest
    told = _told(inputs.table, reference=inputs.reference, threshold=inputs.model.threshold)
    return {**told, _TRAINING: train, CHOSEN: " ".join(sorted(set(entries)))}


def declared(
    config: Config, folder: Path, *, model: Path, today: date, require: Sequence[str] = ()
) -> Declared:
    """What the project file says that a model is judged by; `admit` compares evidence with it.

    Args:
        config: The project file.
        folder: Where it lies.
        model: The artefact, to tell which of the models it is.
        today: Decides which waivers have expired.
        require: Entries or families that the terms demand; the training data is read only where
            one of them is about it.

    Raises:
        ConfigError: no test data is declared.
        InputError: data cannot be read.

    Cost: reads the declared data.
    """
    spec, reference, train = config.test_data(), config.reference_data(), config.train_data()
    if spec is None:
        message = (
            'the project file declares no data with role = "test", so that nothing says what the '
            "evidence must be about; add one under [[data]], or take evidence of any kind with "
            "--evidence any"
        )
        raise ConfigError(message)
    table = table_of(config, spec, folder)
    beside = None if reference is None else table_of(config, reference, folder)
    basis = _told(table, reference=beside, threshold=None)
    del basis["threshold"]
    known = _thresholds(config, folder, model=model)
    if len(known) == 1:
        basis["threshold"] = known.pop()
    if train is not None and _about_training(require):
        basis[_TRAINING] = _learnt(config, train, folder, beside=table).digest
    return Declared(
        attackers=config.attackers() or (proposed(table.dataset),),
        basis=basis,
        profile=config.project.profile,
        lines=config.policy.threshold,
        waived=lambda finding: config.waiver_for(finding, today) is not None,
    )


def _told(table: Table, *, reference: Table | None, threshold: float | None) -> dict[str, str]:
    return {
        "data_set": table.dataset.digest,
        "schema": digest(encode(table.dataset.schema)),
        "reference_set": "" if reference is None else reference.dataset.digest,
        "threshold": str(threshold),
    }


def _thresholds(config: Config, folder: Path, *, model: Path) -> set[str]:
    """At which thresholds the model may be declared to decide: its own, or those of all models.

    A project that declares no model leaves it to the model.
    """
    place = model.resolve()
    mine = [one for one in config.model if (folder / one.path).resolve() == place]
    return {str(one.threshold) for one in mine or config.model} or {str(None)}


def _about_training(require: Sequence[str]) -> bool:
    """Whether the terms demand anything that is about the training data."""
    return any(
        "train" in entry.needs and {entry.id, entry.id.partition(".")[0]} & set(require)
        for entry in ASSESSED
    )


def _learnt(config: Config, spec: DataSpec, folder: Path, *, beside: Table) -> Dataset:
    found = learnt_of(config, spec, folder, beside=beside)
    return found.dataset if isinstance(found, Table) else found.table.dataset
