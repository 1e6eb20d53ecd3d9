"""Models that cannot be used."""

from pathlib import Path
from typing import Any

import pytest

from bartizan import Attacker, Workspace
from system import shop
from system.command import Run

FACTORIES = """
import numpy as np

def rows(x):
    return np.asarray(x, dtype=float)

def nothing(): return lambda x: np.full(len(x), np.nan)

def crash():
    def score(x):
        if (rows(x)[:, 0] == {amount}).any():
            raise ZeroDivisionError("no such customer")
        return rows(x)[:, 0]
    return score

def short(): return lambda x: np.zeros(3)

def stopped(): raise KeyboardInterrupt

def leaves(): raise SystemExit(0)

def leaving():
    def score(x):
        raise SystemExit(0)
    return score

def constant(): return lambda x: np.zeros(len(x))

def moody():
    score = fine()
    return lambda x: score(x) if len(x) > 1 else -score(x)

def fine(): return lambda x: rows(x)[:, 0] + 0.7 * rows(x)[:, 1]
"""


@pytest.fixture
def factories(folder: Path) -> str:
    """The name of a module that makes models; each test its own, as Python keeps modules."""
    name = f"shop_{folder.name}"
    amount = shop.frame()["amount"][17]
    Path(f"{name}.py").write_text(FACTORIES.replace("{amount}", str(amount)))
    return name


def test_a_model_that_answers_nan_is_refused_with_the_row(glance: Run, factories: str) -> None:
    ran = glance("--model", f"{factories}:nothing")
    assert (ran.code, ran.out) == (2, "")
    assert "on row 0; scores must be finite" in ran.err


def test_a_model_that_crashes_on_a_row_is_refused_with_the_row(glance: Run, factories: str) -> None:
    ran = glance("--model", f"{factories}:crash")
    assert (ran.code, ran.out) == (2, "")
    assert "the model raised ZeroDivisionError: no such customer on row 17" in ran.err


def test_a_model_that_answers_too_few_rows_is_refused(glance: Run, factories: str) -> None:
    ran = glance("--model", f"{factories}:short")
    assert ran.code == 2
    assert "the model was asked about 60 rows and answered 3" in ran.err


def test_ctrl_c_while_loading_ends_with_130(glance: Run, factories: str) -> None:
    ran = glance("--model", f"{factories}:stopped")
    assert (ran.code, ran.out, ran.err) == (130, "", "stopped\n")


@pytest.mark.parametrize("factory", ["leaves", "leaving"])
def test_a_model_that_ends_the_process_is_no_pass(
    glance: Run, factories: str, factory: str
) -> None:
    ran = glance("--model", f"{factories}:{factory}")
    assert (ran.code, ran.out) == (2, "")
    assert "raised SystemExit" in ran.err


def test_a_constant_model_is_not_called_robust_by_a_single_attack(
    assess: Run, factories: str
) -> None:
    model = f"{factories}:constant"
    ran = assess("--model", model, "--entry", "evasion.coordinate", "--eps", 0.2, "--quiet", n=150)
    assert ran.code == 3
    assert "not shown to tell the classes apart" in ran.out


def test_a_model_that_takes_its_answers_back_is_not_called_robust(
    assess: Run, factories: str
) -> None:
    model = f"{factories}:moody"
    ran = assess("--model", model, "--entry", "evasion.coordinate", "--eps", 0.05, "--quiet", n=200)
    assert ran.code == 3
    assert "did not hold when the model was asked again" in ran.out


def test_a_factory_that_is_not_there_is_refused(glance: Run, factories: str) -> None:
    ran = glance("--model", f"{factories}:fin")
    assert ran.code == 2
    assert f"module '{factories}' has no 'fin'; did you mean 'fine'?" in ran.err


def test_a_module_that_is_not_there_is_refused(glance: Run) -> None:
    ran = glance("--model", "no_such_shop:fine")
    assert ran.code == 2
    assert "cannot import 'no_such_shop'" in ran.err


def test_a_function_that_cannot_travel_runs_in_one_process_and_says_so() -> None:
    x, y = shop.arrays()
    with Workspace() as ws:
        found = ws.assess(
            lambda rows: rows[:, 0] + 0.7 * rows[:, 1],
            (x[:60], y[:60]),
            profile="quick",
            entries=["evasion.coordinate"],
            workers=2,
        )
    said = "the model cannot be sent to other processes, so one was used; load it from a file"
    assert any(said in warning for warning in found.report.warnings)
    assert {receipt.workers for receipt in found.report.receipts} == {1}


@pytest.mark.parametrize("limit", [0, 5_000, 20_000, 60_000, 100_000])
def test_a_model_that_stops_answering_leaves_a_report_and_never_a_pass(limit: int) -> None:
    x, y = shop.arrays()
    asked = [0]

    def score(rows: Any) -> Any:
        asked[0] += len(rows)
        if asked[0] > 200 + limit:  # the first few are about the model itself
            message = "no more answers today"
            raise RuntimeError(message)
        return rows[:, 0] + 0.7 * rows[:, 1]

    eve = Attacker(name="eve", access="scores", norm="Linf", eps=0.001)
    names = ["evasion.coordinate", "evasion.hop-skip-jump", "evasion.rays", "evasion.union"]
    with Workspace() as ws:
        found = ws.assess(
            score, (x[:60], y[:60]), attackers=[eve], profile="quick", entries=names
        ).report
    union = next(one for one in found.findings if one.id == "evasion.union@score#eve")
    assert union.outcome == "inconclusive"
    assert "no more answers today" in union.reason
    told = " ".join(union.remarks)
    assert ("evasion.rays on 0 of " in told) == (union.measure("attack-success") is not None)
    assert sum(receipt.queries for receipt in found.receipts) > 0


@pytest.mark.parametrize("name", ["shop.onnx", "shop.skops", "shop.json"])
def test_a_truncated_model_is_refused_and_named(glance: Run, folder: Path, name: str) -> None:
    kinds = {"onnx": shop.save_onnx, "skops": shop.save_skops, "json": shop.save_xgboost}
    path = kinds[name.split(".")[1]](folder)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    ran = glance("--model", name)
    assert (ran.code, ran.out) == (2, "")
    assert name in ran.err
    assert "Traceback" not in ran.err


def test_a_clean_pickle_is_opened_without_a_flag(glance: Run, folder: Path) -> None:
    assert glance("--model", shop.save_pickle(folder).name).code == 0


def test_a_hostile_pickle_is_refused_with_4_and_a_way_out(glance: Run, folder: Path) -> None:
    ran = glance("--model", shop.save_hostile(folder).name)
    assert (ran.code, ran.out) == (4, "")
    assert "it ran" not in ran.err
    assert "Against this one speaks: builtins.print" in ran.err
    assert "skops.io.dump or to ONNX" in ran.err
    assert "--unsafe-load-pickle" in ran.err


def test_a_pickle_is_opened_for_who_insists(glance: Run, folder: Path) -> None:
    assert glance("--model", shop.save_pickle(folder).name, "--unsafe-load-pickle").code == 0


def test_a_pickle_with_an_innocent_name_is_refused_too(glance: Run, folder: Path) -> None:
    assert glance("--model", shop.save_hostile(folder, name="shop.onnx").name).code == 4


def test_a_model_that_is_not_there_is_refused_with_the_nearest_name(
    glance: Run, folder: Path
) -> None:
    shop.save_skops(folder)
    ran = glance("--model", "shp.skops")
    assert ran.code == 2
    assert "there is no file shp.skops; did you mean 'shop.skops'?" in ran.err


def test_a_threshold_outside_0_to_1_is_refused(glance: Run) -> None:
    ran = glance("--threshold", 2)
    assert ran.code == 2
    assert "a threshold is a probability between 0 and 1, got 2.0" in ran.err
