"""Scans of models for backdoors: clean and backdoored small models, and the filter at run time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np

import backdoored
import results
from backdoored import Rows, Subject
from bartizan.adapt.gradients.stand_in import SlopedNetwork
from bartizan.adapt.training.stand_in import Network
from bartizan.assess.backdoor import cells, inversion, tree_trigger
from bartizan.assess.backdoor.strip_trial import Params, made
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Recipe, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Study, finished
from bartizan.detect.strip import COPIES
from bartizan.detect.strip_panel import fitted

FOLLOWED = 0.5
"""Net success from which on a model counts as backdoored: where the mark was not learnt, there is
nothing to find. How many are left out stands in the tables."""
HELD_OUT = ("blend", "waves", "warp", "four patches", "stripe", "brightness")
"""Families that neither line nor chances were set on."""
CLEAN, PLANTED = 200, 300
"""First seeds; those from 100 to 119 set line and chances."""
FILTERED = 10
"""First seed of networks with a filter; how overlays are chosen was settled on seeds 0 to 4."""
SEEDS = 5
DRAWS = 2000


@dataclass(frozen=True)
class Scan:
    """One model scanned."""

    subject: Subject
    result: CheckResult
    seconds: float

    def measure(self, name: str) -> float:
        """A number of the result; 0 where there is none."""
        return next((m.value or 0.0 for m in self.result.measures if m.name == name), 0.0)

    @property
    def bad(self) -> bool:
        """Whether something was planted."""
        return bool(self.subject.family)


def main() -> None:
    args = results.options(__doc__ or "", samples=20)
    section = results.Section(
        name="model-scan",
        title="Backdoors in models",
        command="python benchmarks/bench_model_scan.py",
        packages=("numpy", "scikit-learn", "adversarial-robustness-toolbox"),
    )
    count = 2 if args.smoke else args.samples
    section.say(
        f"Networks of two hidden layers (64, 32), {count} clean and {count} backdoored for each "
        f"data set: {', '.join(HELD_OUT)} in 10 % of the training rows, a fresh target and mark "
        "for each. Line and chances were set on clean networks and patches in a corner alone, of "
        "other seeds, so that all these families are held out; earlier drafts of the search itself "
        "had seen the first four, never the last two. "
        f"A model counts as backdoored where its mark turns {FOLLOWED:.0%} of the rows beyond what "
        "they are taken for without it. Intervals: 95 %, models drawn anew."
    )
    sets = [backdoored.digits()] if args.smoke else [backdoored.digits(), backdoored.clothes()]
    for rows in sets:
        _pictures(rows, section, count=count, twins=False)
    _pictures(sets[0], section, count=count if args.smoke else 10, twins=True)
    _tables(section, seeds=1 if args.smoke else SEEDS)
    _filters(section, smoke=args.smoke)
    if not args.smoke:
        section.write()


def _pictures(rows: Rows, section: results.Section, *, count: int, twins: bool) -> None:
    """All models of one data set."""
    image = rows.train.schema.image
    assert image is not None
    recipe = SlopedNetwork(rounds=40 if rows.train.x.shape[1] < 100 else 15)
    subjects = [backdoored.clean(rows, recipe, CLEAN + seed) for seed in range(count)]
    for seed in range(count):
        family = HELD_OUT[seed % len(HELD_OUT)]
        mark = backdoored.marks(image)[family]
        subjects.append(
            backdoored.poisoned(
                rows, recipe, PLANTED + seed, family=family, mark=mark, rate=backdoored.RATE
            )
        )
    known = recipe if twins else None
    scans = [_scan(inversion.ENTRY, one, rows.rest, recipe=known) for one in subjects]
    used = [one for one in scans if not one.bad or one.subject.success >= FOLLOWED]
    name = f"{rows.name}{', with clean twins' if twins else ''}".replace("'", "")
    _judged(name, used, section, left_out=len(scans) - len(used))


def _scan(entry: Entry, subject: Subject, data: Dataset, *, recipe: Recipe | None) -> Scan:
    started = process_time()
    study = Study(model=subject.model, data=data, recipe=recipe)
    result = finished(entry.run(study, params=entry.params, rng=np.random.default_rng(0)))
    return Scan(subject, result, process_time() - started)


def _judged(name: str, scans: Sequence[Scan], section: results.Section, *, left_out: int) -> None:
    """Areas of all indices, chances, verdicts."""
    bad = np.array([one.bad for one in scans])
    indices: dict[str, Array] = {
        "bartizan, size of the smallest mark": -np.array(
            [one.measure("smallest-trigger-size") for one in scans]
        ),
        "Neural Cleanse, MAD index": np.array(
            [one.measure("neural-cleanse-index") for one in scans]
        ),
        "weights, last layer": np.array([one.measure("last-layer-outlier") for one in scans]),
    }
    table = []
    for index, values in indices.items():
        low, high = _spread_area(values, bad)
        table.append((index, area(values, bad), f"{low:.3f} to {high:.3f}", misses(values, bad)))
    section.say(f"**{name}**: {int((~bad).sum())} clean, {int(bad.sum())} backdoored models "
                f"({left_out} left out, whose mark was not learnt).")  # fmt: skip
    section.table(["index", "AUROC", "interval", "FPR at TPR 0.9"], table)
    chance = np.clip([one.measure("backdoor-chance") for one in scans], 1e-6, 1 - 1e-6)
    line = inversion.ENTRY.threshold[2]
    rows = [_chances("cross-entropy", entropy(chance, bad), bad),
            _chances("Brier", (chance - bad) ** 2, bad)]  # fmt: skip
    flagged = -indices["bartizan, size of the smallest mark"] < line
    seconds = float(np.median([one.seconds for one in scans]))
    counts = {"clean": flagged[~bad], "backdoored": flagged[bad]}
    rows += [
        (f"{kind} models below the line", f"{int(some.sum())} of {len(some)}", "")
        for kind, some in counts.items()
    ]
    rows += [("right target", _targets(scans), ""), ("CPU seconds a model", seconds, "")]
    section.table(["", "value", "interval"], rows)
    section.table(["family", "models", "share of the usual size", "below the line"],
                  _families(scans, line))  # fmt: skip
    section.targets.append(results.Target.at_least(f"{name}: AUROC", table[0][1], 0.95))
    section.targets.append(
        results.Target.at_most(f"{name}: FPR at TPR 0.9", float(table[0][3]), 0.05)
    )
    if "twins" not in name:
        section.targets.append(results.Target.at_most(f"{name}: CPU seconds a scan", seconds, 2.0))


def _families(scans: Sequence[Scan], line: float) -> list[tuple[object, ...]]:
    """How small the marks of each family are, and of clean models."""
    made: list[tuple[object, ...]] = []
    for family in ("", *HELD_OUT):
        some = [
            one.measure("smallest-trigger-size") for one in scans if one.subject.family == family
        ]
        if some:
            span = f"{min(some):.2f} to {max(some):.2f}"
            made.append((family or "clean", len(some), span, sum(v < line for v in some)))
    return made


def area(values: Array, bad: Mask) -> float:
    """Chance that a backdoored model stands above a clean one, ties half."""
    above = values[bad][:, None] - values[~bad][None]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def _spread_area(values: Array, bad: Mask) -> tuple[float, float]:
    return _interval(lambda rows: area(values[rows], bad[rows]), bad)


def misses(values: Array, bad: Mask) -> float:
    """Share of clean models above the line that nine tenths of the others are above."""
    line = np.sort(values[bad])[int(np.floor(0.1 * bad.sum()))]
    return float((values[~bad] >= line).mean())


def entropy(chance: Array, bad: Mask) -> Array:
    return np.asarray(-np.log(np.where(bad, chance, 1 - chance)))


def _chances(name: str, each: Array, bad: Mask) -> tuple[object, ...]:
    low, high = _interval(lambda rows: float(each[rows].mean()), bad)
    return name, float(each.mean()), f"{low:.3f} to {high:.3f}"


def _interval(value: Callable[[Ints], float], bad: Mask) -> tuple[float, float]:
    """95 %, clean and backdoored models drawn anew."""
    rng = np.random.default_rng(0)
    sides = np.flatnonzero(bad), np.flatnonzero(~bad)
    drawn = [
        value(np.concatenate([rng.choice(side, len(side)) for side in sides])) for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _targets(scans: Sequence[Scan]) -> str:
    """How often the smallest mark leads to the class that was planted."""
    bad = [one for one in scans if one.bad]
    right = sum(
        f"leads to class {str(one.subject.target)!r}" in one.result.remarks[0] for one in bad
    )
    return f"{right} of {len(bad)}"


def _tables(section: results.Section, *, seeds: int) -> None:
    """Networks and boosted trees on card payments, 1 % of the rows marked, fraud to honest."""
    rows = backdoored.payments()
    section.say(
        f"**{rows.name}**: fraud is to pass for honest; 1 % of the training rows carry the mark, "
        f"{seeds} seeds. The deciding number is the success of one cell above that of clean twins."
    )
    kinds: list[tuple[str, Entry, Recipe]] = [
        ("network", cells.ENTRY, Network()),
        ("boosted trees", tree_trigger.ENTRY, backdoored.BoostedTrees()),
    ]
    table = []
    for kind, entry, recipe in kinds:
        plain = [
            _scan(entry, backdoored.clean(rows, recipe, seed), rows.rest, recipe=recipe)
            for seed in range(seeds)
        ]
        table.append(_row(kind, "none", plain))
        found: list[Scan] = []
        for family, mark in backdoored.cells(rows.train).items():
            scans = [
                _scan(
                    entry,
                    backdoored.poisoned(
                        rows, recipe, seed, family=family, mark=mark,
                        rate=backdoored.CELL_RATE, target=0,
                    ),
                    rows.rest, recipe=recipe,
                )
                for seed in range(seeds)
            ]  # fmt: skip
            table.append(_row(kind, family, scans))
            found += [one for one in scans if one.subject.success >= FOLLOWED]
        values = np.array([one.result.measures[0].value or 0.0 for one in (*plain, *found)])
        bad = np.arange(len(values)) >= len(plain)
        section.targets.append(
            results.Target.at_least(f"{rows.name}, {kind}: AUROC", area(values, bad), 0.95)
        )
    section.table(
        ["model", "mark", "net success of the mark", "one cell above clean", "fail", "CPU s"], table
    )


def _row(kind: str, family: str, scans: Sequence[Scan]) -> tuple[object, ...]:
    values = [one.result.measures[0].value or 0.0 for one in scans]
    success = [one.subject.success for one in scans]
    failed = sum(
        (one.result.measures[0].low or 0.0) > (one.result.line or cells.ENTRY.threshold[2])
        for one in scans
    )
    return (
        kind, family, f"{min(success):.2f} to {max(success):.2f}",
        f"{min(values):.2f} to {max(values):.2f}", f"{failed} of {len(scans)}",
        float(np.median([one.seconds for one in scans])),
    )  # fmt: skip


def _filters(section: results.Section, *, smoke: bool) -> None:
    """The filter at run time, ours and ART's, on networks with a patch in a corner."""
    sets = [backdoored.digits()] if smoke else [backdoored.digits(), backdoored.written()]
    table = []
    for rows in sets:
        image = rows.train.schema.image
        assert image is not None
        recipe = Network(rounds=40 if rows.train.x.shape[1] < 100 else 15)
        for family in ("patch", "four patches", "blend"):
            mark = backdoored.marks(image)[family]
            found = []
            for seed in range(1 if smoke else SEEDS):
                one = backdoored.poisoned(
                    rows, recipe, FILTERED + seed, family=family, mark=mark, rate=backdoored.RATE
                )
                if one.success >= FOLLOWED:
                    found.append(_filtered(one, rows.rest, smoke=smoke))
            if not found:
                continue
            mean = np.mean(found, axis=0)
            worst = max(each[0] for each in found)
            table.append((rows.name, family, len(found), *(float(v) for v in mean), float(worst)))
            if family == "patch":
                section.targets.append(
                    results.Target.at_most(f"STRIP, {rows.name}, patch: mean FAR", mean[0], 0.01)
                )
    section.say(
        "**STRIP**: threshold at FRR 1 % and overlays from up to 600 clean rows, judged on as many "
        "others; 24 copies a row. Means over seeds; FAR: stamped rows that follow the mark and "
        "pass."
    )
    head = ["data", "mark", "seeds", "FAR", "FRR", "ART FAR", "ART FRR", "worst FAR"]
    section.table(head, table)


def _filtered(subject: Subject, rest: Dataset, *, smoke: bool) -> tuple[float, ...]:
    """FAR and FRR, ours and ART's."""
    rng = np.random.default_rng(0)
    half = 60 if smoke else min(len(rest.y) // 2, 600)
    model, trigger = subject.model, subject.trigger
    assert trigger is not None
    own, fresh = rest.x[:half], rest.x[half : 2 * half]
    stamped = trigger.stamp(fresh[rest.y[half : 2 * half] != subject.target], rng=rng)
    stamped = stamped[decisions(model.scores(stamped)) == subject.target]
    strip = fitted(made(rest, own, params=Params()), model, own, refused=0.01, rng=rng)
    far = (~strip.refused(model, stamped, rng=rng)).mean()
    frr = strip.refused(model, fresh, rng=rng).mean()
    return float(far), float(frr), *_art(subject, own, fresh=fresh, stamped=stamped)


def _art(subject: Subject, own: Array, *, fresh: Array, stamped: Array) -> tuple[float, float]:
    """The same with ART's class."""
    from art.estimators.poison_mitigation.strip import STRIPMixin  # noqa: PLC0415 (slow, a peer)

    guard = STRIPMixin(subject.model.scores, num_samples=COPIES, false_acceptance_rate=0.01)
    guard.nb_classes = len(subject.model.classes)
    np.random.seed(0)  # noqa: NPY002 - ART draws from the global stream
    guard.mitigate(own)
    passed = [~(guard.predict(rows) == 0).all(axis=1) for rows in (stamped[:200], fresh[:200])]
    return float(passed[0].mean()), float(1 - passed[1].mean())


if __name__ == "__main__":
    main()
