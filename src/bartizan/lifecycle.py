"""Stages in a row: the worked example from data to report."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bartizan.adapt import save_skops
from bartizan.assess.run import Assessment
from bartizan.config import FILE_NAME, DataSpec, ModelSpec, read_config, write_template
from bartizan.core.errors import OutputError
from bartizan.examples import card_fraud
from bartizan.examples.train import KINDS, train
from bartizan.workspace import Assessed, Workspace, from_project

_ROWS = 60_000
"""Purchases in the stream: some hundred frauds in the second half, and a few seconds to train."""


@dataclass(frozen=True)
class Demonstrated:
    """One assessed model of the example."""

    model: str
    result: Assessed
    report: Path


def demonstrate(
    folder: Path,
    *,
    seed: int,
    profile: str,
    workers: int,
    told: Callable[[str], object],
    shown: Callable[[Assessment], object],
) -> list[Demonstrated]:
    """Run the card-fraud example in a folder: data, models, project file, reports.

    Args:
        folder: Made if need be; what is in it is overwritten.
        seed: Of the stream, the training and the attacks.
        profile: Of the assessment.
        workers: Processes.
        told: Called with what happens next, in words.
        shown: Runs an assessment by iterating over it, showing its progress.

    Raises:
        OutputError: the folder cannot be written.
    """
    told("making a stream of card purchases, some of them fraud")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _prepare(folder, seed=seed, told=told)
    except OSError as error:
        message = f"cannot write the example to {folder}: {error.strerror}; choose another --out"
        raise OutputError(message) from error
    config = read_config(folder / FILE_NAME)
    done = []
    for spec in config.model:
        told(f"assessing {spec.name}")
        inputs = from_project(config, folder, today=datetime.now(UTC).date(), model_name=spec.name)
        with Workspace(folder / ".bartizan") as ws:
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


def _prepare(folder: Path, *, seed: int, told: Callable[[str], object]) -> None:
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
