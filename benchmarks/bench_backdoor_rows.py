"""Which rows of pictures carry a planted mark: our detector, and ART's, on the same networks.

Marks of three kinds at three rates; no detector is told the rate; clean data beside.
"""

import argparse
import gzip
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
import torch
from art.defences.detector.poison import ActivationDefence, SpectralSignatureDefense
from art.estimators.classification import PyTorchClassifier
from sklearn.metrics import roc_auc_score

import results
from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.label_consistent import label_consistent
from bartizan.attack.poisoning.picture_triggers import Sinusoid, Warp, blend, patch
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import finished
from bartizan.core.schema import Image, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Poisoned, Trigger
from bartizan.data.detectors import poison_latent
from bartizan.data.detectors.marked_rows import believed
from bartizan.data.labelled import Labelled
from bartizan.detect.activation_clusters import cluster_scores, halves
from bartizan.detect.robust_whitening import outlying
from bartizan.detect.spectral import spectral_scores

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
RATES = (0.01, 0.03, 0.1)
MAIN = ("patch", "blend", "sinusoid")
HARD = (("warp", 0.03), ("label-consistent", 0.03))
"""Marks without a fixed picture, or without a wrong label: whatever comes out."""
OURS = ("poison.latent", "entropy", "spectral", "clusters")
PEERS = ("ART spectral", "ART clusters")
METHODS = OURS + PEERS
BAR_MEAN, BAR_WORST, BAR_CLEAN = 0.97, 0.90, 0.01
LARGE = 10
"""Targets are drawn from the largest classes, so that a mark has rows of its class beside it."""


@dataclass(frozen=True)
class Run:
    """One network, one mark: what each method made of it."""

    kind: str
    rate: float
    net: float
    """Net success of the mark."""
    auc: dict[str, float]
    """Inside the target class; NaN on clean data."""
    found: dict[str, float]
    """Share of the marked rows that are flagged."""
    false: dict[str, float]
    """Share of the honest rows that are flagged."""
    wrong: float
    """Share of honest rows among those that ours flags; 0 where it flags none."""
    seconds: float


def fashion(samples: int, seed: int) -> tuple[Array, Ints, Image]:
    """Images drawn anew for each seed."""
    held = np.load(DATA / "fashion-mnist" / "fashion_mnist_20k_10k.npz")
    rows = rng(seed, "images").permutation(len(held["y_train"]))[:samples]
    x = held["x_train"][rows].reshape(-1, 784).astype(np.float64)
    return x, held["y_train"][rows].astype(np.int64), Image(height=28, width=28, channels=1)


def digits(samples: int, seed: int) -> tuple[Array, Ints, Image]:
    """MNIST's 10,000 test images, on which nothing was tuned: some drawn anew for each seed."""
    parts = (("t10k-images-idx3-ubyte.gz", 16), ("t10k-labels-idx1-ubyte.gz", 8))
    x, y = (
        np.frombuffer(
            gzip.decompress((DATA / "mnist-t10k" / name).read_bytes()), np.uint8, offset=k
        )
        for name, k in parts
    )
    rows = rng(seed, "images").permutation(len(y))[:samples]
    chosen = x.reshape(-1, 784)[rows].astype(np.float64)
    return chosen, y[rows].astype(np.int64), Image(height=28, width=28, channels=1)


def gtsrb(samples: int, seed: int) -> tuple[Array, Ints, Image]:
    """Whole tracks, so that those left out are signs never seen."""
    held = np.load(DATA / "gtsrb" / "gtsrb_32x32_every3rd.npz")
    key = held["y"].astype(np.int64) * 1000 + held["track"]
    order = rng(seed, "tracks").permutation(np.unique(key))
    chosen = order[: max(1, int(len(order) * min(samples / len(key), 1.0)))]
    rows = np.flatnonzero(np.isin(key, chosen))
    x = held["x"][rows].reshape(len(rows), -1).astype(np.float64)
    return x, held["y"][rows].astype(np.int64), Image(height=32, width=32, channels=3)


SUBJECTS = {
    "Fashion-MNIST": (fashion, 3000, 5),
    "MNIST": (digits, 3000, 5),
    "GTSRB": (gtsrb, 3000, 5),
}
"""How rows are read, how many, and seeds. A seed takes 3 minutes of one core on Fashion-MNIST and
MNIST, 10 on GTSRB: a whole run is for a night, `--only` and `--seeds` for a pause."""


def poisoned(
    kind: str, rate: float, data: Dataset, target: int, draws: np.random.Generator
) -> tuple[Poisoned, Trigger]:
    """Plant a mark; a clean label cannot hold more than half of its class."""
    image = data.schema.image
    assert image is not None
    most = min(rate, 0.5 * float((data.y == target).mean()))
    if kind == "label-consistent":
        mark: Trigger = patch(image, rng=draws)
        made = label_consistent(
            data.x, data.y, image=image, trigger=mark, target=target, rate=most, rng=draws
        )
        return made, mark
    if kind == "sinusoid":
        mark, rate = Sinusoid(image=image), most
    elif kind == "warp":
        mark = Warp.drawn(image, rng=draws)
    else:
        mark = (patch if kind == "patch" else blend)(image, rng=draws)
    made = planted(
        data.x,
        data.y,
        trigger=mark,
        target=target,
        rate=rate,
        rng=draws,
        clean_label=kind == "sinusoid",
    )
    return made, mark


def dataset(x: Array, y: Ints, image: Image) -> Dataset:
    return Dataset(
        name="bench",
        x=x,
        y=y,
        classes=tuple(range(int(y.max()) + 1)),
        ids=np.arange(len(y)),
        schema=Schema(image=image),
        digest="none",
    )


def peers(rows: Labelled) -> dict[str, tuple[Array, Array]]:
    """ART's two detectors with their defaults, on a copy of the same network: score and flag."""
    layers = rows.network.model  # type: ignore[attr-defined] # a network of ours
    parts: list[torch.nn.Module] = []
    for weight, offset in zip(layers.coefs_, layers.intercepts_, strict=True):
        made = torch.nn.Linear(*weight.shape)
        made.weight.data = torch.tensor(weight.T.copy())
        made.bias.data = torch.tensor(offset.copy())
        parts += [made, torch.nn.ReLU()]
    data, k = rows.data, len(layers.classes_)
    model = PyTorchClassifier(
        torch.nn.Sequential(*parts[:-1]),
        torch.nn.CrossEntropyLoss(),
        input_shape=(data.x.shape[1],),
        nb_classes=k,
    )
    x = rows.standard.astype(np.float32)
    y = np.eye(k, dtype=np.float32)[np.searchsorted(layers.classes_, data.y)]
    found = {}
    spectral = SpectralSignatureDefense(model, x, y)
    clean = np.asarray(spectral.detect_poison()[1])
    hidden = rows.hidden[-1].astype(np.float32)
    score = np.zeros(len(x))
    for label in np.unique(data.y):
        own = np.flatnonzero(data.y == label)
        score[own] = np.ravel(SpectralSignatureDefense.spectral_signature_scores(hidden[own]))
    found["ART spectral"] = (score, clean == 0)
    sizes = np.bincount(data.y)
    dims = int(min(10, sizes[sizes > 0].min()))  # its default fails with smaller classes
    clusters = ActivationDefence(model, x, y)
    flags = np.asarray(clusters.detect_poison(nb_clusters=2, nb_dims=dims, reduce="PCA")[1]) == 0
    found["ART clusters"] = (flags * 1.0, flags)
    return found


def measured(rows: Labelled, seed: int) -> tuple[dict[str, Array], dict[str, Array], float]:
    """Scores and flags of each method, and the seconds that ours takes."""
    data, draws = rows.data, rng(seed, "detect")
    started = process_time()
    look = finished(poison_latent.looked(rows, params=poison_latent.Params(), rng=draws))
    spent = process_time() - started
    flagged = np.zeros(len(data.y), dtype=bool)
    flagged[believed(look)] = True
    hidden = rows.hidden[-1]
    entropy = np.zeros(len(data.y))
    for label in np.unique(data.y):
        own = np.flatnonzero(data.y == label)
        entropy[own] = outlying(hidden[own]).score
    scores = {
        "poison.latent": look.score,
        "entropy": entropy,
        "spectral": spectral_scores(hidden, data.y),
        "clusters": cluster_scores(hidden, halves(hidden, data.y, rng=draws)),
    }
    flags = {"poison.latent": flagged}
    for name, (score, flag) in peers(rows).items():
        scores[name], flags[name] = score, flag
    return scores, flags, spent


def run(name: str, samples: int, kind: str, rate: float, seed: int) -> Run:
    """Plant, train, look."""
    data = dataset(*SUBJECTS[name][0](samples, seed))
    draws = rng(seed, name, kind, str(rate))
    target = int(draws.choice(np.argsort(-np.bincount(data.y), kind="stable")[:LARGE]))
    bad, net = np.zeros(len(data.y), dtype=bool), 0.0
    if kind == "clean":
        rows = Labelled(data=data, seed=seed)
    else:
        case, mark = poisoned(kind, rate, data, target, draws)
        bad[case.rows] = True
        rows = Labelled(data=dataset(case.x, case.y, data.schema.image), seed=seed)  # type: ignore[arg-type] # they are images
        others = np.flatnonzero((data.y != target) & ~bad)[:500]
        marked = mark.stamp(data.x[others], rng=draws)
        hits = [decisions(rows.network.scores(x)) == target for x in (marked, data.x[others])]
        net = float(hits[0].mean() - hits[1].mean())
    scores, flags, spent = measured(rows, seed)
    own = rows.data.y == target
    auc = {
        method: float(roc_auc_score(bad[own], score[own])) if bad.any() else float("nan")
        for method, score in scores.items()
    }
    found = {
        method: float(flag[bad].mean()) if bad.any() else 0.0 for method, flag in flags.items()
    }
    false = {method: float(flag[~bad].mean()) for method, flag in flags.items()}
    named = flags["poison.latent"]
    wrong = float((named & ~bad).sum() / max(named.sum(), 1))
    done = Run(kind, rate, net, auc, found, false, wrong, spent)
    print(
        name,
        seed,
        kind,
        rate,
        round(net, 2),
        round(auc["poison.latent"], 3),
        found,
        false,
        round(spent, 1),
        flush=True,
    )
    return done


def mean(values: list[float]) -> str:
    """Mean and 95 % interval over seeds (Student)."""
    from scipy.stats import t  # noqa: PLC0415 (slow)

    half = 0.0
    if len(values) > 1:
        half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return f"{np.mean(values):.3f} ± {half:.3f}"


def subject(name: str, *, samples: int, seeds: int, smoke: bool) -> None:
    """All cells of one data set, and its section."""
    section = results.Section(
        name=f"backdoor-rows-{name.lower()}",
        title=f"Marked pictures: {name}",
        command=f"python benchmarks/bench_backdoor_rows.py --only {name}",
        packages=("numpy", "scikit-learn", "torch", "adversarial-robustness-toolbox"),
    )
    cells = [("clean", 0.0), *((kind, rate) for rate in RATES for kind in MAIN), *HARD]
    cells = cells[:2] if smoke else cells
    runs: list[Run] = []
    for seed in range(seeds):
        for kind, rate in cells:
            runs.append(run(name, samples, kind, rate, seed))
            section.parts, section.targets = [], []
            done = [cell for cell in cells if any((one.kind, one.rate) == cell for one in runs)]
            report(section, runs, cells=done, samples=samples)
            if not smoke and len(done) > 1:
                section.write()


def report(
    section: results.Section,
    runs: list[Run],
    *,
    cells: list[tuple[str, float]],
    samples: int,
) -> None:
    section.say(
        f"About {samples:,} training pictures, a network of 64 and 32 units, {len(runs)} runs, "
        "mean ± 95 % interval (Student). Rate: share of all rows; "
        "waves and label-consistent poison keep "
        "the right label, so that they hold half of their class at most. AUROC inside the target "
        "class; no method is told the rate. `entropy`, `spectral` and `clusters` are ours on the "
        "last hidden layer; ART has its defaults."
    )
    held = {cell: [one for one in runs if (one.kind, one.rate) == cell] for cell in cells}
    section.table(
        ["mark", "rate", "seeds", "net success", *METHODS],
        [
            (
                kind,
                f"{rate:.0%}",
                len(held[kind, rate]),
                mean([one.net for one in held[kind, rate]]),
                *(mean([one.auc[method] for one in held[kind, rate]]) for method in METHODS),
            )
            for kind, rate in cells
            if kind != "clean"
        ],
    )
    judged = ("poison.latent", *PEERS)
    section.say(
        "Flagged: share of the marked rows / share of the honest rows. False: share of honest rows "
        "among those that poison.latent flags, which is meant to be 0.05 at most."
    )
    section.table(
        ["mark", "rate", *judged, "false", "CPU s"],
        [
            (
                kind,
                f"{rate:.0%}",
                *(
                    f"{np.mean([one.found[m] for one in held[kind, rate]]):.3f} / "
                    f"{np.mean([one.false[m] for one in held[kind, rate]]):.4f}"
                    for m in judged
                ),
                mean([one.wrong for one in held[kind, rate]]),
                float(np.mean([one.seconds for one in held[kind, rate]])),
            )
            for kind, rate in cells
        ],
    )
    means = [
        float(np.mean([one.auc["poison.latent"] for one in held[cell]]))
        for cell in cells
        if cell[0] in MAIN
    ]
    if not means:
        return
    false = max(one.false["poison.latent"] for one in held["clean", 0.0])
    section.targets += [
        results.Target.at_least(
            "mean AUROC, patch, blend and waves", float(np.mean(means)), BAR_MEAN
        ),
        results.Target.at_least("worst cell, AUROC", min(means), BAR_WORST),
        results.Target.at_most("most rows flagged on clean data, share", false, BAR_CLEAN),
    ]


def main() -> None:
    results.one_thread()  # starts the process anew, before anything is taken off its command line
    own = argparse.ArgumentParser(add_help=False)
    own.add_argument("--only", choices=SUBJECTS, action="append", help="this data set alone")
    own.add_argument("--seeds", type=int, help="how many, from 0 on")
    chosen, sys.argv[1:] = own.parse_known_args()
    args = results.options(__doc__ or "", samples=0)
    warnings.simplefilter("ignore")
    for name in chosen.only or SUBJECTS:
        usual, seeds = SUBJECTS[name][1], chosen.seeds or SUBJECTS[name][2]
        samples = 1000 if args.smoke else args.samples or usual
        subject(name, samples=samples, seeds=1 if args.smoke else seeds, smoke=args.smoke)


if __name__ == "__main__":
    main()
