"""Go's reference code for notes and transparency logs, asked over a pipe.

A test that wants it asks for the fixture `reference` (`tests/unit/ledger/conftest.py`), which
skips where Go or the library is missing. Bytes go in and come out as bytes; on the way they are
base64.

    reference.ask("tree_hash", leaves=[b"a", b"b"])["hash"]     # bytes
    reference.ask("check_record", proof=[...], size=2, root=..., index=0, leaf=b"a")

An answer whose "error" is not empty raises `Refused`. The operations are listed in
`tests/vectors/ledger/go/reference.go`.
"""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

SOURCE = Path(__file__).parent / "vectors" / "ledger" / "go" / "reference.go"
LIBRARY = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb")
"""Where Debian's golang-golang-x-mod-dev puts it."""
BYTES = {"text", "note", "hash"}


class Refused(Exception):  # noqa: N818 (an answer, not a failure)
    """The reference code did not accept what it was given."""


class Reference:
    """The compiled program; close it, or use it as a context."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, op: str, **fields: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"op": op, **{name: _spelled(value) for name, value in fields.items()}}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        if reply["error"]:
            raise Refused(reply["error"])
        for name in BYTES & set(reply):
            reply[name] = base64.b64decode(reply[name])
        reply["proof"] = [base64.b64decode(one) for one in reply.get("proof") or ()]
        return reply

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


def missing() -> str:
    """Why the reference code cannot be built here; empty if it can."""
    if shutil.which("go") is None:
        return "no Go compiler on this machine (Debian: golang-go)"
    if not LIBRARY.is_dir():
        return f"no {LIBRARY} on this machine (Debian: golang-golang-x-mod-dev)"
    return ""


def build(folder: Path) -> Path:
    """Compile the program into a folder; about ten seconds on a cold cache."""
    program = folder / "reference"
    settings = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOFLAGS": "",
        "GOCACHE": str(folder / "cache"),
        "CGO_ENABLED": "0",
        "GOMAXPROCS": "1",
    }
    done = subprocess.run(
        ["go", "build", "-o", program, SOURCE],
        env=settings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return program


def _spelled(value: object) -> object:
    match value:
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case list() | tuple():
            return [_spelled(one) for one in value]
        case dict():
            return {name: _spelled(one) for name, one in value.items()}
        case _:
            return value
