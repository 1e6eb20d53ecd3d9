"""What an evidence pack over 10,000 records costs: to make it, and to check it.

One finding and one record of evidence each; the pack holds every fact with its proof. Wall-clock
and CPU time of the whole way, from the workspace to the file and from the file to the verdict.
"""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

import results
from bartizan.comply.pack.checking import Checked, checked
from bartizan.comply.pack.places import opened, save_archive
from bartizan.comply.pack.signature import KeySigner
from bartizan.config import read_config
from bartizan.core.evidence import Evidence
from bartizan.core.fact import Found
from bartizan.core.record import digest, encode
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.workspace import Workspace
from bartizan.workspace.evidence_pack import PackOrder, evidence_pack

RECORDS = 10_000
BUILD_S, CHECK_S = 10.0, 5.0
"""What was promised."""
START = datetime(2026, 11, 1, tzinfo=UTC)
NOTHING = "sha256:" + "0" * 64


def evidence(number: int) -> Evidence:
    """A record of usual length, about 600 bytes."""
    return Evidence(
        finding=f"evasion.coordinate@model-{number}#thief",
        subjects=(),
        params={"steps": 40, "tolerance": 0.001, "number": number},
        seed=number,
        block_rows=64,
        rows=400,
        asked=123_456,
        versions={"python": "3.11.2", "bartizan": "0.1", "numpy": "2.4", "scipy": "1.17"},
        catalog=NOTHING,
        control="40 of 40 planted rows were found within the budget",
        results=(NOTHING, NOTHING),
    )


def filled(root: Path, *, count: int) -> Workspace:
    """A workspace with so many findings."""
    ws = Workspace(root)
    names = ws.store.put_all([evidence(number) for number in range(count)])
    facts = [
        Found(
            finding=f"evasion.coordinate@model-{number}#thief",
            outcome="pass",
            severity="none",
            evidence=name,
            subjects=(digest(encode(name)),),
            when=(START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z"),
        )
        for number, name in enumerate(names)
    ]
    if ws.ledger is None:
        raise AssertionError
    for first in range(0, count, 1000):
        ws.ledger.record(facts[first : first + 1000])
    return ws


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and CPU seconds."""
    wall, cpu = perf_counter(), process_time()
    work()
    return perf_counter() - wall, process_time() - cpu


def main() -> None:
    args = results.options(__doc__ or "", samples=RECORDS)
    count = 200 if args.smoke else args.samples
    section = results.Section(
        name="evidence-pack",
        title="Evidence pack",
        command="python benchmarks/bench_evidence_pack.py",
        packages=("cryptography", "msgspec", "sqlalchemy"),
    )
    secret = SigningKey.new()
    with tempfile.TemporaryDirectory() as folder:
        root, place = Path(folder), Path(folder) / "evidence.tar"
        (root / "bartizan.toml").write_text('[project]\nname = "bench"\n')
        order = PackOrder(config=read_config(root / "bartizan.toml"), folder=root)
        said: list[Checked] = []

        def check() -> None:
            with opened(place) as members:
                said.append(checked(members, keys=[secret.public]))

        with filled(root / "workspace", count=count) as ws:
            made = timed(
                lambda: save_archive(
                    evidence_pack(ws, order, signer=KeySigner(secret)).files, to=place
                )
            )
        seen = timed(check)
        size = place.stat().st_size / 1e6
    section.say(
        f"{count:,} facts with proofs and {said[0].evidence:,} records of evidence, "
        f"{len(said[0].manifest.files):,} files, {size:.1f} MB; one process, one thread."
    )
    section.table(
        ("step", "wall-clock s", "CPU s", "ms a record"),
        [
            ("make and write", *made, 1e3 * made[1] / count),
            ("read and check", *seen, 1e3 * seen[1] / count),
        ],
    )
    section.targets = [
        results.Target.at_most("CPU s to make a pack over 10,000 records", made[1], BUILD_S),
        results.Target.at_most("CPU s to check it", seen[1], CHECK_S),
    ]
    if not args.smoke:
        section.write()


if __name__ == "__main__":
    main()
