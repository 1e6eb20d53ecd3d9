"""How wrong labels are ranked, counted and named, beside cleanlab.

Labels of public tables are flipped at random. AUROC and the share of flips found at 1 % false
alarms say how well rows are ranked; nobody knows that line in practice, so what is named without
being told a rate stands beside them. `bench_labels_clean.py` says what clean tables give.
ART has no detector of wrong labels.

A table holds honest rows that look wholly like another class before anybody flips a label. Once
labels around them are flipped, nothing tells them from flips: how many there are stands beside.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

import results
from bartizan.core.arrays import Array, Mask
from bartizan.core.dataset import Dataset
from bartizan.core.streams import rng
from bartizan.data.detectors.evidence import probabilities
from bartizan.data.labelled import Labelled
from bartizan.detect.confident import self_confidence
from bartizan.detect.discrete_discovery import discrete_step_up
from bartizan.detect.label_neighbours import votes
from bartizan.detect.mislabelled import Verdict, mislabelled
from labelled_tables import opened

SEEDS = 5
T_95 = 2.776
"""Student's quantile for five seeds."""
LEVEL = 0.05
"""Share of the rows named that may be honest."""
WAYS = ("mixture", "ranks", "confidence", "votes", "cleanlab")
RATES = {
    "digits": (0.05, 0.1, 0.3),
    "ULB cards": (0.05, 0.1),
    "card stream": (0.05, 0.1),
    "Adult": (0.05, 0.1),
}


def flipped(data: Dataset, rate: float, seed: int) -> tuple[Dataset, Mask]:
    draws, n, k = rng(seed, "flips"), len(data.y), len(data.classes)
    bad = np.zeros(n, dtype=np.bool_)
    bad[draws.permutation(n)[: round(rate * n)]] = True
    y = np.where(bad, (data.y + draws.integers(1, k, size=n)) % k, data.y)
    return replace(data, y=y), bad


@dataclass
class Tally:
    """Numbers by name, one a seed."""

    held: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        """One more."""
        self.held.setdefault(name, []).append(value)

    def mean(self, name: str) -> float:
        """Over the seeds."""
        return float(np.mean(self.held[name]))

    def text(self, name: str, digits: int = 3) -> str:
        """Mean and half the width of its 95 % interval."""
        values = self.held[name]
        half = T_95 * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0
        return f"{np.mean(values):.{digits}f} ± {half:.{digits}f}"


def judged(data: Dataset, seed: int) -> tuple[Array, Array, Verdict]:
    """What a model, neighbours and both together say of the labels."""
    rows, y = Labelled(data=data, seed=seed), data.y
    model = probabilities(rows)
    shares = votes(rows.standard, y, classes=len(data.classes), rng=rng(seed)).shares
    return model, shares, mislabelled((model, shares), y, rng=rng(seed))


def contrary(data: Dataset, seeds: int) -> Mask:
    """Rows whose published label is no likelier than the level, by most of the seeds."""
    odd = [judged(data, seed)[2].p <= LEVEL for seed in range(seeds)]
    return np.asarray(np.mean(odd, axis=0) > 0.5)


def ranked(data: Dataset, bad: Mask, seed: int, tally: Tally, *, odd: Mask) -> None:
    """Each way's ranking of one spoilt table; `odd` rows were so before."""
    y = data.y
    model, shares, verdict = judged(data, seed)
    alone = -self_confidence(model, y), -self_confidence(shares, y)
    scores: dict[str, Array] = {
        "mixture": verdict.against,
        "ranks": rankdata(alone[0]) + rankdata(alone[1]),
        "confidence": alone[0],
        "votes": alone[1],
    }
    named = discrete_step_up(verdict.p, chances=verdict.honest, level=LEVEL) & (verdict.low > 0)
    theirs = cleanlab(y, model)
    if theirs is not None:
        scores["cleanlab"] = theirs[0]
    for way, score in scores.items():
        tally.add(f"{way} auroc", float(roc_auc_score(bad, score)))
        tally.add(f"{way} tpr", float((score[bad] > np.quantile(score[~bad], 0.99)).mean()))
    for way, mask in (("ours", named), ("cleanlab", named if theirs is None else theirs[1])):
        tally.add(f"{way} found", float(mask[bad].mean()))
        tally.add(f"{way} false", float(mask[~bad].mean()))
        tally.add(f"{way} wrong", float((mask & ~bad).sum() / max(mask.sum(), 1)))
        told = (mask & ~bad & ~odd).sum() / max((mask & (bad | ~odd)).sum(), 1)
        tally.add(f"{way} beyond", float(told))
    tally.add("share", verdict.share)


def cleanlab(y: Any, model: Array) -> tuple[Array, Mask] | None:
    """Its scores and the issues it finds by itself, from the same predictions."""
    try:
        from cleanlab.filter import find_label_issues  # noqa: PLC0415 (a peer, may be missing)
        from cleanlab.rank import get_label_quality_scores  # noqa: PLC0415 (as above)
    except ImportError:
        return None
    quality = get_label_quality_scores(y, model, method="normalized_margin")
    return -quality, np.asarray(find_label_issues(y, model, n_jobs=1), dtype=np.bool_)


def ranking(section: results.Section, samples: int, seeds: int) -> None:
    """Flips on every table."""
    found, named = [], []
    for name, rates in RATES.items():
        data = opened(name, samples)
        odd = contrary(data, seeds)
        for rate in rates:
            tally = Tally()
            for seed in range(seeds):
                ranked(*flipped(data, rate, seed), seed, tally, odd=odd)
            ways = [way for way in WAYS if f"{way} auroc" in tally.held]
            found.append(
                [name, len(data.y), f"{rate:.0%}"]
                + [f"{tally.text(f'{way} auroc')} / {tally.mean(f'{way} tpr'):.3f}" for way in ways]
            )
            named.append(
                [name, f"{rate:.0%}", f"{odd.mean():.4f}", tally.text("share")]
                + [
                    f"{tally.mean(f'{way} found'):.3f} / {tally.mean(f'{way} false'):.4f} / "
                    f"{tally.text(f'{way} wrong')} / {tally.mean(f'{way} beyond'):.3f}"
                    for way in ("ours", "cleanlab")
                ]
            )
            promised(section, name, rate, tally)
            print(found[-1], named[-1], flush=True)
    section.say("Ranking: AUROC with its 95 % interval over the seeds / found at 1 % false alarms.")
    section.table(["table", "rows", "flipped", *ways], found)
    section.say(
        "Named, without being told a rate: share of the flips found / of the honest rows named / "
        "of those named that are honest, with its interval over the seeds / of those that are not "
        "odd as published. Odd as published: honest rows whose label has a chance of 5 % at most "
        "before any is flipped; divided by the share flipped, they say which share of honest rows "
        "is among all that look flipped. Estimated: the share of wrong labels."
    )
    head = ["table", "flipped", "odd as published", "estimated"]
    section.table([*head, "poison.labels", "cleanlab's issues"], named)


def promised(section: results.Section, name: str, rate: float, tally: Tally) -> None:
    """Numbers that were asked for."""
    value = tally.mean("ours wrong")
    section.targets.append(
        results.Target.at_most(f"{name}, {rate:.0%}: honest among those named", value, LEVEL)
    )
    if name == "digits":
        value, bar, what = tally.mean("mixture auroc"), 0.99, "AUROC"
    elif name != "Adult":
        value, bar, what = tally.mean("mixture tpr"), 0.90, "flips found at 1 % false alarms"
    else:
        return
    section.targets.append(results.Target.at_least(f"{name}, {rate:.0%}: {what}", value, bar))


def main() -> None:
    told = results.options(__doc__ or "", samples=6000)
    seeds = 1 if told.smoke else SEEDS
    samples = max(told.samples, 300) if told.smoke else told.samples
    section = results.Section(
        name="labels",
        title="Wrong labels: ranked, counted and named",
        command="python benchmarks/bench_labels.py",
        packages=("scikit-learn", "numpy", "cleanlab"),
    )
    ranking(section, samples, seeds)
    if not told.smoke:
        section.write()


if __name__ == "__main__":
    main()
