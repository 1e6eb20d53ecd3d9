"""Stages in a row: the worked example from data to report."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from bartizan.adapt import save_skops
from bartizan.assess.run import Assessment
from bartizan.config import FILE_NAME, DataSpec, ModelSpec, read_config, write_template
from bartizan.core.errors import OutputError
from bartizan.core.streams import rng
from bartizan.examples import card_fraud
from bartizan.examples.train import KINDS, train
from bartizan.workspace import (
    Assessed,
    Checked,
    DataInputs,
    LedgerReport,
    Workspace,
    dataset_inputs,
    from_project,
    ledger_settings,
)

WORKSPACE = ".bartizan"
_HALVES = ("past", "future")
_ROWS = 60_000
"""Purchases in the stream: some hundred frauds in the second half, and a few seconds to train."""


@dataclass(frozen=True)
class Demonstrated:
    """One assessed model of the example."""

    model: str
    result: Assessed
    report: Path


@dataclass(frozen=True)
class Proven:
    """The example's data: checked, registered, and altered before the viewer's eyes."""

    checked: Checked
    report: Path
    whole: LedgerReport
    """Of the data as it was registered."""
    altered: LedgerReport
    """Of a copy with one other amount."""
    row: int
    """The row that was altered in the copy."""


def demonstrate(
    folder: Path,
    *,
    seed: int,
    profile: str,
    workers: int,
    told: Callable[[str], object],
    shown: Callable[[Assessment], object],
) -> list[Demonstrated]:
    """Attack the models of the example that `prepare` has put into a folder.

    Args:
        folder: Of the example.
        seed: Of the attacks.
        profile: Of the assessment.
        workers: Processes.
        told: Called with what happens next, in words.
        shown: Runs an assessment by iterating over it, showing its progress.

    Raises:
        OutputError: the folder cannot be written.
    """
    config = read_config(folder / FILE_NAME)
    done = []
    for spec in config.model:
        told(f"assessing {spec.name}")
        inputs = from_project(config, folder, today=datetime.now(UTC).date(), model_name=spec.name)
        with Workspace(folder / WORKSPACE, ledger=ledger_settings(config)) as ws:
            command = f"bartizan assess --project {FILE_NAME} --model {spec.name}"
            run = ws.assessment(
                inputs,
                profile=profile,
                seed=seed,
                workers=workers,
                reproduce=f"{command} --profile {profile} --seed {seed}",
            )
            shown(run)
            result = ws.finished(run, inputs)
        report = result.save(folder / spec.name)[0]
        done.append(Demonstrated(model=spec.name, result=result, report=report))
    return done


def prepare(folder: Path, *, seed: int, told: Callable[[str], object]) -> None:
    """Put the card-fraud example into a folder: data, models, project file.

    Args:
        folder: Made if need be; what is in it is overwritten.
        seed: Of the stream and the training.
        told: Called with what happens next, in words.

    Raises:
        OutputError: the folder cannot be written.
    """
    told("making a stream of card purchases, some of them fraud")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, seed=seed, told=told)
    except OSError as error:
        message = f"cannot write the example to {folder}: {error.strerror}; choose another --out"
        raise OutputError(message) from error


def prove(folder: Path, *, seed: int, told: Callable[[str], object]) -> Proven:
    """Register the example's data, check it, and show that one altered row is caught.

    Args:
        folder: Of the example.
        seed: Of samples, and of the row that is altered.
        told: Called with what happens next, in words.

    Raises:
        LedgerError: an earlier run registered other data in this folder.
    """
    config = read_config(folder / FILE_NAME)
    with Workspace(folder / WORKSPACE, ledger=ledger_settings(config)) as ws:
        for name in _HALVES:
            told(f"registering {name}.parquet: the root of its rows goes into the ledger")
            inputs = _half(folder, name)
            ws.data.register.add(
                inputs,
                source="bartizan.examples.card_fraud",
                allow=("relabelled", "rewritten"),  # a demo of another seed, in the same folder
                seed=seed,
            )
        told("checking the purchases of the second half against those of the first")
        checked = ws.data.check(
            folder / "future.parquet",
            name="future",
            target=card_fraud.TARGET,
            schema=card_fraud.schema(),
            reference=folder / "past.parquet",
            against=(folder / "past.parquet",),
            seed=seed,
        )
        told("altering one amount in a copy of past.parquet, and verifying both")
        copy, row = _altered(folder, seed=seed)
        return Proven(
            checked=checked,
            report=checked.save(folder / "data")[0],
            whole=ws.verify_ledger({name: folder / f"{name}.parquet" for name in _HALVES}),
            altered=ws.verify_ledger({"past": copy}),
            row=row,
        )


def _half(folder: Path, name: str) -> DataInputs:
    return dataset_inputs(
        folder / f"{name}.parquet",
        now=datetime.now(UTC),
        name=name,
        target=card_fraud.TARGET,
        schema=card_fraud.schema(),
    )


def _altered(folder: Path, *, seed: int) -> tuple[Path, int]:
    """A copy of the first half in which one purchase costs a cent more."""
    frame = pl.read_parquet(folder / "past.parquet")
    row = int(rng(seed, "demo", "altered").integers(len(frame)))
    amounts = frame["amount"].to_list()
    amounts[row] = round(amounts[row] + 0.01, 2)
    copy = folder / "past-altered.parquet"
    frame.with_columns(amount=pl.Series(amounts)).write_parquet(copy)
    return copy, row


def _write(folder: Path, *, seed: int, told: Callable[[str], object]) -> None:
    """Data, models and project file."""
    frame = card_fraud.stream(n=_ROWS, seed=seed)
    past, future = frame.head(_ROWS // 2), frame.tail(_ROWS // 2)
    past.write_parquet(folder / "past.parquet")
    future.write_parquet(folder / "future.parquet")
    specs = []
    for kind in KINDS:
        told(f"training {kind}")
        save_skops(train(past, kind, seed=seed), folder / f"{kind}.skops")
        specs.append(ModelSpec(name=kind, path=f"{kind}.skops"))
    (folder / FILE_NAME).write_text(_project(specs), encoding="utf-8")


def _project(specs: list[ModelSpec]) -> str:
    return write_template(
        project="card-fraud",
        models=tuple(specs),
        data=DataSpec(
            name="future",
            role="test",
            path="future.parquet",
            target=card_fraud.TARGET,
            source="bartizan.examples.card_fraud",
        ),
        schema=card_fraud.schema(),
        warnings=(),
        attackers=(card_fraud.attacker(),),
    )
