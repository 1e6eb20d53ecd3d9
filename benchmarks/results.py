"""What every benchmark shares: options, one thread, tables, and its section of RESULTS.md."""

import argparse
import os
import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")


@dataclass(frozen=True)
class Target:
    """A number that was promised, and what came out."""

    what: str
    bar: str
    """For people, such as ``<= 2.0``."""
    value: float
    met: bool

    @classmethod
    def at_most(cls, what: str, value: float, bar: float) -> "Target":
        """Smaller is better."""
        return cls(what=what, bar=f"<= {bar:g}", value=value, met=value <= bar)

    @classmethod
    def at_least(cls, what: str, value: float, bar: float) -> "Target":
        """Larger is better."""
        return cls(what=what, bar=f">= {bar:g}", value=value, met=value >= bar)


@dataclass
class Section:
    """What one benchmark has to say: tables, targets and remarks, in the order they came."""

    name: str
    title: str
    command: str
    packages: tuple[str, ...]
    parts: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Add a paragraph, and print it."""
        print(text, flush=True)
        self.parts.append(text)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table, and print it."""
        lines = [head, ["---"] * len(head), *[[shown(cell) for cell in row] for row in rows]]
        self.say("\n".join("| " + " | ".join(line) + " |" for line in lines))

    def text(self, now: datetime) -> str:
        """The whole section in Markdown."""
        rows = [
            f"| {target.what} | {target.bar} | {shown(target.value)} | "
            f"{'met' if target.met else '**missed**'} |"
            for target in self.targets
        ]
        promised = ["| target | bar | measured | |", "| --- | --- | --- | --- |", *rows]
        about = [
            f"`{self.command}`, {now:%Y-%m-%d}.",
            f"{machine()}, load {os.getloadavg()[0]:.1f}. {versions(self.packages)}.",
        ]
        return "\n\n".join([f"## {self.title}", "\n".join(about), "\n".join(promised), *self.parts])

    def write(self, *, path: Path = RESULTS) -> None:
        """Print the targets, and put the section in its place in RESULTS.md."""
        text = self.text(datetime.now(UTC))
        for target in self.targets:
            word = "met   " if target.met else "MISSED"
            print(f"{word}  {target.what}: {shown(target.value)} ({target.bar})")
        begin, end = f"<!-- begin {self.name} -->", f"<!-- end {self.name} -->"
        before = path.read_text(encoding="utf-8") if path.exists() else "# Results\n"
        section = f"{begin}\n{text}\n{end}"
        found = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        after = found.sub(lambda _: section, before)
        if section not in after:
            after = f"{after.rstrip()}\n\n{section}\n"
        path.write_text(after, encoding="utf-8")


def shown(cell: object) -> str:
    """A number with four digits that matter; anything else as it is."""
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.4g}"


def machine() -> str:
    """Processor, number of cores, system and Python."""
    name = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        found = re.search(r"model name\s*: (.+)", about.read_text(encoding="utf-8"))
        name = found.group(1).strip() if found else name
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{name}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def versions(packages: Sequence[str]) -> str:
    """Packages with their versions."""
    return ", ".join(f"{package} {_version(package)}" for package in packages)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def options(description: str, *, samples: int) -> argparse.Namespace:
    """Read the command line of a benchmark, in a process that has one thread.

    Args:
        description: What is measured.
        samples: How many rows are attacked unless the command line says otherwise.

    Returns:
        `samples`, and `smoke`: only try whether everything runs, and write no results.
    """
    one_thread()
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--samples", type=int, default=samples, help="rows (default: %(default)s)")
    parser.add_argument("--smoke", action="store_true", help="seconds only; writes no results")
    return parser.parse_args()


def one_thread() -> None:
    """Start the process anew with one thread for each numeric library.

    They read these settings when they are first imported, which has happened by now.
    """
    if all(os.environ.get(name) == "1" for name in _THREADS):
        return
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - the very same command
