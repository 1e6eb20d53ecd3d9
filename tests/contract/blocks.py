"""Runs the code blocks of a Markdown file, so that the documentation cannot lie.

Python blocks of one file share a namespace and run in order. In blocks of `console` or `bash`,
lines that start with ``$ bartizan`` run the command line, in this process: to start one costs more
than most commands do. Other lines are output, or commands that are not ours to run. A comment in
front of a block says otherwise:

    <!-- not run: it needs a model of your own -->
    <!-- exits: 1 -->

What a page tells its reader to write into a file is written there, at its end:

    <!-- added to: bartizan.toml -->

A page whose code needs a package that is not always installed says so once:

    <!-- needs: torch -->
"""

import contextlib
import io
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal

from bartizan.cli import main

_FENCE = re.compile(
    r"(?:^[ ]*<!--[ ]*(?P<note>not run|exits|added to):[ ]*(?P<value>\S[^\n]*?)[ ]*-->[ ]*\n\s*?)?"
    r"^(?P<indent>[ ]*)```(?P<language>python|console|bash|toml)[ ]*\n"
    r"(?P<code>.*?)"
    r"^(?P=indent)```[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^\$ (?P<line>bartizan\b(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)
_NEEDS = re.compile(r"^<!-- needs: (?P<package>\w+) -->$", re.MULTILINE)
_LANGUAGES: dict[str, Literal["python", "toml"]] = {"python": "python", "toml": "toml"}
_TIMEOUT_S = 300
"""A documented command that takes longer does not belong in the documentation."""


@dataclass(frozen=True)
class Block:
    """One fenced block that is code of ours."""

    line: int
    """Where its first line of code stands in the file, from 1."""
    language: Literal["python", "console", "toml"]
    code: str
    skip: str = ""
    """Why it is not run; empty = it is."""
    exits: int = 0
    file: str = ""
    """Of TOML: what it is added to; empty = nothing."""

    @property
    def commands(self) -> list[list[str]]:
        """The calls of our command line in it, as arguments without the program's name."""
        if self.language != "console":
            return []
        lines = (match["line"].replace("\\\n", " ") for match in _COMMAND.finditer(self.code))
        return [shlex.split(line, comments=True)[1:] for line in lines]


def blocks(text: str) -> list[Block]:
    """Find the blocks of a Markdown text, in order."""
    found = [_block(match, text) for match in _FENCE.finditer(text)]
    return [block for block in found if block.language != "toml" or block.file]


def _block(match: re.Match[str], text: str) -> Block:
    note, value = match["note"], match["value"] or ""
    return Block(
        line=text.count("\n", 0, match.start("code")) + 1,
        language=_LANGUAGES.get(match["language"], "console"),
        code=dedent(match["code"]),
        skip=value if note == "not run" else "",
        exits=int(value) if note == "exits" else 0,
        file=value if note == "added to" else "",
    )


def runnable(text: str) -> list[Block]:
    """The blocks that `run` would do something with."""
    return [
        block
        for block in blocks(text)
        if not block.skip and (block.language == "python" or block.file or block.commands)
    ]


def needed(text: str) -> list[str]:
    """The packages without which the code of a page cannot run, by import name."""
    return _NEEDS.findall(text)


def run(path: Path, *, cwd: Path, alone: bool = False) -> None:
    """Run every block of a file that is not excused.

    Args:
        path: The Markdown file.
        cwd: Where commands run, and where Python blocks run if the caller went there.
        alone: Whether each command is a process of its own, as in a shell.

    Raises:
        AssertionError: a command ended otherwise than the text says; holds place and output.
        Exception: whatever a Python block raised; its traceback names the file and the line.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in runnable(path.read_text(encoding="utf-8")):
        if block.language == "python":
            # empty lines in front make tracebacks show the line of the Markdown file
            code = "\n" * (block.line - 1) + block.code
            exec(compile(code, str(path), "exec", dont_inherit=True), names)  # noqa: S102  # the point
        if block.file:
            with (cwd / block.file).open("a", encoding="utf-8") as file:
                file.write("\n" + block.code)
        for command in block.commands:
            ended, printed = (_started if alone else _called)(command, cwd=cwd)
            assert ended == block.exits, (
                f"{path.name}:{block.line}: `bartizan {shlex.join(command)}` ended with "
                f"{ended}, the text says {block.exits}\n{printed}"
            )


def _called(command: list[str], *, cwd: Path) -> tuple[int | str | None, str]:
    """How a command ends in this process, and what it prints."""
    printed, given = io.StringIO(), sys.argv
    code: int | str | None = None
    sys.argv = ["bartizan", *command]
    try:
        with (
            contextlib.chdir(cwd),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            main.run()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.argv = given
    return code, printed.getvalue()


def _started(command: list[str], *, cwd: Path) -> tuple[int | str | None, str]:
    """How a command ends in a process of its own, and what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", "from bartizan.cli.main import run; run()", *command],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return done.returncode, done.stdout
