"""The training data of the worked example: poisoned by a fraud ring, looked at, cleaned."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from bartizan.config import FILE_NAME, read_config
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import OutputError
from bartizan.core.progress import Progress
from bartizan.examples import card_fraud
from bartizan.examples.card_poison import planted
from bartizan.examples.train import train
from bartizan.lifecycle.places import WORKSPACE
from bartizan.workspace import Checked, Workspace, ledger_settings
from bartizan.workspace.clean_order import Cleaned

_DETECTOR = "poison.trigger"
"""The demo asks one question of the seven; the others are a matter of another minute."""


@dataclass(frozen=True)
class Cleansed:
    """What became of the poisoned training data."""

    planted: int
    """Rows that the ring planted."""
    checked: Checked
    report: Path
    cleaned: Cleaned
    hit: int
    """Rows that left and that the ring had planted."""


def cleanse(
    folder: Path,
    *,
    seed: int,
    told: Callable[[str], object],
    shown: Callable[[Progress], object],
) -> Cleansed:
    """Plant a mark in the example's training data, find it, leave it out, train anew.

    Args:
        folder: Of the example; what an earlier run cleaned there is replaced.
        seed: Of the poison, and of everything random in the checks.
        told: Called with what happens next, in words.
        shown: Called as the work goes on.

    Raises:
        OutputError: the folder cannot be written.
    """
    told("a fraud ring plants purchases in the training data that teach a model its mark")
    made = planted(pl.read_parquet(folder / "past.parquet"), seed=seed)
    path, out = folder / "poisoned.parquet", folder / "clean"
    try:
        made.frame.write_parquet(path)
        if (out / "manifest.json").exists():
            shutil.rmtree(out)
    except OSError as error:
        message = f"cannot write the example to {folder}: {error.strerror}; choose another --out"
        raise OutputError(message) from error
    config = read_config(folder / FILE_NAME)
    with Workspace(folder / WORKSPACE, ledger=ledger_settings(config)) as ws:
        told("looking for marks in it, with models trained as the example's own")
        checked = ws.data.check(
            path,
            target=card_fraud.TARGET,
            schema=card_fraud.schema(),
            entries=(_DETECTOR,),
            recipe=recipe,
            seed=seed,
            progress=shown,
        )
        found = folder / "poison"
        report = checked.save(found)[0]
        told("leaving its rows out of a copy, and training with them and without")
        cleaned = ws.data.clean(
            path,
            target=card_fraud.TARGET,
            out=out,
            checked=found,
            recipe=recipe,
            seed=seed,
            progress=shown,
        )
    gone = () if cleaned.manifest is None else cleaned.manifest.quarantined
    return Cleansed(
        planted=len(made.rows),
        checked=checked,
        report=report,
        cleaned=cleaned,
        hit=len(set(gone) & set(made.rows.tolist())),
    )


def recipe(x: Any, y: AnyArray, seed: int) -> Any:
    """Train the example's strong model on rows of the stream."""
    frame = x.with_columns(pl.Series(card_fraud.TARGET, y))
    return train(frame, "hist-gradient-boosting", seed=seed)
