"""The models of the worked example under attack."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bartizan.assess.run import Assessment
from bartizan.config import FILE_NAME, read_config
from bartizan.lifecycle.places import WORKSPACE
from bartizan.workspace import Assessed, Workspace, from_project, ledger_settings


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
