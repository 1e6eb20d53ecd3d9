from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bartizan.core.errors import InputError, UsageError
from bartizan.core.schema import Feature, Schema
from bartizan.data.rules import Rules
from bartizan.workspace import Workspace, dataset_inputs
from unit.data.checks import NOW


def frame(n: int = 400, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "order": np.arange(n),
            "amount": rng.normal(50, 5, n).round(2),
            "shop": rng.choice(["web", "app"], n),
            "y": rng.integers(0, 2, n),
        }
    )


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "ws", clock=lambda: NOW) as workspace:
        rules = Rules(unique=(("order",),))
        inputs = dataset_inputs(frame(), now=NOW, target="y", name="orders", rules=rules)
        workspace.data.register.add(inputs, source="a test")
        yield workspace


def outcomes(found: object) -> dict[str, str]:
    return {one.entry: one.outcome for one in found.findings}  # type: ignore[attr-defined] # Checked


def test_the_last_version_says_what_is_demanded_and_what_it_looked_like(ws: Workspace) -> None:
    found = ws.data.check(frame(), target="y", name="orders")
    assert outcomes(found)["data.unique"] == "pass"
    assert outcomes(found)["data.drift"] == "pass"
    assert outcomes(found)["data.label-changes"] == "pass"


def test_relabelled_rows_are_found_against_the_last_version(ws: Workspace) -> None:
    other = frame().with_columns(y=1 - pl.col("y"))
    found = ws.data.check(other, target="y", name="orders")
    assert outcomes(found)["data.label-changes"] == "fail"


def test_demands_of_now_count_more_than_those_of_then(ws: Workspace) -> None:
    rules = Rules(source="shop", quota=0.1)
    found = ws.data.check(frame(), target="y", name="orders", rules=rules)
    assert "data.unique" not in outcomes(found)
    assert outcomes(found)["data.sources"] == "fail"


def test_another_registered_data_set_is_a_reference_by_its_name(ws: Workspace) -> None:
    odd = frame(seed=1).with_columns(amount=pl.col("amount") + 20)
    found = ws.data.check(odd, target="y", name="new", reference="orders")
    assert outcomes(found)["data.drift"] == "fail"
    assert "data.label-changes" not in outcomes(found)
    with pytest.raises(UsageError, match="neither a file nor a data set that is registered"):
        ws.data.check(odd, target="y", name="new", reference="order")


def test_a_declared_schema_counts_more_than_the_registered_one(ws: Workspace) -> None:
    schema = Schema(
        features=(
            Feature(name="order", type="integer"),
            Feature(name="amount", min=0, max=40),
            Feature(name="shop", type="categorical", categories=("web", "app")),
        )
    )
    found = ws.data.check(frame(), target="y", name="orders", schema=schema)
    assert outcomes(found)["data.ranges"] == "fail"


def test_inferred_limits_are_no_demand_even_once_they_are_registered(ws: Workspace) -> None:
    higher = frame().with_columns(amount=pl.col("amount") * 100)
    found = ws.data.check(higher, target="y", name="orders")
    assert "data.ranges" not in outcomes(found)


def test_a_workspace_that_keeps_nothing_registers_nothing() -> None:
    with Workspace() as ws, pytest.raises(UsageError, match="keeps nothing"):
        _ = ws.data.register


def test_pictures_are_no_rows(ws: Workspace, tmp_path: Path) -> None:
    from PIL import Image  # noqa: PLC0415 - only here

    (tmp_path / "cats").mkdir()
    for place in range(3):
        picture = Image.fromarray(np.full((8, 8, 3), 40 * place, dtype=np.uint8))
        picture.save(tmp_path / "cats" / f"{place}.png")
    inputs = dataset_inputs(tmp_path / "cats", now=NOW)
    with pytest.raises(InputError, match="register a table"):
        ws.data.register.add(inputs, source="a test")
