"""Square Attack and RayS on images: time above the model, questions, success against ART."""

from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np
import torch
from art.attacks.evasion import SquareAttack
from art.estimators.classification import BlackBoxClassifierNeuralNetwork

import images
import results
from bartizan.attack import hop_skip_jump, rays, square
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Access, Attacker, NormName
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box

BUDGETS: tuple[tuple[NormName, float, int], ...] = (
    ("Linf", 12 / 255, 1000),
    ("Linf", 12 / 255, 2500),
    ("L2", 1.5, 1000),
)
"""Norm, radius in units of the way from dark to bright, questions a row. The radii break about
half of the rows, where a difference in success would show. Most of the time goes to ART at the
most questions: with the usual 10,000 it would be an hour."""
LABELS = 2000
"""Questions a row for attacks that see labels only."""


@dataclass(frozen=True)
class Task:
    """What is attacked."""

    model: images.Network
    x: Array
    y: Ints
    own: Array

    def run(
        self, attack: Any, norm: NormName, eps: float, queries: int
    ) -> tuple[AttackResult, images.Network, float]:
        """Attack all rows in one block: result, the model with its accounts, CPU seconds."""
        access: Access = "scores" if attack is square else "labels"
        attacker = Attacker(name="bench", access=access, norm=norm, eps=eps)
        constraint = Constraint(Box.of(images.IMAGE), attacker, self.own)
        model = images.Network(self.model.module)
        oracle = Oracle(model, y=self.y, access=access, budget=queries)
        rng = np.random.default_rng(0)
        started = process_time()
        result = attack.run(oracle, constraint, self.x, self.y, params=attack.Params(), rng=rng)
        return result, model, process_time() - started


def main() -> None:
    args = results.options(__doc__ or "", samples=48)  # three minutes and a half
    torch.set_num_threads(1)
    section = results.Section(
        name="black-box",
        title="Square Attack and RayS",
        command="python benchmarks/bench_black_box.py",
        packages=("numpy", "torch", "adversarial-robustness-toolbox"),
    )
    model = images.trained(rows=2000 if args.smoke else 20_000)
    x, y, own = images.rows(model, args.samples)
    task = Task(model, x, y, own)
    section.say(
        f"Fashion-MNIST, {len(x)} test images in whole numbers that a small network (two "
        "convolutions, one epoch) gets right; one block, one thread. ART asks about reals, which "
        "leaves it the larger choice; CPU is per row and proposal. The bare model asked once is "
        "the least that a proposal can cost; ART's multiple of it is what other code could gain."
    )
    for norm, eps, queries in BUDGETS:
        _against_art(task, section, norm=norm, eps=eps, queries=30 if args.smoke else queries)
    _labels(task, section, queries=60 if args.smoke else LABELS)
    if not args.smoke:
        section.write()


def _against_art(
    task: Task, section: results.Section, *, norm: NormName, eps: float, queries: int
) -> None:
    n = len(task.x)
    result, model, spent = task.run(square, norm, eps, queries)
    attacker = Attacker(name="bench", access="scores", norm=norm, eps=eps)
    ours = float(Constraint(Box.of(images.IMAGE), attacker, task.own).within(result.price).mean())
    theirs, proposals, asked, art_s = _art(task, norm=norm, eps=eps, queries=queries)
    error = float(1.96 * np.sqrt(2 * max(theirs * (1 - theirs), 0.25 / n) / n))
    ratio = (art_s / proposals) / (spent / model.rows)
    what = f"{norm}, {queries:,} queries"
    section.table(
        [what, "broken", "us a proposal", "times the bare model", "model rows a proposal"],
        [
            ("bartizan", ours, 1e6 * spent / model.rows, spent / model.bare_s,
             model.rows / float(result.queries.sum())),
            ("ART", theirs, 1e6 * art_s / proposals,
             art_s / proposals / (model.bare_s / model.rows), asked / proposals),
        ],
    )  # fmt: skip
    section.targets += [
        results.Target.at_most(
            f"Square, {what}: CPU over the bare model", spent / model.bare_s, 1.3
        ),
        results.Target.at_least(f"Square, {what}: CPU of ART a proposal over ours", ratio, 3),
        results.Target.at_least(
            f"Square, {what}: broken, less ART's, plus sampling error", ours - theirs + error, 0
        ),
    ]


def _art(task: Task, *, norm: NormName, eps: float, queries: int) -> tuple[float, int, int, float]:
    """Share broken, proposals for rows still standing, model rows, CPU seconds."""
    model = images.Network(task.model.module)
    x = (task.x / 255).reshape(-1, 28, 28, 1).astype(np.float32)

    def ask(rows: Array) -> Array:
        return model.scores(rows.reshape(len(rows), -1) * 255.0)

    classifier = BlackBoxClassifierNeuralNetwork(
        ask,
        input_shape=(28, 28, 1),
        nb_classes=10,
        channels_first=False,
        clip_values=(0.0, 1.0),
    )
    attack = SquareAttack(
        classifier,
        norm=np.inf if norm == "Linf" else 2,
        eps=eps,
        max_iter=queries - 1,
        p_init=0.8,
        nb_restarts=1,
        batch_size=16384,
        verbose=False,
    )
    np.random.seed(0)  # noqa: NPY002 - it draws from the global stream
    started = process_time()
    points = attack.generate(x=x, y=task.y)
    spent = process_time() - started
    broken = (ask(points).argmax(axis=1) != task.y).mean()
    # A turn asks about all rows once and about those still standing twice.
    standing = (model.rows - len(x) * (len(model.calls) // 3)) // 2
    return float(broken), max(standing, 1), model.rows, spent


def _labels(task: Task, section: results.Section, *, queries: int) -> None:
    lines = []
    for norm, eps in (("Linf", 12 / 255), ("L2", 1.5)):
        for name, attack in (("RayS", rays), ("HopSkipJump", hop_skip_jump)):
            result, model, spent = task.run(attack, norm, eps, queries)  # type: ignore[arg-type]
            above = 1e6 * (spent - model.bare_s) / model.rows
            share = result.price / eps
            lines.append(
                (f"{name}, {norm}", float(np.median(share)), float((share <= 1).mean()), above)
            )
    section.table(
        [
            f"labels, {queries:,} queries",
            "median price in budgets",
            "broken",
            "us a question above",
        ],
        lines,
    )


if __name__ == "__main__":
    main()
