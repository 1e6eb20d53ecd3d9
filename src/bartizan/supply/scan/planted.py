"""Files that the scanners must find, planted before anything else is read."""

import io
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable

from bartizan.core.entry import ControlResult
from bartizan.core.errors import InputError
from bartizan.supply.scan.notice import Verdict
from bartizan.supply.scan.reader import Answer

_RUNS = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."
"""A pickle that would run a command which does nothing."""
_RUNS_NOTHING = b"\x80\x02]q\x00(K\x01K\x02e."
"""A pickle of the list [1, 2]."""


def _zip(raw: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", raw)
    return buffer.getvalue()


def _tar(raw: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("model.pkl")
        member.size = len(raw)
        archive.addfile(member, io.BytesIO(raw))
    return buffer.getvalue()


_PLANTED: tuple[tuple[str, Verdict, Callable[[], bytes]], ...] = (
    ("a list in a pickle", "clean", lambda: _RUNS_NOTHING),
    ("a list in a pickle in a zip archive", "clean", lambda: _zip(_RUNS_NOTHING)),
    ("a command in a pickle", "malicious", lambda: _RUNS),
    ("a command in a compressed pickle", "malicious", lambda: zlib.compress(_RUNS)),
    ("a command in a pickle in a zip archive", "malicious", lambda: _zip(_RUNS)),
    ("a command in a pickle in a tar archive", "malicious", lambda: _tar(_RUNS)),
)


def control(*, read: Callable[..., Answer]) -> ControlResult:
    """Let the planted files be read.

    Args:
        read: ``read(descriptor, *, path)``, what reads the real files too.

    Returns:
        Whether each was judged as it must be: the hostile ones found, the honest ones left alone.
    """
    for name, expected, made in _PLANTED:
        with tempfile.TemporaryFile() as file:
            file.write(made())
            file.flush()
            try:
                verdict = read(file.fileno(), path="planted").read.verdict
            except InputError as error:
                return ControlResult(passed=False, detail=f"{name}: {error}")
        if verdict != expected:
            said = f"{name} was called {verdict}, and is {expected}"
            return ControlResult(passed=False, detail=said)
    named = ", ".join(name for name, _, _ in _PLANTED)
    return ControlResult(passed=True, detail=f"{len(_PLANTED)} planted files judged right: {named}")
