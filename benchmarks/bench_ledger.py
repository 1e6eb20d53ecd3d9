"""What the ledger costs: appends in memory and on the disk, proofs, and the check of 10^6 entries.

Wall-clock where the disk is waited for, CPU time beside it. As a yardstick, the same run measures
the floor below which nothing in Python can go: one SHA-256 call for each leaf and each node.
"""

import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time

import results
from bartizan.ledger.edge import Edge
from bartizan.ledger.fsck import fsck
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import Frontier, leaf_hash, verify_consistency, verify_inclusion
from bartizan.ledger.reader import Tiles

BATCH = 256
ENTRY_BYTES = 300
"""A fact of the ledger as JSON has about this length."""
LARGE = 1_000_000
DURABLE = 200
"""Batches that are made durable."""
PROOFS = 2_000


def publish(size: int, root: bytes) -> bytes:
    """A checkpoint without a signature, which is another room's cost."""
    return f"{size} {root.hex()}".encode()


def read(raw: bytes) -> tuple[int, bytes]:
    size, root = raw.split()
    return int(size), bytes.fromhex(root.decode())


def entries(count: int) -> list[bytes]:
    return [(b"%d " % number).ljust(ENTRY_BYTES, b"x") for number in range(count)]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and CPU seconds."""
    wall, cpu = perf_counter(), process_time()
    work()
    return perf_counter() - wall, process_time() - cpu


def main() -> None:
    args = results.options(__doc__ or "", samples=LARGE)
    count = 20_000 if args.smoke else args.samples
    section = results.Section(
        name="ledger",
        title="Ledger",
        command="python benchmarks/bench_ledger.py",
        packages=("cryptography",),
    )
    section.say(
        f"Entries of {ENTRY_BYTES} bytes; one process, one thread. "
        "`floor`: the SHA-256 calls alone, in a list comprehension."
    )
    memory(section, entries(min(count, 200_000)))
    with tempfile.TemporaryDirectory() as folder:
        durable(section, Path(folder) / "small", batches=4 if args.smoke else DURABLE)
        large(section, Path(folder) / "large", count=count)
    if not args.smoke:
        section.write()


def memory(section: results.Section, batch: Sequence[bytes]) -> None:
    """Appends that only grow the tree."""

    def one_by_one() -> None:
        frontier = Frontier()
        for entry in batch:
            frontier.append(leaf_hash(entry))

    def batches() -> None:
        edge = Edge()
        for start in range(0, len(batch), BATCH):
            edge, _ = edge.grown(batch[start : start + BATCH])

    def floor() -> None:
        leaves = [sha256(b"\0" + entry).digest() for entry in batch]
        _ = [sha256(b"\1" + leaf + leaf).digest() for leaf in leaves]

    times = {"floor": floor, "frontier": one_by_one, "tiles, batches of 256": batches}
    spent = {name: timed(work)[1] / len(batch) for name, work in times.items()}
    section.table(
        ["append in memory", "entries/s (CPU)", "µs an entry", "times the floor"],
        [(name, 1 / cost, 1e6 * cost, cost / spent["floor"]) for name, cost in spent.items()],
    )
    section.targets += [
        results.Target.at_least(f"appends/s in memory, {name}", 1 / spent[name], 1e5)
        for name in list(times)[1:]
    ]


def durable(section: results.Section, root: Path, *, batches: int) -> None:
    """Appends that wait for the disk."""
    rows = []
    for size, turns in ((BATCH, batches), (1, batches)):
        batch = entries(size)
        with Log.open(root / str(size), publish=publish, read=read) as log:
            wall, cpu = timed(lambda log=log, batch=batch, turns=turns: _append(log, batch, turns))
        rows.append((size, size * turns / wall, 1e3 * wall / turns, 1e3 * cpu / turns))
    section.table(["durable batch of", "entries/s (wall)", "ms a batch", "of it CPU, ms"], rows)
    section.targets.append(
        results.Target.at_least("durable entries/s, batches of 256", rows[0][1], 5e3)
    )


def _append(log: Log, batch: Sequence[bytes], turns: int) -> None:
    for _ in range(turns):
        log.append(batch)


def large(section: results.Section, root: Path, *, count: int) -> None:
    """A large log: opened, checked in full, and asked for proofs."""
    with Log.open(root, publish=publish, read=read) as log:
        for start in range(0, count, 50_000):
            log.append(entries(min(50_000, count - start)))
    opened = timed(lambda: Log.open(root, publish=publish, read=read).close())
    checked = timed(lambda: fsck(root, read=read))
    section.table(
        [f"log of {count:,} entries", "s (wall)", "s (CPU)"],
        [("open for writing", *opened), ("full check", *checked)],
    )
    section.targets.append(
        results.Target.at_most(
            f"{count:,} entries opened and fully verified, s", opened[0] + checked[0], 10
        )
    )
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    section.say(f"On the disk: {size / count - ENTRY_BYTES:.2f} bytes an entry beside its own.")
    proofs(section, root, count=count)


def proofs(section: results.Section, root: Path, *, count: int) -> None:
    """Making and checking proofs at spread positions; 7919 is a prime, so they spread."""
    tiles = Tiles(root, size=count)
    top = tiles.root()
    places = [7919 * number % count for number in range(1, 1 + min(PROOFS, count // 10))]
    leaves = [tiles.leaf(place) for place in places]
    olds = [(size, tiles.root(size)) for size in places[:200]]
    paths: list[list[bytes]] = []
    growth: list[list[bytes]] = []

    def check() -> None:
        for place, leaf, path in zip(places, leaves, paths, strict=True):
            verify_inclusion(leaf, index=place, size=count, path=path, root=top)

    def check_growth() -> None:
        for (old, old_root), path in zip(olds, growth, strict=True):
            verify_consistency(old=old, new=count, path=path, old_root=old_root, new_root=top)

    works = {
        "make an inclusion proof": (
            lambda: paths.extend(tiles.inclusion_path(place) for place in places),
            len(places),
        ),
        "check an inclusion proof": (check, len(places)),
        "make a consistency proof": (
            lambda: growth.extend(tiles.consistency_path(old) for old, _ in olds),
            len(olds),
        ),
        "check a consistency proof": (check_growth, len(olds)),
    }
    spent = {name: 1e3 * timed(work)[1] / turns for name, (work, turns) in works.items()}
    section.table(["proof", "ms (CPU)"], list(spent.items()))
    section.targets += [
        results.Target.at_most(f"{name}, ms", cost, 0.1)
        for name, cost in spent.items()
        if name.startswith("check")
    ]


if __name__ == "__main__":
    main()
