from pathlib import Path

import pytest

from bartizan.core.errors import InputError
from bartizan.supply.dependencies.listings import joined, read_listing, says_dependencies
from bartizan.supply.dependencies.tree import Tree


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "dev-requirements.txt",
        "requirements/base.txt",
        "constraints.txt",
        "poetry.lock",
        "uv.lock",
        "pdm.lock",
        "pylock.toml",
        "pylock.gpu.toml",
        "Pipfile.lock",
    ],
)
def test_known_names_are_read(name: str) -> None:
    assert says_dependencies(Path("a/b") / name)


@pytest.mark.parametrize(
    "name", ["model.pkl", "notes/base.txt", "requirements.md", "pylock.a.json", "package.lock"]
)
def test_other_names_are_not(tmp_path: Path, name: str) -> None:
    assert not says_dependencies(Path(name))
    with pytest.raises(InputError, match=r"uv\.lock"):
        read_listing(tmp_path / name, tree=Tree.of(tmp_path))


def test_a_file_that_cannot_be_read_is_unread_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "uv.lock").write_bytes(b"\xff")
    listing = read_listing(tmp_path / "sub" / "uv.lock", tree=Tree.of(tmp_path))
    assert [(one.file, one.line) for one in listing.unread] == [("sub/uv.lock", 0)]
    assert "UTF-8" in listing.unread[0].why


def test_a_file_read_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r requirements-b.txt\n", encoding="utf-8")
    (tmp_path / "requirements-b.txt").write_text("a==1\n-e .\n", encoding="utf-8")
    tree = Tree.of(tmp_path)
    both = joined(read_listing(path, tree=tree) for path in sorted(tmp_path.iterdir()))
    assert len(both.dependencies) == 1
    assert len(both.unread) == 1


def test_a_tree_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder"):
        Tree.of(tmp_path / "absent")
