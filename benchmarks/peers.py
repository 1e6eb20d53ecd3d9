"""The same attack in other libraries, each set up to its advantage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import process_time
from types import SimpleNamespace
from typing import Any

import foolbox as fb
import numpy as np
import torch
from art.attacks.evasion import HopSkipJump, ZooAttack
from art.estimators.classification import BlackBoxClassifier
from foolbox.attacks import hop_skip_jump
from torch.nn import Module

from bartizan.core.arrays import Array, Ints
from subjects import Subject


@dataclass(frozen=True)
class Result:
    """What a peer found and what it took."""

    points: Array
    """Shape (n, d)."""
    cpu_s: float
    calls: int
    rows: int


def art(
    subject: Subject, x: Array, y: Ints, *, starts: Array, norm: float = 2, iterations: int = 50
) -> Result:
    """HopSkipJump of the Adversarial Robustness Toolbox around the model's own function.

    To its advantage: our starting points instead of noise, and batches so large that one call
    carries all directions of a step.
    """
    classifier, counted = _asked(subject, width=x.shape[1])
    attack = HopSkipJump(
        classifier,
        batch_size=16384,
        norm=norm,
        max_iter=iterations,
        max_eval=10000,
        init_eval=100,
        verbose=False,
    )
    np.random.seed(0)  # noqa: NPY002 - it draws from the global stream
    started = process_time()
    points = attack.generate(x=x, y=y, x_adv_init=starts.copy())
    spent = process_time() - started
    return Result(points.astype(float), spent, counted["calls"], counted["rows"])


def zoo(subject: Subject, x: Array, y: Ints, *, iterations: int) -> Result:
    """ZOO of the Adversarial Robustness Toolbox around the model's own function.

    To its advantage: probabilities; its finite difference is a fifth of a standard deviation,
    because trees have no slope closer by; and every column is tried in each step.
    """
    classifier, counted = _asked(subject, width=x.shape[1])
    attack = ZooAttack(
        classifier,
        max_iter=iterations,
        learning_rate=0.1,
        binary_search_steps=5,
        initial_const=1.0,
        nb_parallel=x.shape[1],
        variable_h=0.2,
        use_resize=False,
        use_importance=False,
        verbose=False,
    )
    np.random.seed(0)  # noqa: NPY002 - it draws from the global stream
    started = process_time()
    points = attack.generate(x=x, y=np.eye(2)[y])
    spent = process_time() - started
    return Result(points.astype(float), spent, counted["calls"], counted["rows"])


def _asked(subject: Subject, *, width: int) -> tuple[BlackBoxClassifier, dict[str, int]]:
    """A subject as the toolbox asks it, and what it was asked."""
    counted = {"calls": 0, "rows": 0}

    def ask(rows: Array) -> Array:
        counted["calls"] += 1
        counted["rows"] += len(rows)
        answer = subject.ask(rows)
        if answer.ndim == 2:
            return answer
        return np.stack([np.zeros(len(answer)), answer], axis=1)

    lowest, highest = subject.table.train_x.min(), subject.table.train_x.max()
    classifier = BlackBoxClassifier(
        ask, input_shape=(width,), nb_classes=2, clip_values=(lowest, highest)
    )
    return classifier, counted


def foolbox(
    subject: Subject,
    module: Module,
    x: Array,
    y: Ints,
    *,
    starts: Array,
    batch: int,
    iterations: int = 50,
) -> Result:
    """HopSkipJump of Foolbox on a torch module: `torch_copy` or `AsModule` of the subject.

    To its advantage: float64, in which no point is lost to rounding; our starting points; and
    the bounds of 0 and 1 that it clips to, whatever the model's bounds are, are taken out.
    """
    copy = _Counted(module).eval()
    wide = 10 * float(np.abs(subject.table.train_x).max())
    model = fb.PyTorchModel(copy, bounds=(-wide, wide))
    attack = fb.attacks.HopSkipJumpAttack(
        steps=iterations, initial_gradient_eval_steps=100, max_gradient_eval_steps=10000
    )
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows, labels, begin = torch.tensor(x), torch.tensor(y), torch.tensor(starts)
    parts = []
    started = process_time()
    with _unclipped():
        for start in range(0, len(x), batch):
            part = slice(start, start + batch)
            _, (found,), _ = attack(
                model, rows[part], labels[part], starting_points=begin[part], epsilons=[None]
            )
            parts.append(found.numpy())
    spent = process_time() - started
    return Result(np.concatenate(parts), spent, copy.calls, copy.rows)


@contextmanager
def _unclipped() -> Iterator[None]:
    """Foolbox's HopSkipJump without the clipping to 0..1 that is written into it."""
    library = hop_skip_jump.ep
    names = {name: getattr(library, name) for name in dir(library) if not name.startswith("__")}
    hop_skip_jump.ep = SimpleNamespace(**{**names, "clip": lambda x, *_: x})
    try:
        yield
    finally:
        hop_skip_jump.ep = library


class _Counted(Module):
    def __init__(self, model: Module) -> None:
        super().__init__()
        self.model = model
        self.calls = 0
        self.rows = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.rows += len(x)
        return self.model(x)


class AsModule(Module):
    """The subject itself behind the face of a torch module."""

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self.ask = subject.ask

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Probabilities of the two classes."""
        return torch.from_numpy(self.ask(x.numpy()))


def torch_copy(subject: Subject) -> Module:
    """The subject in torch: the same decisions but for the last bits of a sum."""
    return _Trees(subject.model) if hasattr(subject.model, "get_booster") else _network(subject)


def as_subject(subject: Subject, module: Module) -> Subject:
    """A subject that is asked through a torch copy, and judged as before."""

    def ask(x: Array) -> Array:
        return module(torch.from_numpy(x)).numpy()

    return replace(subject, name=f"{subject.name}, torch copy", ask=ask, score_kind="logit")


def _network(subject: Subject) -> Module:
    """A fitted MLPClassifier with weights in float64 and two logits."""
    layers: list[Module] = []
    weights = list(zip(subject.model.coefs_, subject.model.intercepts_, strict=True))
    for place, (coefs, intercepts) in enumerate(weights):
        last = place == len(weights) - 1
        weight, bias = coefs.T, intercepts
        if last:  # one logit becomes two: zero, and itself
            weight = np.concatenate([np.zeros_like(weight), weight])
            bias = np.concatenate([np.zeros_like(bias), bias])
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
        layer.weight.data, layer.bias.data = torch.tensor(weight), torch.tensor(bias)
        layers += [layer] if last else [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers).requires_grad_(requires_grad=False)


class _Trees(Module):
    """A fitted XGBClassifier of small trees: a leaf is reached if its whole path agrees.

    All splits are compared at once and paths are counted by one matrix product, which is far
    quicker for a single row than walking down.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        frame = model.get_booster().trees_to_dataframe().sort_values(["Tree", "Node"])
        place = {name: position for position, name in enumerate(frame["ID"])}
        leaf = (frame["Feature"] == "Leaf").to_numpy()
        path = np.zeros((len(frame), len(frame)), dtype=np.float32)
        for node, (yes, no) in enumerate(zip(frame["Yes"], frame["No"], strict=True)):
            for child, sign in ((yes, 1), (no, -1)) if not leaf[node] else ():
                path[place[child]] = path[node]  # parents come first
                path[place[child], node] = sign
        path = path[leaf][:, ~leaf]
        splits = frame[~leaf]
        self.feature = torch.tensor([int(name[1:]) for name in splits["Feature"]])
        self.split = torch.tensor(splits["Split"].to_numpy().astype(np.float32))
        self.path = torch.tensor(path.T.copy())
        self.depth = torch.tensor(np.abs(path).sum(axis=1))
        self.value = torch.tensor(frame["Gain"].to_numpy()[leaf].astype(np.float32))
        base = model.intercept_[0]
        self.base = float(np.log(base / (1 - base)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Two logits: zero, and the sum of the leaves."""
        agrees = torch.where(x.float()[:, self.feature] < self.split, 1.0, -1.0)
        reached = (agrees @ self.path == self.depth).float()
        logit = reached @ self.value + self.base
        return torch.stack([torch.zeros_like(logit), logit], dim=1)
