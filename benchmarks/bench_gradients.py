"""Gradient attacks against a bare loop, Foolbox and ART: time, robust accuracy, curves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import process_time
from types import ModuleType
from typing import Any

import foolbox as fb
import numpy as np
import torch
from art.attacks.evasion import AutoProjectedGradientDescent, ProjectedGradientDescent
from art.estimators.classification import PyTorchClassifier
from torch import nn

import networks
import results
import subjects
from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_gradient import BoundGradient
from bartizan.attack import apgd, fmn, pgd
from bartizan.attack.sweep import SWEEP
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import Attacker, NormName
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box

TINY = 1e-7
"""A budget at which no row breaks, so that nothing is saved by leaving early."""
ROUNDS = 3
"""Everything is timed so often, turn by turn; medians count."""
BATCH = 256
"""Rows in a batch, ours and the peers'."""
PGD_STEPS, APGD_STEPS = 40, 100
_QUARTER = 4
"""The hardened network, curves and distances take minutes: they get a quarter of the rows."""
_STEP = 2.5 * networks.EPS / PGD_STEPS
"""Everybody's step in PGD."""
_MEDIAN = 1.02
"""How much longer our median change may be than a peer's."""


@dataclass(frozen=True)
class Task:
    """A network and the rows that are attacked."""

    name: str
    module: nn.Module
    """As the peers get it."""
    model: BoundGradient
    """The same as ours get it."""
    x: Array
    y: Ints
    rounds: int

    def run(
        self,
        attack: ModuleType,
        *,
        eps: float = networks.EPS,
        norm: NormName = "Linf",
        **params: Any,
    ) -> AttackResult:
        """All rows, in blocks of the usual size; queries and all else belong to their rows."""
        attacker = Attacker(name="bench", access="gradients", norm=norm, eps=eps)
        space = Box.uniform(self.x.shape[1], lower=0, upper=1)
        constraint = Constraint(space, attacker, self.x[:0])
        parts = []
        for start in range(0, len(self.x), BATCH):
            x, y = self.x[start : start + BATCH], self.y[start : start + BATCH]
            oracle = Oracle(self.model, y=y, access="gradients")
            rng = np.random.default_rng(0)
            parts.append(
                attack.run(oracle, constraint, x, y, params=attack.Params(**params), rng=rng)
            )
        names = ("points", "success", "price", "queries", "needed")
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return AttackResult(**joined)

    def right(self, points: Array) -> Mask:
        """Which rows the network still gets right."""
        return networks.right(self.model, points, self.y)


def main() -> None:
    args = results.options(__doc__ or "", samples=256)
    section = results.Section(
        name="gradients",
        title="Gradient attacks",
        command="python benchmarks/bench_gradients.py",
        packages=("numpy", "torch", "adversarial-robustness-toolbox", "foolbox"),
    )
    section.say(
        "A small convolutional network for Fashion-MNIST, 20,000 pictures, plain (six epochs) and "
        f"hardened (two, on pictures changed by one step); {args.samples} test pictures that it "
        f"gets right (a quarter of them for the hardened one, curves and distances), Linf "
        f"{networks.EPS} of the range, batches of {BATCH}, one thread. Ours go "
        "through `load_model` and `bind`, as for users; no variable of the allocator is set. CPU "
        f"times are medians of {ROUNDS} turns, ratios medians of the ratios within a turn."
    )
    data = networks.pictures()
    few = max(args.samples // _QUARTER, 1)
    full, plain, hard = (
        _task(data, hardened=hardened, samples=samples, smoke=args.smoke)
        for hardened, samples in ((False, args.samples), (False, few), (True, few))
    )
    _floor(_task(data, hardened=False, samples=BATCH, smoke=args.smoke), section)
    _beside_peers(full, section)
    _beside_peers(replace(hard, rounds=1), section)
    for task in (plain, hard):
        _curves(task, section)
    _distances(plain, section)
    _linear(section, samples=args.samples)
    if not args.smoke:
        section.write()


def _task(data: networks.Pictures, *, hardened: bool, samples: int, smoke: bool) -> Task:
    module = networks.trained(data, hardened=hardened, smoke=smoke)
    model = networks.bound(module, data)
    some = slice(0, 2 * samples + 64)  # more than half of many are right
    rows = np.flatnonzero(networks.right(model, data.test_x[some], data.test_y[some]))[:samples]
    name = "hardened" if hardened else "plain"
    rounds = 1 if smoke else ROUNDS
    return Task(name, module, model, data.test_x[rows], data.test_y[rows], rounds=rounds)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = process_time()
    done = work()
    return done, process_time() - started


def _floor(task: Task, section: results.Section) -> None:
    """What an attack adds to its passes through the network when no row leaves early."""
    rows = []
    for name, attack, params in (
        (f"PGD-{PGD_STEPS}", pgd, {"steps": PGD_STEPS}),
        (f"APGD-{APGD_STEPS}", apgd, {"steps": APGD_STEPS, "targets": 0}),
    ):
        _barely(task, attack, params | {"steps": 2})  # warms up
        turns = np.array([_barely(task, attack, params) for _ in range(task.rounds)])
        passes, ours, floor, near = (float(value) for value in np.median(turns, axis=0))
        ratio, over_near = (float(np.median(turns[:, 1] / turns[:, place])) for place in (2, 3))
        each = (1e3 * spent / passes for spent in (ours, floor, near))
        rows.append((name, int(passes), *each, ratio, over_near))
        for what, value in (("as it moves them", over_near), ("untouched", ratio)):
            section.targets.append(
                results.Target.at_most(
                    f"{name}: CPU over the bare loop, pictures {what}", value, 1.1
                )
            )
    section.table(
        ["no row breaks", "passes", "CPU ms a pass", "bare loop", "bare loop, nudged",
         "over the bare loop", "over it, nudged"],
        rows,
    )  # fmt: skip
    section.say(
        f"The bare loop is forward and input gradient of the same {len(task.x)} rows. The last of "
        "our passes is forward only; APGD climbs the cross-entropy. Nudged: every pixel is moved "
        f"by {TINY:g}, as the attack moves it. Pictures of clothes have large areas of one value, "
        "where the processor guesses right which of equal values pooling takes; on pictures that "
        "an attack asks about, it cannot."
    )


def _barely(task: Task, attack: ModuleType, params: dict[str, Any]) -> tuple[float, ...]:
    """Passes, our CPU seconds, and those of as many passes of the bare loop, twice."""
    work = partial(task.run, attack, eps=TINY, sweep=(1.0,), polish=False, **params)
    found, spent = _timed(work)
    assert not found.success.any()
    passes = int(found.queries.max())
    nudge = np.random.default_rng(0).choice([-TINY, TINY], size=task.x.shape)
    loops = (
        networks.bare_loop(task.module, x, task.y, passes=passes)
        for x in (task.x, np.clip(task.x + nudge, 0.0, 1.0))
    )
    return (passes, spent, *loops)


def _beside_peers(task: Task, section: results.Section) -> None:
    """The usual budget: ours with its whole curve, and at the one budget, beside the peers.

    At the one budget nothing is shortened: the peers do not look for smaller changes either.
    """
    ways: dict[str, Callable[[], Array]] = {
        "bartizan PGD, 8 budgets": lambda: task.run(pgd).points,
        "bartizan PGD": lambda: task.run(pgd, sweep=(1.0,), polish=False).points,
        "bartizan APGD": lambda: task.run(apgd, sweep=(1.0,), polish=False).points,
        "Foolbox PGD": lambda: _foolbox(task),
        "ART PGD": lambda: _art(task, ProjectedGradientDescent, eps_step=_STEP, max_iter=PGD_STEPS),
        "ART APGD": lambda: _art(
            task,
            AutoProjectedGradientDescent,
            eps_step=2 * networks.EPS,
            max_iter=APGD_STEPS,
            nb_random_init=1,
            loss_type="cross_entropy",
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    accuracy: dict[str, float] = {}
    for _ in range(task.rounds):
        for name, way in ways.items():
            points, spent = _timed(way)
            times[name].append(spent / len(task.x) * 1e3)
            inside = np.abs(points - task.x).max(axis=1) <= networks.EPS * (1 + 1e-5)
            accuracy[name] = float((task.right(points) | ~inside).mean())
    section.table(
        [
            f"{task.name}: Linf {networks.EPS}, {len(task.x)} rows",
            "CPU ms a row",
            "robust accuracy",
        ],
        [(name, float(np.median(spent)), f"{accuracy[name]:.1%}") for name, spent in times.items()],
    )
    _promise(task, section, times=times, accuracy=accuracy)


def _promise(
    task: Task,
    section: results.Section,
    *,
    times: dict[str, list[float]],
    accuracy: dict[str, float],
) -> None:
    for kind in ("PGD", "APGD"):
        theirs = [name for name in times if name.endswith(f" {kind}") and "bartizan" not in name]
        ours = f"bartizan {kind}"
        for peer in theirs:
            above = 100 * (accuracy[ours] - accuracy[peer])
            section.targets.append(
                results.Target.at_most(
                    f"{task.name}, {kind}: robust accuracy above {peer}'s, points", above, 0.5
                )
            )
            if task.name == "plain":
                ratio = float(np.median(np.array(times[peer]) / np.array(times[ours])))
                section.targets.append(
                    results.Target.at_least(f"{task.name}: CPU of {peer} over ours", ratio, 3)
                )


def _foolbox(task: Task) -> Array:
    """To its advantage: native torch, single precision, no conversion of the result."""
    model = fb.PyTorchModel(task.module, bounds=(0, 1))
    attack = fb.attacks.LinfPGD(abs_stepsize=_STEP, steps=PGD_STEPS, random_start=True)
    torch.manual_seed(0)
    parts = []
    for start in range(0, len(task.x), BATCH):
        part = slice(start, start + BATCH)
        images = torch.from_numpy(task.x[part].astype(np.float32)).view(-1, 1, 28, 28)
        labels = torch.from_numpy(task.y[part])
        _, clipped, _ = attack(model, images, labels, epsilons=networks.EPS)
        parts.append(clipped.numpy().reshape(len(images), -1))
    return np.concatenate(parts).astype(float)


def _art(task: Task, attack: Any, **settings: Any) -> Array:
    classifier = PyTorchClassifier(
        task.module,
        loss=nn.CrossEntropyLoss(),
        input_shape=(1, 28, 28),
        nb_classes=10,
        clip_values=(0, 1),
        device_type="cpu",
    )
    np.random.seed(0)  # noqa: NPY002 - it draws from the global stream
    torch.manual_seed(0)
    made = attack(
        classifier, norm=np.inf, eps=networks.EPS, batch_size=BATCH, verbose=False, **settings
    )
    images = task.x.astype(np.float32).reshape(-1, 1, 28, 28)
    return made.generate(x=images, y=task.y).reshape(len(task.x), -1).astype(float)


def _curves(task: Task, section: results.Section) -> None:
    """All eight budgets in one run against each of them alone."""
    rows = []
    for name, attack in (("PGD", pgd), ("APGD", apgd)):
        task.run(attack, sweep=(1.0,))  # warms up
        curve, spent = _timed(lambda attack=attack: task.run(attack))
        singles = []
        for share in SWEEP:
            found, alone = _timed(
                lambda attack=attack, share=share: task.run(attack, sweep=(share,))
            )
            limit = share * networks.EPS * (1 + 1e-9)
            lost = float((found.price <= limit).mean() - (curve.price <= limit).mean())
            singles.append((share, alone, lost))
        dearest = max(alone for _, alone, _ in singles)
        worst = 100 * max(lost for _, _, lost in singles)
        rows.append((name, spent, dearest, spent / dearest, worst))
        section.targets.append(
            results.Target.at_most(
                f"{task.name}: {name} curve over its costliest point", spent / dearest, 2.5
            )
        )
    section.table(
        [
            f"{task.name}: 8 budgets",
            "CPU s of the curve",
            "of the costliest point alone",
            "ratio",
            "most points of success that the curve misses",
        ],
        rows,
    )


def _distances(task: Task, section: results.Section) -> None:
    """Smallest changes: FMN beside Foolbox's."""
    rows = []
    peers: tuple[tuple[NormName, Any, float], ...] = (
        ("L1", fb.attacks.L1FMNAttack, 1.0),
        ("L2", fb.attacks.L2FMNAttack, 2.0),
        ("Linf", fb.attacks.LInfFMNAttack, np.inf),
    )
    model = fb.PyTorchModel(task.module, bounds=(0, 1))
    images = torch.from_numpy(task.x.astype(np.float32)).view(-1, 1, 28, 28)
    for norm, peer, order in peers:
        ours, spent = _timed(lambda norm=norm: task.run(fmn, norm=norm, eps=1.0))
        (_, clipped, hit), theirs = _timed(
            lambda peer=peer: peer(steps=100)(
                model, images, torch.from_numpy(task.y), epsilons=None
            )
        )
        change = clipped.numpy().reshape(len(task.x), -1) - task.x
        length = np.linalg.norm(change, ord=order, axis=1)
        median = float(np.median(np.where(hit.numpy(), length, np.inf)))
        mine = float(np.median(ours.price))
        share = f"{hit.numpy().mean():.0%}"
        rows.append((norm, mine, median, mine / median, f"{ours.success.mean():.0%}", share,
                     spent, theirs))  # fmt: skip
        section.targets.append(
            results.Target.at_most(f"FMN, {norm}: median over Foolbox's", mine / median, _MEDIAN)
        )
    section.table(
        ["plain: FMN-100", "median", "Foolbox", "ratio", "reached", "Foolbox", "CPU s", "Foolbox"],
        rows,
    )


def _linear(section: results.Section, *, samples: int) -> None:
    """A logistic regression, whose least changes have a closed form: |f| over the dual norm."""
    subject = subjects.logistic(subjects.spambase())
    x, y = subject.rows(samples)
    model = bind(load_model(subject.model), load_dataset((x, y), target=None))
    size, weights = np.abs(subject.model.decision_function(x)), subject.model.coef_[0]
    norms: tuple[tuple[NormName, float], ...] = (("L1", np.inf), ("L2", 2), ("Linf", 1))
    rows: list[list[object]] = []
    for name, attack in (("PGD", pgd), ("APGD", apgd), ("FMN", fmn)):
        ratios, missed = [], 0
        for norm, dual in norms:
            least = size / np.linalg.norm(weights, ord=dual)
            attacker = Attacker(name="bench", access="gradients", norm=norm, eps=least.max())
            constraint = Constraint(Box.uniform(x.shape[1]), attacker, x[:0])
            oracle = Oracle(model, y=y, access="gradients")
            found = attack.run(oracle, constraint, x, y, params=attack.Params(),
                               rng=np.random.default_rng(0))  # fmt: skip
            ratios.append(float((found.price / least)[found.success].mean()))
            missed = max(missed, int((~found.success).sum()))
        rows.append([name, *ratios, missed])
        what = f"{name} on a linear model: mean over the closed form, worst of 3 norms"
        section.targets.append(results.Target.at_most(what, max(ratios), 1.01))
    section.table(
        ["logistic regression, Spambase", *(norm for norm, _ in norms), "rows missed"], rows
    )
    section.say(
        "Mean over the rows that broke. Cross-entropy, which is all that PGD climbs, has no slope "
        "where a probability is 1 in double precision; APGD's margin has one."
    )


if __name__ == "__main__":
    main()
