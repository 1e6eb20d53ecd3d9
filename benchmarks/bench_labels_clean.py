"""What the detectors of wrong labels say of tables as they were published, and how long they take.

Clean tables hold real mistakes, so that what is named there is not false without a look.
"""

from time import process_time

import results
from bartizan.core.entry import finished
from bartizan.core.streams import rng
from bartizan.data.detectors import labels, sources, values
from bartizan.data.labelled import Labelled
from labelled_tables import SOURCES, opened

SPREAD = 20
"""Sources that are made up at random, so that none is odd."""


def clean(section: results.Section, samples: int) -> None:
    """Every detector on every table."""
    told = []
    for name in SOURCES:
        data = opened(name, samples)
        place = rng(0, "sources").integers(SPREAD, size=len(data.y))
        row: list[object] = [name, len(data.y)]
        for detector in (labels, sources, values):
            rows = Labelled(data=data, sources=place if detector is sources else None)
            began = process_time()
            check = finished(detector.run(rows, params=detector.Params(), rng=rng(0))).check
            spent = process_time() - began
            first = check.measures[0]
            row += [f"{first.value:.4f}" if first.value is not None else "-", f"{spent:.1f}"]
            if detector is labels:
                share = len(check.rows) / len(data.y) if check.rows is not None else 0.0
                row.insert(3, f"{first.low:.4f} to {first.high:.4f}")
                row.insert(4, f"{share:.4f}")
                section.targets.append(
                    results.Target.at_most(f"{name} as it is: share of rows named", share, 0.01)
                )
                if len(data.y) == samples:
                    section.targets.append(
                        results.Target.at_most(f"{name}: CPU seconds, {samples} rows", spent, 10)
                    )
        told.append(row)
        print(row, flush=True)
    section.say(
        "Tables as they are: wrong labels estimated with the 95 % interval, rows named; rows of "
        f"suspect sources where {SPREAD} sources are made up at random; rows that do harm; and "
        "CPU seconds of each."
    )
    head = ["table", "rows", "mislabelled", "interval", "named", "s"]
    section.table([*head, "suspect sources", "s", "harmful", "s"], told)


def main() -> None:
    told = results.options(__doc__ or "", samples=20_000)
    section = results.Section(
        name="labels-clean",
        title="Wrong labels: tables as they are",
        command="python benchmarks/bench_labels_clean.py",
        packages=("scikit-learn", "numpy"),
    )
    clean(section, max(told.samples, 300) if told.smoke else told.samples)
    if not told.smoke:
        section.write()


if __name__ == "__main__":
    main()
