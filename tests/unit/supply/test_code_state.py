import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.core.errors import InputError
from bartizan.supply.code_state import code_state, public_uri

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository with one commit; what is called runs git in it."""
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        **{
            f"GIT_{who}_{what}": "x"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=tmp_path / "code",
            env=settings,
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout.strip()

    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text("x = 1\n")
    run("init", "-q")
    run("add", "-A")
    run("commit", "-q", "-m", "first")
    return run


def test_the_commit_is_named_and_nothing_has_changed(git: Git, tmp_path: Path) -> None:
    found = code_state(tmp_path / "code")
    assert found.commit == git("rev-parse", "HEAD")
    assert (found.changed, found.untracked, found.uri) == (0, 0, "")


def test_files_that_differ_from_the_commit_are_counted(git: Git, tmp_path: Path) -> None:
    (tmp_path / "code" / "train.py").write_text("x = 2\n")
    (tmp_path / "code" / "new\nname.py").write_text("")
    (tmp_path / "code" / "staged.py").write_text("")
    git("add", "staged.py")
    found = code_state(tmp_path / "code")
    assert (found.changed, found.untracked) == (2, 1)


def test_no_secret_of_the_address_is_told(git: Git, tmp_path: Path) -> None:
    git("remote", "add", "origin", "https://ada:secret@git.example:8443/ml/fraud.git?token=t#f")
    assert code_state(tmp_path / "code").uri == "git+https://git.example:8443/ml/fraud.git"


def test_the_repository_starts_no_program_of_its_own(git: Git, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git("config", "core.fsmonitor", str(trap))
    code_state(tmp_path / "code")
    assert not (tmp_path / "sprung").exists()


def test_where_there_is_no_repository_nothing_is_made_up(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(InputError, match="git cannot say"):
        code_state(tmp_path)


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(InputError, match="git cannot say"):
        code_state(tmp_path)


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        ("", ""),
        ("../fraud", ""),
        ("file:///home/ada/fraud", ""),
        ("ext::sh -c id", ""),
        ("https://[::1", ""),
        ("https://git.example:x/a", ""),
        ("ssh://git@git.example/a.git", "git+ssh://git.example/a.git"),
        ("ada@git.example:a/b.git", "git+ssh://git.example/a/b.git"),
    ],
)
def test_only_addresses_of_other_machines_are_told(origin: str, wanted: str) -> None:
    assert public_uri(origin) == wanted
