"""The workspace beside a project: one that is named must be there."""

from pathlib import Path

import pytest

from bartizan.cli.workspace_place import there, workspace_beside
from bartizan.core.errors import UsageError


def test_the_one_beside_the_project_file_need_not_be_there(tmp_path: Path) -> None:
    assert there(None, folder=tmp_path) is None
    (tmp_path / ".bartizan").mkdir()
    assert there(None, folder=tmp_path) == tmp_path / ".bartizan"


@pytest.mark.parametrize("name", ["nosuch", "file"])
def test_one_that_is_named_must_be_a_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=f"no workspace in .*{name}"):
        there(tmp_path / name, folder=tmp_path)


def test_one_is_made_where_that_is_asked_for(tmp_path: Path) -> None:
    with workspace_beside(tmp_path / "new", folder=tmp_path, config=None, make=True) as ws:
        assert ws.ledger is not None
    assert (tmp_path / "new").is_dir()
    with workspace_beside(None, folder=tmp_path / "none", config=None) as ws:
        assert ws.ledger is None
    assert not (tmp_path / "none").exists()
