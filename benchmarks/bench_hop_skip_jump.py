"""HopSkipJump against the bare model, ART and Foolbox: time, model calls, distances."""

from dataclasses import dataclass
from time import process_time

import numpy as np
from torch.nn import Module

import peers
import results
import subjects
from bartizan.attack import hop_skip_jump
from bartizan.attack.start import find_starts
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import Attacker
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box

QUERIES = 24_000
"""Questions a row: what 50 iterations of the paper's schedule ask, less than either peer asks."""
ITERATIONS = 50
ROUNDS = 5
"""Everything is timed so often, turn by turn; the least disturbed time of each counts."""
FOOLBOX_ROUNDS = 3
ART_ROWS = 6
BATCHES = (16, 64, 200)
RESAMPLES = 10_000


@dataclass(frozen=True)
class Task:
    """What is attacked, how often it may be asked, and how often that is timed."""

    subject: subjects.Subject
    x: Array
    y: Ints
    queries: int
    iterations: int
    rounds: int
    faster: float
    """Promised ratio of ART's CPU time to ours."""

    def constraint(self) -> Constraint:
        """L2, unbounded, from the attacker's own rows of both classes."""
        attacker = Attacker(name="bench", norm="L2", eps=1.0)
        return Constraint(Box.uniform(self.x.shape[1]), attacker, self.subject.own())

    def run(self, model: subjects.Plain) -> tuple[AttackResult, float]:
        """Attack all rows in one block; also the CPU seconds."""
        oracle = Oracle(model, y=self.y, access="labels", budget=self.queries)
        constraint, rng = self.constraint(), np.random.default_rng(0)
        started = process_time()
        result = hop_skip_jump.run(
            oracle, constraint, self.x, self.y, params=hop_skip_jump.Params(), rng=rng
        )
        return result, process_time() - started

    def starts(self) -> Array:
        """The points where our attack starts: the same stream, the same questions."""
        model, rng = subjects.Plain(self.subject), np.random.default_rng(0)
        oracle = Oracle(model, y=self.y, access="labels", budget=self.queries)
        rows = np.arange(len(self.x))
        found = find_starts(oracle, self.constraint(), self.x, rows=rows, rng=rng, choices=False)
        assert found.found.all()
        return found.points


def main() -> None:
    args = results.options(__doc__ or "", samples=200)
    section = results.Section(
        name="hop-skip-jump",
        title="HopSkipJump",
        command="python benchmarks/bench_hop_skip_jump.py",
        packages=(
            "numpy",
            "scikit-learn",
            "xgboost-cpu",
            "torch",
            "adversarial-robustness-toolbox",
            "foolbox",
        ),
    )
    section.say(
        f"Standardised ULB credit cards (30 columns), {args.samples} test rows that the model gets "
        f"right, half of them fraud; L2, unbounded, {QUERIES:,} queries a row, one thread. CPU "
        f"times are the least of {ROUNDS} turns ({FOOLBOX_ROUNDS} with Foolbox). Peers start from "
        "our starting points. The floor is the bare model on the very same rows in the same chunks."
    )
    table = subjects.credit_cards()
    makers = (subjects.mlp, subjects.trees)
    tasks = [_task(maker(table), samples=args.samples, smoke=args.smoke) for maker in makers]
    for task in tasks:
        _time(task, section)
    _compare_with_foolbox(tasks[0], section, smoke=args.smoke)
    for task in tasks:
        _judge(_task(task.subject, samples=max(args.samples // 2, 4), smoke=args.smoke), section)
    if not args.smoke:
        section.write()


def _task(subject: subjects.Subject, *, samples: int, smoke: bool) -> Task:
    x, y = subject.rows(samples)
    return Task(
        subject,
        x,
        y,
        queries=400 if smoke else QUERIES,
        iterations=2 if smoke else ITERATIONS,
        rounds=1 if smoke else ROUNDS,
        faster=8 if "XGBoost" in subject.name else 4,
    )


def _time(task: Task, section: results.Section) -> None:
    """Ours against the floor and against ART."""
    name, n = task.subject.name, len(task.x)
    starts = task.starts()
    few = np.linspace(0, n - 1, min(ART_ROWS, n)).astype(int)
    ours_s, floor_s, art_s = [], [], []
    for _ in range(task.rounds):
        plain, floor = subjects.Plain(task.subject), subjects.Floor(task.subject)
        result, spent = task.run(plain)
        task.run(floor)
        art = peers.art(
            task.subject,
            task.x[few],
            task.y[few],
            starts=starts[few],
            iterations=task.iterations,
        )
        ours_s.append(spent / n)
        floor_s.append(floor.bare_s / n)
        art_s.append(art.cpu_s / len(few))
    ours, bare, theirs = min(ours_s), min(floor_s), min(art_s)
    calls, art_calls = plain.calls / n, art.calls / len(few)
    section.table(
        [name, "CPU ms a row", "times the floor", "model calls a row", "queries a row"],
        [
            ("floor", bare * 1e3, 1.0, calls, float(result.queries.mean())),
            ("bartizan", ours * 1e3, ours / bare, calls, float(result.queries.mean())),
            (f"ART, {len(few)} rows", theirs * 1e3, theirs / bare, art_calls, art.rows / len(few)),
        ],
    )
    section.targets += [
        results.Target.at_most(f"{name}: CPU over the floor", ours / bare, 2.0),
        results.Target.at_least(f"{name}: CPU of ART over ours", theirs / ours, task.faster),
        results.Target.at_least(f"{name}: model calls of ART over ours", art_calls / calls, 100),
    ]


def _compare_with_foolbox(task: Task, section: results.Section, *, smoke: bool) -> None:
    """Ours against Foolbox on the model itself, and both of them on a torch copy of it."""
    copy = peers.torch_copy(task.subject)
    ratio = _turns_with_foolbox(task, peers.AsModule(task.subject), section)
    section.targets.append(
        results.Target.at_least(
            f"{task.subject.name}: CPU of Foolbox in its best batch size over ours", ratio, 4
        )
    )
    native = peers.as_subject(task.subject, copy)
    ratio = _turns_with_foolbox(_task(native, samples=len(task.x), smoke=smoke), copy, section)
    section.say(
        "The bar is for the scikit-learn model that both attack. The torch copy, where Foolbox "
        f"converts nothing, is a favour to it: there its best batch size takes {ratio:.2f} times "
        "our CPU time. Its floor says how much of ours is the bare model. Foolbox's batches find "
        "worse points than its single rows, since it normalises gradients over the batch."
    )


def _turns_with_foolbox(task: Task, module: Module, section: results.Section) -> float:
    """Time both, turn by turn; how much more Foolbox takes in its best batch size."""
    starts = task.starts()
    batches = [batch for batch in BATCHES if batch <= len(task.x)] or [len(task.x)]
    times: dict[str, list[float]] = {}
    for _ in range(min(task.rounds, FOOLBOX_ROUNDS)):
        floor = subjects.Floor(task.subject)
        times.setdefault("bartizan", []).append(task.run(subjects.Plain(task.subject))[1])
        task.run(floor)
        times.setdefault("floor", []).append(floor.bare_s)
        for batch in batches:
            some = np.linspace(0, len(task.x) - 1, batch).astype(int)
            found = peers.foolbox(
                task.subject,
                module,
                task.x[some],
                task.y[some],
                starts=starts[some],
                batch=batch,
                iterations=task.iterations,
            )
            spent = found.cpu_s / batch * len(task.x)
            times.setdefault(f"Foolbox, batches of {batch}", []).append(spent)
    best = {name: min(spent) / len(task.x) for name, spent in times.items()}
    section.table(
        [task.subject.name, "CPU ms a row", "over ours"],
        [(name, spent * 1e3, spent / best["bartizan"]) for name, spent in best.items()],
    )
    theirs = min(spent for name, spent in best.items() if name.startswith("Foolbox"))
    return theirs / best["bartizan"]


def _judge(task: Task, section: results.Section) -> None:
    """Distances of ours and of Foolbox run row by row, from the same starting points."""
    result, _ = task.run(subjects.Plain(task.subject))
    assert task.subject.fooled(result.points, task.y).all()
    peer = peers.foolbox(
        task.subject,
        peers.torch_copy(task.subject),
        task.x,
        task.y,
        starts=task.starts(),
        batch=1,
        iterations=task.iterations,
    )
    fooled = task.subject.fooled(peer.points, task.y)
    theirs = np.where(fooled, np.linalg.norm(peer.points - task.x, axis=1), np.inf)
    ratio, low, high = _ratio_of_medians(result.price, theirs)
    fraud, name = task.y == 1, task.subject.name
    section.table(
        [f"{name}: L2", "median", "of frauds", "of normal rows", "queries a row", "valid"],
        [
            _distances("bartizan", result.price, fraud, float(result.queries.mean())),
            _distances("Foolbox, row by row", theirs, fraud, peer.rows / len(task.x)),
        ],
    )
    section.say(
        f"{name}: median of ours over Foolbox's {ratio:.3f}, 95 % interval {low:.3f} to "
        f"{high:.3f} ({len(task.x)} rows, paired bootstrap, {RESAMPLES:,} resamples); ours is the "
        f"nearer one in {np.mean(result.price < theirs):.0%} of the rows."
    )
    section.targets.append(
        results.Target.at_most(f"{name}: median L2 over Foolbox's row by row", ratio, 1.02)
    )


def _distances(
    who: str, distance: Array, fraud: Mask, queries: float
) -> tuple[str, float, float, float, float, str]:
    valid = f"{np.isfinite(distance).mean():.0%}"
    medians = [float(np.median(distance[rows])) for rows in (fraud | True, fraud, ~fraud)]
    return (who, medians[0], medians[1], medians[2], queries, valid)


def _ratio_of_medians(ours: Array, theirs: Array) -> tuple[float, float, float]:
    """The ratio with its 95 % interval; rows are drawn together with both their distances."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(ours), (RESAMPLES, len(ours)))
    ratios = np.median(ours[drawn], axis=1) / np.median(theirs[drawn], axis=1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(np.median(ours) / np.median(theirs)), float(low), float(high)


if __name__ == "__main__":
    main()
