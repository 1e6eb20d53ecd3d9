"""One hostile file, and the ways in which files of models are hostile."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Least: TypeAlias = Literal["malicious", "suspicious", "inconclusive"]
"""The mildest verdict that a scanner may give. `suspicious`: the file needs somebody's help to do
harm, such as a function that the process has registered, or a reader that loads what is hidden.
`inconclusive`: nothing more can be said without unpacking it or a library of its own: bombs, 7z,
LZ4. No hostile file may be called clean."""
Build: TypeAlias = Callable[[], bytes]

CONTAINER = "container"
DISPATCH = "dispatch"
STREAM = "stream"
GADGET = "gadget"
FORMAT = "format"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One hostile file. It is built when it is asked for, and never opened by what it attacks."""

    name: str
    """Unique, in words of the weakness."""
    family: str
    """`container`, `dispatch`, `stream`, `gadget` or `format`."""
    weakness: str
    """Which way past scanners it takes: one of `weaknesses.WEAKNESSES`."""
    ending: str
    """Ending of the file's name, dot included; it may lie. Empty = none."""
    content: Build
    least: Least = "malicious"
    pickle: Build | None = None
    """The stream in it that would call something, bare. None = there is none, or it is not whole
    on its own."""
    parses: bool = True
    """Whether `pickletools` can disassemble that stream to its end."""

    @property
    def file(self) -> str:
        """Its name below the folder of all."""
        return f"{self.family}/{self.name}{self.ending}"

    def write(self, folder: Path) -> Path:
        """Build the file below a folder.

        Returns:
            Where it is.
        """
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.content())
        return path


def bare(
    name: str,
    stream: bytes,
    *,
    family: str,
    weakness: str,
    ending: str = ".pkl",
    parses: bool = True,
) -> Case:
    """A file that is a pickle and nothing else."""
    return Case(
        name=name,
        family=family,
        weakness=weakness,
        ending=ending,
        content=lambda: stream,
        pickle=lambda: stream,
        parses=parses,
    )


def write_all(cases: Iterable[Case], folder: Path) -> dict[str, Path]:
    """Build many files below a folder, by the names of their cases."""
    return {case.name: case.write(folder) for case in cases}
