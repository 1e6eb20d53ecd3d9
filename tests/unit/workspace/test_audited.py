"""A bias audit from the project file to the threat that it moves."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from bartizan import Workspace
from bartizan.adapt import save_skops
from bartizan.config import read_config
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.finding import Finding
from bartizan.core.threat import Threat
from bartizan.workspace import from_project

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BODY = """
[project]
name = "loans"
profile = "quick"
[[model]]
name = "loans"
path = "loans.skops"
[[data]]
name = "holdout"
role = "test"
path = "holdout.csv"
target = "repaid"
[[data]]
name = "history"
role = "train"
path = "history.csv"
target = "repaid"
[[audit]]
column = "origin"
apart = true
[[audit]]
column = "age"
bands = [30]
"""
SYSTEM = """
[system]
name = "loans"
[[zone]]
id = "bank"
trust = "internal"
[[element]]
id = "scorer"
title = "Loan model"
kind = "model"
zone = "bank"
model = "loans"
affects_people = true
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that learnt from judgements that wronged one origin."""
    place, stream, n = tmp_path_factory.mktemp("loans"), np.random.default_rng(0), 4000
    origin, age = stream.choice(["here", "there"], n), stream.integers(18, 80, n)
    income = stream.normal(size=n)
    street = (origin == "there") + 0.1 * stream.normal(size=n)
    repaid = (income + 0.5 * stream.normal(size=n) > 0).astype(int)
    judged = np.where((origin == "there") & (stream.random(n) < 0.5), 0, repaid)
    frame = pl.DataFrame({"income": income, "street": street, "age": age})
    half = n // 2
    model = LogisticRegression(max_iter=1000).fit(frame[:half].to_numpy(), judged[:half])
    save_skops(model, place / "loans.skops")
    whole = frame.with_columns(pl.Series("origin", origin), pl.Series("repaid", repaid))
    whole[half:].write_csv(place / "holdout.csv")
    whole[:half].write_csv(place / "history.csv")
    return place


def gather(folder: Path, body: str = BODY) -> Any:
    (folder / "bartizan.toml").write_text(body)
    return from_project(read_config(folder / "bartizan.toml"), folder, today=date(2026, 11, 22))


def test_a_column_apart_is_no_feature_of_any_rows(folder: Path) -> None:
    inputs = gather(folder)
    assert inputs.table.dataset.schema.names == ("income", "street", "age")
    assert inputs.train is not None
    assert inputs.train.schema.names == ("income", "street", "age")
    assert [one.column for one in inputs.table.dataset.groups] == ["origin", "age"]
    assert inputs.train.groups == ()


def test_a_declared_schema_may_name_the_column_or_leave_it_out(folder: Path) -> None:
    columns = "".join(
        f"[schema.holdout.{name}]\nmin = {low}\n" for name, low in (("income", -9), ("street", -9))
    )
    columns += '[schema.holdout.age]\ntype = "integer"\n'
    origin = (
        '[schema.holdout.origin]\ntype = "categorical"\ncategories = ["here", "there"]\n'
        "identifier = true\n"
    )
    for more in (columns, columns + origin):
        inputs = gather(folder, BODY + more)
        assert inputs.table.dataset.schema.names == ("income", "street", "age")


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ('column = "age"', 'column = "origin"', ConfigError, "must be unique"),
        ('column = "age"', 'column = "repaid"', ConfigError, "this is the target"),
        ("bands = [30]", "bands = [30, 20]", ConfigError, "ascending"),
        ("bands = [30]", "least = 3", ConfigError, "least"),
        ("bands = [30]", "edges = [30]", ConfigError, "edges"),
        ('column = "age"', 'column = "agee"', SchemaError, "did you mean 'age'"),
    ],
)
def test_a_mistake_is_told(
    folder: Path, old: str, new: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        gather(folder, BODY.replace(old, new))


@pytest.mark.parametrize("source", ["", '[check.history]\nsource = "origin"\n'])
def test_an_error_names_the_data_set_and_whose_schema_it_has(folder: Path, source: str) -> None:
    columns = "[schema.holdout.income]\n[schema.holdout.street]\n[schema.holdout.age]\n"
    ages = ", ".join(f'"{age}"' for age in range(18, 80))
    columns += f'type = "ordered"\ncategories = [{ages}]\n'
    old = pl.read_csv(folder / "history.csv").with_columns(age=pl.lit(90))
    old.write_csv(folder / "old.csv")
    body = BODY.replace("history.csv", "old.csv") + columns + source
    with pytest.raises(SchemaError) as told:
        gather(folder, body)
    said = str(told.value)
    assert f"data set 'history' ({folder / 'old.csv'}): column 'age', row 0: expected" in said
    assert "those of [schema.holdout], which has to allow what any of the data sets hold" in said


def test_a_column_that_is_missing_is_told_with_the_data_set(folder: Path) -> None:
    columns = "[schema.holdout.income]\n[schema.holdout.street]\n[schema.holdout.age]\n"
    pl.read_csv(folder / "history.csv").drop("street").write_csv(folder / "old.csv")
    with pytest.raises(SchemaError, match=r"data set 'history' \(.*old.csv\): .*'street'"):
        gather(folder, BODY.replace("history.csv", "old.csv") + columns)


def test_no_attacker_moves_what_the_model_does_not_see(folder: Path) -> None:
    mover = '[[attacker]]\nname = "eve"\nnorm = "Linf"\neps = 0.1\n[attacker.feature.origin]\n'
    with pytest.raises(
        ConfigError, match=r"nobody moves it; delete this table, \[attacker.feature.origin\]"
    ):
        gather(folder, BODY + mover + "cost = 2\n" + "[schema.holdout.origin]\n")


def threat(ws: Workspace, folder: Path) -> Threat:
    config = read_config(folder / "bartizan.toml")
    found = ws.threat.model(config, folder=folder).model
    return next(one for one in found.threats if one.id == "fairness.groups@scorer")


def audited(ws: Workspace, inputs: Any) -> dict[str, Finding]:
    run = ws.assessment(inputs, profile="quick", entries=["fairness.*"])
    for _ in run:
        pass
    report = ws.finished(run, inputs).report
    assert all(
        str(one.params["audit.age"]).startswith("under 30; 30 and over") for one in report.evidence
    )
    return {one.entry: one for one in report.findings}


def test_a_failing_audit_reaches_the_threat_of_the_system(folder: Path, tmp_path: Path) -> None:
    inputs = gather(folder, BODY + SYSTEM)
    with Workspace(tmp_path / "ws", clock=lambda: NOW) as ws:
        before = threat(ws, folder)
        found = audited(ws, inputs)
        after = threat(ws, folder)
    assert {one: found[one].outcome for one in found} == {
        "fairness.groups": "fail",
        "fairness.crossed": "fail",
    }
    worst = found["fairness.groups"]
    assert worst.severity == "high"
    assert any("of origin: here above there" in one for one in worst.remarks)
    assert not before.proofs
    assert {(one.finding, one.outcome) for one in after.proofs} == {
        ("fairness.groups@loans", "fail"),
        ("fairness.crossed@loans", "fail"),
    }
    assert after.residual.likelihood > before.residual.likelihood


def test_without_groups_the_audit_is_a_gap_and_no_pass(folder: Path) -> None:
    body = BODY.split('[[data]]\nname = "history"', maxsplit=1)[0]
    frame = pl.read_csv(folder / "holdout.csv").drop("origin")
    frame.write_csv(folder / "plain.csv")
    inputs = gather(folder, body.replace("holdout.csv", "plain.csv"))
    with Workspace(clock=lambda: NOW) as ws:
        run = ws.assessment(
            inputs, profile="quick", entries=["fairness.groups", "utility.balanced-accuracy"]
        )
        for _ in run:
            pass
        report = ws.finished(run, inputs).report
    gaps = {gap.what: gap.why for gap in report.coverage.gaps}
    assert "--audit" in gaps["Bias audit: errors by group"]
    assert not any(one.entry.startswith("fairness") for one in report.findings)


def test_groups_get_in_the_way_of_no_other_check(folder: Path) -> None:
    others = ["privacy.*", "damage.*", "extraction.*", "explain.*"]
    with Workspace(clock=lambda: NOW) as ws:
        run = ws.assessment(gather(folder), profile="quick", entries=others)
        for _ in run:
            pass
        report = ws.finished(run, gather(folder)).report
    ran = {one.entry: one.reason for one in report.findings}
    assert {"privacy.membership", "damage.label-flips", "damage.cell-trigger"} <= set(ran)
    assert not [why for why in ran.values() if "crashed" in why or "planted for it" in why]
