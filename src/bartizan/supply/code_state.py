"""Which code trained a model: the commit of a git repository, and whether files differ from it."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bartizan.core.errors import InputError

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>[^\s]+)")
_TIMEOUT_S = 60.0
"""For one question to git; the state of 100,000 files takes some seconds."""
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""A repository's own settings start no program."""


@dataclass(frozen=True, kw_only=True)
class CodeFact:
    """The code, as its repository knows it."""

    commit: str
    """40 or 64 hexadecimal digits."""
    changed: int
    """Files that differ from the commit."""
    untracked: int
    """Files that the repository neither knows nor ignores."""
    uri: str = ""
    """Where it comes from, ``git+https://...``, without user names and passwords."""


def code_state(folder: Path, *, timeout_s: float = _TIMEOUT_S) -> CodeFact:
    """Ask git about the repository in which a folder lies.

    Args:
        folder: Any folder of it.
        timeout_s: Seconds for one question.

    Raises:
        InputError: it lies in none, nothing was committed yet, or git is missing or too slow.
    """
    commit = _asked(folder, "rev-parse", "--verify", "HEAD^{commit}", timeout_s=timeout_s).strip()
    if not _COMMIT.fullmatch(commit):
        message = f"git says that {folder} is at {commit[:80]!a}, which is no commit"
        raise InputError(message)
    state = _asked(folder, "status", "--porcelain=v1", "-z", "--no-renames", timeout_s=timeout_s)
    marks = [line[:2] for line in state.split("\0") if line]
    try:
        origin = _asked(folder, "remote", "get-url", "origin", timeout_s=timeout_s).strip()
    except InputError:  # a repository that was never sent anywhere
        origin = ""
    return CodeFact(
        commit=commit,
        changed=sum(mark != "??" for mark in marks),
        untracked=sum(mark == "??" for mark in marks),
        uri=public_uri(origin),
    )


def public_uri(origin: str) -> str:
    """The address of a repository without anything secret; empty for one on this machine.

    Example:
        >>> public_uri("https://ada:secret@git.example/fraud.git?token=1")
        'git+https://git.example/fraud.git'
        >>> public_uri("git@git.example:ml/fraud.git"), public_uri("/home/ada/fraud")
        ('git+ssh://git.example/ml/fraud.git', '')

    Source:
        SPDX 2.3, section 7.7.1.2, form of addresses of repositories.
    """
    if "://" not in origin:
        match = _SCP.fullmatch(origin)
        return f"git+ssh://{match['host']}/{match['path'].lstrip('/')}" if match else ""
    try:
        parts = urlsplit(origin)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in ("https", "http", "ssh", "git") or not parts.hostname:
        return ""
    return "git+" + urlunsplit((parts.scheme, f"{parts.hostname}{port}", parts.path, "", ""))


def _asked(folder: Path, *arguments: str, timeout_s: float) -> str:
    program = shutil.which("git")
    if program is None:
        message = "git is not installed, so nobody can say which code this is; install it"
        raise InputError(message)
    settings = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - the program was looked up, the arguments are ours
            [program, *_SAFE, "-C", str(folder), *arguments],
            env=settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        message = f"git cannot say which code lies in {folder}: {said[0][:200] if said else '?'}"
        raise InputError(message) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"git did not answer about {folder} ({type(error).__name__}); try it by hand"
        raise InputError(message) from error
    return done.stdout.decode("utf-8", "replace")
