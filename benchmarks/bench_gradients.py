"""Gradient attacks against a bare loop, Foolbox and ART: time, robust accuracy, curves."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
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
"""Everything is timed so often, turn by turn; the least disturbed time of each counts."""
BATCH = 256
"""Rows in a batch, ours and the peers'."""
PGD_STEPS, APGD_STEPS = 40, 100
_STEP = 2.5 * networks.EPS / PGD_STEPS
"""Everybody's step in PGD."""
_MEDIAN = 1.02
"""How much longer our median change may be than a peer's."""


@dataclass(frozen=True)
class Task:
    """A network and the rows that are attacked."""

    name: str
    module: nn.Module
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
            oracle = Oracle(networks.Net(self.module), y=y, access="gradients")
            rng = np.random.default_rng(0)
            parts.append(
                attack.run(oracle, constraint, x, y, params=attack.Params(**params), rng=rng)
            )
        names = ("points", "success", "price", "queries", "needed")
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return AttackResult(**joined)

    def right(self, points: Array) -> Mask:
        """Which rows the network still gets right."""
        return networks.Net(self.module).right(points, self.y)


_HEAP = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")


def _keep_heap() -> None:
    """Start anew with an allocator that keeps what was freed.

    Otherwise it hands back the memory of a pass, and faults it in again, whenever nothing happens
    to lie above it: a tenth of the time of a pass, for everybody, by chance.
    """
    if not all(name in os.environ for name in _HEAP):
        os.environ.update(dict.fromkeys(_HEAP, str(2**32)))
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - the very same command


def main() -> None:
    _keep_heap()
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
        f"gets right, Linf {networks.EPS} of the range, batches of {BATCH}, one thread, an "
        f"allocator that keeps freed memory. CPU times are the least of {ROUNDS} turns."
    )
    data = networks.pictures()
    plain, hard = (
        _task(data, hardened=hardened, samples=args.samples, smoke=args.smoke)
        for hardened in (False, True)
    )
    _floor(plain, section)
    for task in (plain, hard):
        _beside_peers(task, section)
        _curves(task, section)
    _distances(plain, section)
    if not args.smoke:
        section.write()


def _task(data: networks.Pictures, *, hardened: bool, samples: int, smoke: bool) -> Task:
    module = networks.trained(data, hardened=hardened, smoke=smoke)
    rows = np.flatnonzero(networks.Net(module).right(data.test_x, data.test_y))[:samples]
    name = "hardened" if hardened else "plain"
    rounds = 1 if smoke else ROUNDS
    return Task(name, module, data.test_x[rows], data.test_y[rows], rounds=rounds)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = process_time()
    done = work()
    return done, process_time() - started


def _floor(task: Task, section: results.Section) -> None:
    """What an attack adds to its passes through the network when no row leaves early."""
    some = Task(task.name, task.module, task.x[:BATCH], task.y[:BATCH], rounds=task.rounds)
    rows = []
    for name, attack, params in (
        (f"PGD-{PGD_STEPS}", pgd, {"steps": PGD_STEPS}),
        (f"APGD-{APGD_STEPS}, two losses", apgd, {"steps": APGD_STEPS, "targets": 1}),
    ):
        ours, floor = [], []
        for _ in range(task.rounds + 1):  # the first turn warms up
            found, spent = _timed(
                lambda attack=attack, params=params: some.run(
                    attack, eps=TINY, sweep=(1.0,), **params
                )
            )
            assert not found.success.any()
            passes = int(found.queries.max())
            ours.append(spent)
            floor.append(networks.bare_loop(some.module, some.x, some.y, passes=passes))
        ratio = min(ours) / min(floor)
        rows.append((name, passes, min(ours) / passes * 1e3, min(floor) / passes * 1e3, ratio))
        section.targets.append(
            results.Target.at_most(f"{name}: CPU over the bare loop", ratio, 1.1)
        )
    section.table(
        ["no row breaks", "passes", "CPU ms a pass", "bare loop", "over the bare loop"], rows
    )
    section.say(
        "The bare loop is forward and input gradient of the same 256 rows. The last of our passes "
        "with each loss is forward only."
    )


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
        [f"{task.name}: Linf {networks.EPS}", "CPU ms a row", "robust accuracy"],
        [(name, min(spent), f"{accuracy[name]:.1%}") for name, spent in times.items()],
    )
    _promise(task, section, times=times, accuracy=accuracy)


def _promise(
    task: Task,
    section: results.Section,
    *,
    times: dict[str, list[float]],
    accuracy: dict[str, float],
) -> None:
    least = {name: min(spent) for name, spent in times.items()}
    for kind in ("PGD", "APGD"):
        theirs = [name for name in least if name.endswith(f" {kind}") and "bartizan" not in name]
        ours = f"bartizan {kind}"
        for peer in theirs:
            above = 100 * (accuracy[ours] - accuracy[peer])
            section.targets.append(
                results.Target.at_most(
                    f"{task.name}, {kind}: robust accuracy above {peer}'s, points", above, 0.5
                )
            )
            if task.name == "plain":
                ratio = least[peer] / least[ours]
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
        change = (clipped.numpy().reshape(len(task.x), -1) - task.x)[hit.numpy()]
        median = float(np.median(np.linalg.norm(change, ord=order, axis=1)))
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


if __name__ == "__main__":
    main()
