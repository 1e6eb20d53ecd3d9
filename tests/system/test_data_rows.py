"""Rows of a public data set of half a million rows: how fast, and in how much memory."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
ROWS, COLUMNS = 494_021, 42
KDD = DATA / "kddcup99" / "kddcup.data_10_percent.gz"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.skipif(
        not KDD.exists(),
        reason=f"kddcup99 is not in {DATA}; set BARTIZAN_DATA to the folder of public data",
    ),
]
MEASURED = """
import resource, sys, time
from hashlib import sha256
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))  # address space: threads reserve much
from bartizan.adapt.batches.reading import open_batches
from bartizan.adapt.rows.canonical import canonical_batch, row_keys
from bartizan.adapt.rows.layout import row_layout
begin = time.process_time()
batches = open_batches(sys.argv[1], has_header=False, target="c41")
layout = row_layout(batches.schema, target="c41")
read = time.process_time() - begin
canonical = hashed = 0.0
unfit = 0
begin = time.process_time()
for batch in batches:
    read += time.process_time() - begin
    unfit += sum(int(mask.sum()) for mask in batch.unfit.values())
    if len(sys.argv) > 2:
        begin = time.process_time()
        rows = canonical_batch(batch, layout=layout)
        canonical += time.process_time() - begin
        begin = time.process_time()
        [sha256(row).digest() for row in rows]
        row_keys(batch.frame, key=bytes(32))
        hashed += time.process_time() - begin
    begin = time.process_time()
status = open("/proc/self/status").read()  # getrusage counts the process before exec as well
peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
print(batches.rows, unfit, read, canonical, hashed, peak)
"""


def measured(path: Path, *more: str) -> list[float]:
    """Rows, unfit cells, CPU seconds to read, to encode and to hash, and most memory in MiB."""
    made = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path), *more],
        capture_output=True, text=True, check=True,
        env={**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return [float(text) for text in made.stdout.split()]


def test_half_a_million_rows_are_read_encoded_and_hashed_in_seconds() -> None:
    rows, unfit, read, canonical, hashed, peak = measured(KDD, "all")
    assert (rows, unfit) == (ROWS, 0)
    assert read <= 6  # 2.5 s on a quiet machine
    assert canonical <= 3  # 1.3 s
    assert hashed <= 4  # 2 s: SHA-256 of rows, and rows encoded and hashed again under a key
    assert peak < 700


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = tmp_path / "1.csv", tmp_path / "10.csv"
    raw = gzip.decompress(KDD.read_bytes())
    small.write_bytes(raw)
    with large.open("wb") as handle:
        for _ in range(10):
            handle.write(raw)
    one, ten = measured(small), measured(large)
    assert (one[0], ten[0]) == (ROWS, 10 * ROWS)
    assert ten[-1] <= 1.2 * one[-1]  # what an allocator leaves between blocks; the file is 714 MiB
    assert ten[-1] < 600
