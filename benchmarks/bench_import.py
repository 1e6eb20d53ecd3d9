"""How long `import bartizan` takes above bare Python, in fresh processes."""

import subprocess
import sys
from statistics import median
from time import perf_counter

import results

TURNS = 7
"""Fresh processes of each kind, turn by turn; the first of each warms the file cache up."""
BAR_S = 0.3


def main() -> None:
    args = results.options(__doc__ or "", samples=TURNS)
    section = results.Section(
        name="import",
        title="Import",
        command="python benchmarks/bench_import.py",
        packages=("numpy", "msgspec"),
    )
    turns = 2 if args.smoke else args.samples
    codes = {"bare Python": "pass", "import bartizan": "import bartizan"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for turn in range(turns + 1):
        for name, code in codes.items():
            spent = _seconds(code)
            if turn:
                times[name].append(spent)
    section.say(f"Wall-clock milliseconds of a fresh process, {turns} turns after one to warm up.")
    section.table(
        ["", "best", "median"],
        [(name, 1e3 * min(spent), 1e3 * median(spent)) for name, spent in times.items()],
    )
    above = median(times["import bartizan"]) - median(times["bare Python"])
    section.targets.append(
        results.Target.at_most("`import bartizan` above bare Python, median, s", above, BAR_S)
    )
    if not args.smoke:
        section.write()


def _seconds(code: str) -> float:
    """Wall-clock time of a fresh interpreter that runs some code."""
    started = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own two lines
    return perf_counter() - started


if __name__ == "__main__":
    main()
