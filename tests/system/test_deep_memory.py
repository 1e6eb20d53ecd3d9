"""The memory that a deep look says it needs, against what the process took."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bartizan.core.schema import Feature, Image, Schema
from bartizan.data.room import Size, needed_bytes

pytestmark = pytest.mark.slow
MOST, LEAST = 1.15, 0.4
"""Of the estimate: more would fill a machine that was said to suffice, less would refuse data that
fits easily."""
PROGRAM = """
import sys
from pathlib import Path
from bartizan import Workspace

with Workspace() as ws:
    ws.data.check(sys.argv[1], target="y", entries=sys.argv[2:], memory=16)
told = Path("/proc/self/status").read_text()  # getrusage counts what the parent had, too
print(1024 * next(int(line.split()[1]) for line in told.splitlines() if "VmHWM" in line))
"""


def taken(path: Path, *entries: str) -> int:
    """Bytes that a look took at most."""
    words = [sys.executable, "-c", PROGRAM, str(path), *entries]
    ran = subprocess.run(words, capture_output=True, text=True, check=True, timeout=500)
    return int(ran.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_table_takes_about_what_was_said(folder: Path) -> None:
    n, d = 20_000, 60
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, d)).round(3)
    names = [f"v{place}" for place in range(d)]
    pl.DataFrame(x, schema=names).with_columns(y=(x[:, 0] > 0).astype(int)).write_parquet(
        folder / "t.parquet"
    )
    size = Size.of(Schema(features=tuple(Feature(name=name) for name in names)), classes=2)
    told = needed_bytes(n, size)
    measured = taken(folder / "t.parquet", "poison.labels", "poison.trigger")
    assert LEAST <= measured / told <= MOST, f"{measured / told:.2f} of what was said"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pictures_take_about_what_was_said(folder: Path) -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 3000)
    values = rng.integers(0, 60, (3000, 28, 28)) + 60 * (np.arange(28) % 3 == y[:, None])[:, None]
    np.savez(folder / "p.npz", x=values.astype(np.uint8), y=y)
    size = Size.of(Schema(image=Image(height=28, width=28, channels=1)), classes=3)
    measured = taken(folder / "p.npz", "poison.latent")
    told = needed_bytes(3000, size)
    assert LEAST <= measured / told <= MOST, f"{measured / told:.2f} of what was said"
