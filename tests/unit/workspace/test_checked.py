from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bartizan.core.errors import OutputError
from bartizan.core.schema import Feature, Schema
from bartizan.workspace import Checked, Workspace


@pytest.fixture(scope="module")
def checked() -> Checked:
    amounts = np.arange(300.0)
    amounts[[7, 250]] = -1
    frame = pl.DataFrame({"row": np.arange(300), "amount": amounts})
    schema = Schema(features=(Feature(name="row", type="integer"), Feature(name="amount", min=0)))
    with Workspace() as ws:
        return ws.data.check(frame, schema=schema, entries=["data.ranges", "data.types"])


def test_rows_that_a_failure_points_at_are_written_as_the_source_has_them(
    checked: Checked, tmp_path: Path
) -> None:
    files = checked.save(tmp_path)
    written = [path for path in files if path.suffix == ".parquet"]
    assert [path.name for path in written] == ["data.ranges_data.parquet"]
    frame = pl.read_parquet(written[0])
    assert frame["row"].to_list() == [7, 250]
    assert frame["amount"].to_list() == [-1, -1]
    assert "column.row" in frame.columns  # a column of the data that has the same name
    assert (tmp_path / "examples").stat().st_mode & 0o777 == 0o700


def test_rows_of_an_earlier_run_do_not_stay(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    stale = tmp_path / "examples" / "old.parquet"
    stale.write_bytes(b"old")
    checked.save(tmp_path)
    assert not stale.exists()


def test_nothing_is_written_where_no_rows_are_wanted(checked: Checked, tmp_path: Path) -> None:
    checked.save(tmp_path, examples=False)
    assert not (tmp_path / "examples").exists()


def test_real_rows_are_not_written_through_links(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "examples").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="link"):
        checked.save(tmp_path)


def test_a_pass_writes_no_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=400), "y": [0, 1] * 200})
    twice = pl.concat([frame, frame.head(1).with_columns(y=1 - pl.col("y"))])
    with Workspace() as ws:
        found = ws.data.check(twice, target="y", entries=["data.duplicates"])
    assert found.outcome == "pass"
    assert found.rows
    assert found.frames() == {}
