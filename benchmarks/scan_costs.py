"""What it costs to scan one file: large honest ones, and bombs."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import results
from hostile_artifacts.corpus import CASES

MIB = 1 << 20
FLOATS = 3_000_000
"""In a list: 27 MB."""
RECORDS = 300_000
"""Dictionaries in a list, which take far more instructions than numbers."""
NUMBERS = 25_000_000
"""In an array: 200 MB."""
BOMBS = {
    "gzip-of-zeros": "gzip that unpacks 1000 to 1",
    "zip-of-zeros": "zip that unpacks 1000 to 1",
    "zip-of-many-entries": "zip with 100,000 members",
    "safetensors-header-of-a-gigabyte": "safetensors whose header claims 10^9 bytes",
    "zip-ten-deep": "zip in a zip, 10 levels",
}
"""Of the hostile corpus, and how they are called in the table."""
_ASK = """
import json, os, resource, sys, time
from bartizan.core.errors import InputError
from bartizan.supply.scan.confined import Confined

def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024

began = time.perf_counter()
verdict = "inconclusive"
with Confined() as reader:
    try:
        descriptor = os.open(sys.argv[1], os.O_RDONLY)
        verdict = reader.read(descriptor, path=sys.argv[1]).read.verdict
    except InputError:
        pass
wall = time.perf_counter() - began
print(json.dumps([verdict, wall, *spent()]))
"""
"""The confined process of `supply scan` on one file, from its start to its end. Its parent has no
other child, so that RUSAGE_CHILDREN is of that process alone. A child that shares its parent's
memory until it is another program counts that memory as its own: the figure is an upper bound."""


@dataclass(frozen=True)
class Large:
    """A file to measure."""

    what: str
    """For the table."""
    path: Path
    bars: tuple[int, int] | None
    """Seconds and MiB resident at most; None = nothing was promised."""


@dataclass(frozen=True)
class Cost:
    """What reading one file took, of the process that reads it."""

    verdict: str
    wall_s: float
    cpu_s: float
    peak_mib: float


def larges(place: Path, *, share: float) -> Iterator[Large]:
    """Write every file below a folder.

    Args:
        place: Where.
        share: Of the full sizes of honest files.
    """
    place.mkdir()
    honest: dict[str, tuple[Callable[[int], object], int, tuple[int, int] | None]] = {
        "pickle of a 200 MB array": (_array, NUMBERS, (1, 100)),
        "pickle of 3 million floats, 27 MB": (_floats, FLOATS, (10, 100)),
        f"pickle of {RECORDS:,} dictionaries": (_records, RECORDS, None),
    }
    for number, (what, (made, count, bars)) in enumerate(honest.items()):
        path = place / f"honest{number}.pkl"
        with path.open("wb") as file:
            pickle.dump(made(int(count * share)), file, protocol=4)
        yield Large(what=what, path=path, bars=bars)
    by_name = {case.name: case for case in CASES}
    for name, what in BOMBS.items():
        yield Large(what=what, path=by_name[name].write(place), bars=(5, 200))


def _array(count: int) -> object:
    return np.random.default_rng(0).random(count)


def _floats(count: int) -> list[float]:
    return [number / 7 for number in range(count)]


def _records(count: int) -> list[dict[str, object]]:
    return [
        {"name": f"row {number}", "amount": number / 7, "count": number, "seen": None}
        for number in range(count)
    ]


def cost(path: Path, *, rounds: int) -> Cost:
    """What our reading process takes for a file, the best of some rounds: others work here too."""
    found = [_once(path) for _ in range(rounds)]
    return Cost(
        verdict=found[0].verdict,
        wall_s=min(one.wall_s for one in found),
        cpu_s=min(one.cpu_s for one in found),
        peak_mib=max(one.peak_mib for one in found),
    )


def _once(path: Path) -> Cost:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", _ASK, str(path)],
        env={**os.environ, "PYTHONPATH": str(results.ROOT / "src")},
        capture_output=True,
        check=True,
    )
    verdict, wall, cpu, peak = json.loads(done.stdout)
    return Cost(verdict=verdict, wall_s=wall, cpu_s=cpu, peak_mib=peak / MIB)
