"""Runs the code blocks of a Markdown file, so that the documentation cannot lie.

Python blocks of one file share a namespace and run in order. In blocks of `console` or `bash`,
lines that start with ``$ bartizan`` run the command line; other lines are output, or commands
that are not ours to run. A comment in front of a block says otherwise:

    <!-- not run: it needs a model of your own -->
    <!-- exits: 1 -->

A page whose code needs a package that is not always installed says so once:

    <!-- needs: torch -->
"""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal

_FENCE = re.compile(
    r"(?:^[ ]*<!--[ ]*(?P<note>not run|exits):[ ]*(?P<value>\S[^\n]*?)[ ]*-->[ ]*\n\s*?)?"
    r"^(?P<indent>[ ]*)```(?P<language>python|console|bash)[ ]*\n"
    r"(?P<code>.*?)"
    r"^(?P=indent)```[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^\$ (?P<line>bartizan\b(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)
_NEEDS = re.compile(r"^<!-- needs: (?P<package>\w+) -->$", re.MULTILINE)
_TIMEOUT_S = 300
"""A documented command that takes longer does not belong in the documentation."""


@dataclass(frozen=True)
class Block:
    """One fenced block that is code of ours."""

    line: int
    """Where its first line of code stands in the file, from 1."""
    language: Literal["python", "console"]
    code: str
    skip: str = ""
    """Why it is not run; empty = it is."""
    exits: int = 0

    @property
    def commands(self) -> list[list[str]]:
        """The calls of our command line in it, as arguments without the program's name."""
        if self.language == "python":
            return []
        lines = (match["line"].replace("\\\n", " ") for match in _COMMAND.finditer(self.code))
        return [shlex.split(line, comments=True)[1:] for line in lines]


def blocks(text: str) -> list[Block]:
    """Find the blocks of a Markdown text, in order."""
    return [_block(match, text) for match in _FENCE.finditer(text)]


def _block(match: re.Match[str], text: str) -> Block:
    note, value = match["note"], match["value"] or ""
    return Block(
        line=text.count("\n", 0, match.start("code")) + 1,
        language="python" if match["language"] == "python" else "console",
        code=dedent(match["code"]),
        skip=value if note == "not run" else "",
        exits=int(value) if note == "exits" else 0,
    )


def runnable(text: str) -> list[Block]:
    """The blocks that `run` would do something with."""
    return [
        block
        for block in blocks(text)
        if not block.skip and (block.language == "python" or block.commands)
    ]


def needed(text: str) -> list[str]:
    """The packages without which the code of a page cannot run, by import name."""
    return _NEEDS.findall(text)


def run(path: Path, *, cwd: Path) -> None:
    """Run every block of a file that is not excused.

    Args:
        path: The Markdown file.
        cwd: Where commands run, and where Python blocks run if the caller went there.

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
        for command in block.commands:
            _call(command, block=block, path=path, cwd=cwd)


def _call(command: list[str], *, block: Block, path: Path, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from bartizan.cli.main import run; run()", *command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == block.exits, (
        f"{path.name}:{block.line}: `bartizan {shlex.join(command)}` ended with "
        f"{done.returncode}, the text says {block.exits}\n{done.stdout}\n{done.stderr}"
    )
