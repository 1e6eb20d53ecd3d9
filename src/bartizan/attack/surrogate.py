"""Thieves who train a copy of a model from its answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

import numpy as np
from scipy.special import softmax

from bartizan.attack.questions import unsure_first
from bartizan.attack.terms import Terms
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, ScoreKind, decisions
from bartizan.core.errors import BudgetExceededError
from bartizan.core.oracle import CHUNK_ROWS

Answer: TypeAlias = Literal["scores", "rounded", "labels"]
"""What the model tells: its scores, probabilities to one decimal, or the decision."""
Copy: TypeAlias = Callable[[Array], Array]
"""Terms (n, t) -> scores (n, k); larger = more likely."""


class Learner(Protocol):
    """A way to learn a classifier from answers. Kept out of this room: models come from `adapt`."""

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        ...

    def fit(self, x: Array, targets: Array, *, rng: np.random.Generator) -> Copy:
        """Learn.

        Args:
            x: Terms, shape (n, t), finite.
            targets: Shares of the classes, shape (n, k); one 1 in each row where only the
                decision is known. At least two classes are decided somewhere.
            rng: For everything random.
        """
        ...


@dataclass
class Purse:
    """A model, and a number of questions that one thief may ask of it."""

    model: Classifier
    budget: int
    asked: int = 0
    """Rows sent so far."""

    def scores(self, x: Array) -> Array:
        """Ask: (m, d) -> (m, k).

        Raises:
            BudgetExceededError: the purse is too small; nothing was sent.
        """
        if self.asked + len(x) > self.budget:
            message = (
                f"{self.asked} of {self.budget} questions are used up, {len(x)} more do not "
                "fit; ask for fewer"
            )
            raise BudgetExceededError(message)
        self.asked += len(x)
        starts = range(0, len(x), CHUNK_ROWS)
        parts = [self.model.scores(x[start : start + CHUNK_ROWS]) for start in starts]
        return np.concatenate([np.zeros((0, len(self.model.classes))), *parts])


def told(scores: Array, *, kind: ScoreKind, answer: Answer) -> Array:
    """What a thief learns from the model's scores, as shares of the classes.

    Args:
        scores: Shape (n, k).
        kind: What they are; logits become probabilities.
        answer: What the model tells. Where rounding leaves nothing of a row, all classes are
            equally likely.

    Returns:
        Shape (n, k); rows sum to 1.
    """
    if answer == "labels" or kind == "label":
        return np.eye(scores.shape[1])[decisions(scores)]
    shares = softmax(scores, axis=1) if kind == "logit" else np.maximum(scores, 0.0)
    if answer == "rounded":
        shares = np.round(shares, 1)
    total = shares.sum(axis=1, keepdims=True)
    return np.where(total > 0, shares / np.where(total > 0, total, 1.0), 1 / shares.shape[1])


def learned(learner: Learner, x: Array, targets: Array, *, rng: np.random.Generator) -> Copy:
    """Train a copy; where only one class was ever decided, the copy says that class."""
    seen = np.unique(targets.argmax(axis=1))
    if len(seen) > 1:
        return learner.fit(x, targets, rng=rng)
    row = np.eye(targets.shape[1])[seen[0]]
    return lambda questions: np.tile(row, (len(questions), 1))


def best_learner(
    learners: tuple[Learner, ...], x: Array, targets: Array, *, rng: np.random.Generator
) -> Learner:
    """The learner that predicts a held-out third of the thief's own answers best.

    Args:
        learners: At least one.
        x: Terms of the rows that were asked about, shape (n, t).
        targets: What was answered, shape (n, k).
        rng: For the split and the training.
    """
    order = rng.permutation(len(x))
    cut = max(1, len(x) // 3)
    held, rest = order[:cut], order[cut:]
    truth = targets[held].argmax(axis=1)
    if not rest.size:
        return learners[0]

    def agreed(learner: Learner) -> float:
        copy = learned(learner, x[rest], targets[rest], rng=rng)
        return float((decisions(copy(x[held])) == truth).mean())

    return max(learners, key=agreed)


@dataclass(kw_only=True)
class Thief:
    """One thief on the way: what could be asked, what was, and the copy made of it.

    Random numbers depend on `seed` and on how far the thief is, so that one who was stopped and
    set up again with the answers so far goes on as if nothing had happened.
    """

    purse: Purse
    terms: Terms
    learner: Learner
    answer: Answer
    rows: Array
    """Rows to choose questions from, in random order, shape (m, d)."""
    active: bool
    """Whether to ask where the copy is least sure, or in order."""
    seed: int
    taken: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Positions in `rows` of what was asked, in order."""
    scores: Array | None = None
    """The answers, shape (asked, k)."""
    copy: Copy | None = None
    """Made of all answers so far, if it is made."""

    def choose(self, total: int) -> Ints:
        """Positions in `rows` to ask about next, so that `total` are asked in all.

        Fewer where there are not so many rows.
        """
        free = np.setdiff1d(np.arange(len(self.rows)), self.taken)
        n = max(0, min(total - len(self.taken), len(free)))
        if not self.active or self.scores is None or not n:
            return free[:n]
        copy = self.copy or self.learn(len(self.taken))
        top = np.sort(copy(self.terms.matrix(self.rows[free])), axis=1)[:, -2:]
        rng = np.random.default_rng([self.seed, len(self.taken), 1])
        return free[unsure_first(top[:, 1] - top[:, 0], n, rng)]

    def take(self, chosen: Ints, scores: Array) -> None:
        """Note the answers to some rows."""
        self.taken = np.concatenate([self.taken, chosen])
        self.scores = scores if self.scores is None else np.concatenate([self.scores, scores])
        self.copy = None

    def lesson(self, n: int) -> tuple[Array, Array]:
        """Terms and targets of the first n rows asked about."""
        scores = (
            np.zeros((0, len(self.purse.model.classes))) if self.scores is None else self.scores
        )
        targets = told(scores[:n], kind=self.purse.model.score_kind, answer=self.answer)
        return self.terms.matrix(self.rows[self.taken[:n]]), targets

    def learn(self, n: int) -> Copy:
        """Train a copy on the first n answers, n >= 1."""
        x, targets = self.lesson(n)
        made = learned(self.learner, x, targets, rng=np.random.default_rng([self.seed, n]))
        self.copy = made if n == len(self.taken) else None
        return made
