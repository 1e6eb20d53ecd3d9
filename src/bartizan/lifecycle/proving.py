"""The data of the worked example: registered, checked, and altered before the viewer's eyes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from bartizan.config import FILE_NAME, read_config
from bartizan.core.streams import rng
from bartizan.examples import card_fraud
from bartizan.lifecycle.places import HALVES, WORKSPACE
from bartizan.workspace import (
    Checked,
    DataInputs,
    LedgerReport,
    Workspace,
    dataset_inputs,
    ledger_settings,
)


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
        for name in HALVES:
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
            whole=ws.verify_ledger({name: folder / f"{name}.parquet" for name in HALVES}),
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
