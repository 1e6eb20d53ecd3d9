"""`resume` takes over what an earlier run has finished, and nothing that another question made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from bartizan.adapt import load_dataset, load_model, save_skops
from bartizan.core.attacker import Attacker
from bartizan.core.report import Report
from bartizan.workspace import Inputs, Workspace, gathered
from bartizan.workspace.workspace import versions

EVE = Attacker(name="eve", norm="Linf", eps=0.2)


@dataclass(frozen=True)
class Shop:
    """A model and its data on disk, and a workspace beside them."""

    folder: Path

    def inputs(
        self, *, threshold: float | None = None, attackers: Sequence[Attacker] = (EVE,)
    ) -> Inputs:
        model = load_model(self.folder / "m.skops", threshold=threshold)
        data = load_dataset(self.folder / "d.parquet", target="y")
        return gathered(model, data, attackers=tuple(attackers))

    def report(
        self, inputs: Inputs, *, resume: bool, entries: Sequence[str] = ("evasion.hop-skip-jump",)
    ) -> Report:
        with Workspace(self.folder / "ws") as ws:
            run = ws.assessment(inputs, profile="quick", entries=entries, resume=resume)
            for _ in run:
                pass
            return ws.finished(run, inputs).report


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    stream = np.random.default_rng(0)
    x = stream.normal(size=(90, 2))
    y = (x[:, 0] > 0).astype(int)
    x[:, 0] += y - 0.5  # a gap, so that the same rows are right at several operating points
    save_skops(LogisticRegression().fit(x, y), tmp_path / "m.skops")
    frame = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": y})
    frame.write_parquet(tmp_path / "d.parquet")
    return Shop(tmp_path)


def asked(report: Report) -> int:
    """Calls of the model that this run made itself."""
    return sum(receipt.calls for receipt in report.receipts)


def test_the_same_question_is_not_asked_again(shop: Shop) -> None:
    first = shop.report(shop.inputs(), resume=False)
    again = shop.report(shop.inputs(), resume=True)
    assert asked(first) > 0
    assert asked(again) == 0
    assert again.findings == first.findings


def test_receipts_count_this_run_and_evidence_all_questions(shop: Shop) -> None:
    first = shop.report(shop.inputs(), resume=False)
    again = shop.report(shop.inputs(), resume=True)
    assert [one.asked for one in first.evidence] == [one.queries for one in first.receipts]
    assert min(one.queries for one in first.receipts) > 0
    assert again.evidence == first.evidence
    assert [one.queries for one in again.receipts] == [0] * len(first.receipts)


def test_the_evidence_of_a_check_holds_what_it_asked(shop: Shop) -> None:
    entries = ["utility.balanced-accuracy", "explain.importance"]
    found = shop.report(shop.inputs(), resume=False, entries=entries)
    utility, importance = found.evidence
    assert utility.asked == 90
    assert importance.asked >= 90 * (1 + 2 * 5)
    assert [one.queries for one in found.receipts] == [utility.asked, importance.asked]
    assert [one.calls > 0 for one in found.receipts] == [True, True]


def test_another_operating_point_is_another_question(shop: Shop) -> None:
    shop.report(shop.inputs(threshold=0.5), resume=False)
    assert asked(shop.report(shop.inputs(threshold=0.45), resume=True)) > 0


def test_the_libraries_that_run_models_are_recorded() -> None:
    assert {"onnxruntime", "scikit-learn", "numpy", "python", "bartizan"} <= set(versions())


def test_other_classes_of_the_attackers_own_rows_are_another_question(shop: Shop) -> None:
    inputs = shop.inputs()
    shop.report(inputs, resume=False)
    dataset = inputs.table.dataset
    flipped = replace(inputs.table, dataset=replace(dataset, y=1 - dataset.y))
    assert asked(shop.report(replace(inputs, reference=flipped), resume=True)) > 0
