"""How wrong labels are ranked, counted and named, beside cleanlab, and what clean tables give.

Labels of public tables are flipped at random. AUROC and the share of flips found at 1 % false
alarms say how well rows are ranked; nobody knows that line in practice, so what is named without
being told a rate stands beside them. Clean tables are as they were published: they hold real
mistakes.
ART has no detector of wrong labels.
"""

import gzip
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import rankdata
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

import results
from bartizan.adapt.table import load_dataset
from bartizan.core.arrays import Array, Mask
from bartizan.core.dataset import Dataset
from bartizan.core.streams import rng
from bartizan.data.detectors import labels, sources, values
from bartizan.data.detectors.evidence import probabilities
from bartizan.data.detectors.watched import last
from bartizan.data.labelled import Labelled
from bartizan.detect.confident import self_confidence
from bartizan.detect.label_neighbours import votes
from bartizan.detect.mislabelled import believed, mislabelled
from bartizan.examples import card_fraud

DATA = Path(os.environ.get("BARTIZAN_DATA", results.ROOT.parent / "shared" / "data"))
SEEDS = 5
T_95 = 2.776
"""Student's quantile for five seeds."""
WAYS = ("mixture", "ranks", "confidence", "votes", "cleanlab")
SPREAD = 20


def digits() -> pl.DataFrame:
    x, y = load_digits(return_X_y=True)
    return pl.DataFrame(x).with_columns(target=pl.Series(y))


def table(path: str, *, header: bool = True, drop: tuple[int, ...] = ()) -> pl.DataFrame:
    """A public table whose last column, after those dropped, is the target."""
    raw = gzip.decompress((DATA / path).read_bytes()).replace(b", ", b",").rstrip()
    frame = pl.read_csv(raw, has_header=header, infer_schema_length=None)
    frame = frame.drop([frame.columns[i] for i in drop])
    return frame.rename({frame.columns[-1]: "target"})


def intrusions() -> pl.DataFrame:
    frame = table("nsl-kdd/KDDTrain+_20Percent.csv.gz", header=False, drop=(42,))
    return frame.with_columns((pl.col("target") != "normal").cast(pl.Int64))


def stream() -> pl.DataFrame:
    made = card_fraud.stream(n=20_000, seed=7)
    return made.rename({card_fraud.TARGET: "target"})


SOURCES: dict[str, Callable[[], pl.DataFrame]] = {
    "digits": digits,
    "ULB cards": lambda: table("ulb-creditcard/creditcard_union_sample.csv.gz"),
    "card stream": stream,
    "Adult": lambda: table("adult/adult-train.csv.gz", header=False),
    "Spambase": lambda: table("spambase/spambase.csv.gz"),
    "phishing": lambda: table("phishing-websites/phishing_website.csv.gz"),
    "NSL-KDD": intrusions,
}
RATES = {"digits": (0.05, 0.1, 0.3), "ULB cards": (0.05, 0.1), "card stream": (0.05, 0.1)}
OTHERS = (0.05, 0.1)


def opened(name: str, samples: int) -> Dataset:
    """At most so many rows, drawn at random."""
    data = load_dataset(SOURCES[name](), target="target").dataset
    n = len(data.y)
    return data if n <= samples else data.take(np.sort(rng(0, "rows").permutation(n)[:samples]))


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


def ranked(data: Dataset, bad: Mask, seed: int, tally: Tally) -> None:
    """Each way's ranking of one spoilt table."""
    rows, y = Labelled(data=data, seed=seed), data.y
    model = probabilities(rows)
    shares = votes(rows.standard, y, classes=len(data.classes), rng=rng(seed)).shares
    verdict = mislabelled((model, shares), y, rng=rng(seed))
    alone = -self_confidence(model, y), -self_confidence(shares, y)
    scores: dict[str, Array] = {
        "mixture": verdict.against,
        "ranks": rankdata(alone[0]) + rankdata(alone[1]),
        "confidence": alone[0],
        "votes": alone[1],
    }
    named = believed(verdict.wrong, level=0.05) & (verdict.low > 0)
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
    for name in SOURCES:
        data = opened(name, samples)
        for rate in RATES.get(name, OTHERS):
            tally = Tally()
            for seed in range(seeds):
                ranked(*flipped(data, rate, seed), seed, tally)
            ways = [way for way in WAYS if f"{way} auroc" in tally.held]
            found.append(
                [name, len(data.y), f"{rate:.0%}"]
                + [f"{tally.text(f'{way} auroc')} / {tally.mean(f'{way} tpr'):.3f}" for way in ways]
            )
            named.append(
                [name, f"{rate:.0%}", tally.text("share")]
                + [
                    f"{tally.mean(f'{way} found'):.3f} / {tally.mean(f'{way} false'):.4f} / "
                    f"{tally.mean(f'{way} wrong'):.3f}"
                    for way in ("ours", "cleanlab")
                ]
            )
            promised(section, name, rate, tally)
            print(found[-1], named[-1], flush=True)
    section.say("Ranking: AUROC with its 95 % interval over the seeds / found at 1 % false alarms.")
    section.table(["table", "rows", "flipped", *ways], found)
    section.say(
        "Named, without being told a rate: share of the flips found / of the honest rows named / "
        "of those named that are honest; and the share of wrong labels as it was estimated."
    )
    section.table(["table", "flipped", "estimated", "poison.labels", "cleanlab's issues"], named)


def promised(section: results.Section, name: str, rate: float, tally: Tally) -> None:
    """Numbers that were asked for."""
    if name == "digits":
        value, bar, what = tally.mean("mixture auroc"), 0.99, "AUROC"
    elif name in RATES:
        value, bar, what = tally.mean("mixture tpr"), 0.90, "flips found at 1 % false alarms"
    else:
        return
    section.targets.append(results.Target.at_least(f"{name}, {rate:.0%}: {what}", value, bar))


def clean(section: results.Section, samples: int) -> None:
    """What the tables give as they are, and how long it takes."""
    told = []
    for name in SOURCES:
        data = opened(name, samples)
        place = rng(0, "sources").integers(SPREAD, size=len(data.y))
        row: list[object] = [name, len(data.y)]
        for detector in (labels, sources, values):
            rows = Labelled(data=data, sources=place if detector is sources else None)
            began = process_time()
            check = last(detector.run(rows, params=detector.Params(), rng=rng(0))).check
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
    seeds = 1 if told.smoke else SEEDS
    samples = max(told.samples, 300) if told.smoke else told.samples
    section = results.Section(
        name="labels",
        title="Wrong labels: ranked, counted and named",
        command="python benchmarks/bench_labels.py",
        packages=("scikit-learn", "numpy", "cleanlab"),
    )
    clean(section, samples)
    ranking(section, samples, seeds)
    if not told.smoke:
        section.write()


if __name__ == "__main__":
    main()
