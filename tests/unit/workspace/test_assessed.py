"""Examples on disk."""

from pathlib import Path

import numpy as np
import pytest

from bartizan import Workspace
from bartizan.core.errors import OutputError
from bartizan.workspace import Assessed


@pytest.fixture(scope="module")
def result() -> Assessed:
    x = np.random.default_rng(0).normal(size=(120, 3))
    y = (x[:, 0] > 0).astype(int)
    with Workspace() as ws:
        return ws.assess(lambda x: x[:, 0], (x, y), profile="quick")


def test_examples_of_an_earlier_run_do_not_stay(result: Assessed, tmp_path: Path) -> None:
    result.save(tmp_path)
    stale = tmp_path / "examples" / "old.parquet"
    stale.write_bytes(b"of another run")
    written = result.save(tmp_path)
    assert not stale.exists()
    assert [path for path in written if path.suffix == ".parquet"]


def test_an_existing_folder_is_closed_to_others(result: Assessed, tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir(mode=0o755)
    result.save(tmp_path)
    assert (tmp_path / "examples").stat().st_mode & 0o777 == 0o700


def test_rows_are_not_written_through_a_link(result: Assessed, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "examples").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="is a link"):
        result.save(tmp_path)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_resuming_a_model_without_a_file_begins_anew() -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    with Workspace() as ws:
        again = ws.assess(lambda x: x[:, 0], (x, (x[:, 0] > 0) * 1), profile="quick", resume=True)
    assert any("--resume began anew" in warning for warning in again.report.warnings)
