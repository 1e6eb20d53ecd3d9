"""Public data and models that are attacked, and models that keep accounts."""

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import polars as pl
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import ScoreKind
from bartizan.core.schema import Label
from results import ROOT


@dataclass(frozen=True)
class Table:
    """A standardised data set, shuffled and split."""

    train_x: Array
    train_y: Ints
    test_x: Array
    test_y: Ints


@dataclass(frozen=True)
class Subject:
    """A fitted model of two classes and the table it learnt from."""

    name: str
    table: Table
    model: Any
    ask: Callable[[Array], Array]
    """Scores as the model itself gives them: (n, d) -> (n,) or (n, 2)."""
    score_kind: ScoreKind

    @cached_property
    def train_decisions(self) -> Ints:
        """The model's own answers on the training rows."""
        return np.asarray(self.model.predict(self.table.train_x), dtype=np.int64)

    def rows(self, samples: int) -> tuple[Array, Ints]:
        """Test rows that the model gets right, half of each class (seeded)."""
        table, rng = self.table, np.random.default_rng(1)
        right = np.flatnonzero(self.model.predict(table.test_x) == table.test_y)
        picked = [
            rng.permutation(right[table.test_y[right] == label])[: samples // 2] for label in (1, 0)
        ]
        chosen = np.concatenate(picked)
        return table.test_x[chosen], table.test_y[chosen]

    def own(self, count: int = 128) -> Array:
        """What an attacker owns: training rows that the model puts in each class (seeded)."""
        rng = np.random.default_rng(2)
        parts = [np.flatnonzero(self.train_decisions == label) for label in (0, 1)]
        chosen = np.concatenate([rng.permutation(part)[:count] for part in parts])
        return self.table.train_x[chosen]

    def fooled(self, points: Array, y: Ints) -> Mask:
        """Whether the model itself, in its own precision, gives another answer."""
        return np.asarray(self.model.predict(points) != y)


def load(name: str, *, train: int) -> Table:
    """Read one of the public data sets, standardise its columns, shuffle and split it."""
    folder = Path(os.environ.get("BARTIZAN_DATA", ROOT.parent / "shared" / "data"))
    frame = pl.read_csv(folder / name, infer_schema_length=None)
    values = frame.to_numpy().astype(float)
    values = values[np.random.default_rng(0).permutation(len(values))]
    x, y = StandardScaler().fit_transform(values[:, :-1]), values[:, -1].astype(np.int64)
    return Table(train_x=x[:train], train_y=y[:train], test_x=x[train:], test_y=y[train:])


def credit_cards() -> Table:
    """ULB credit-card fraud, 30 columns; class 1 is fraud."""
    return load("ulb-creditcard/creditcard_union_sample.csv.gz", train=7000)


def spambase() -> Table:
    """UCI Spambase, 57 columns; class 1 is spam."""
    return load("spambase/spambase.csv.gz", train=3500)


def mlp(table: Table, *, max_iter: int = 60) -> Subject:
    """scikit-learn's network, two hidden layers of 64."""
    model = MLPClassifier((64, 64), max_iter=max_iter, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped early on purpose
        model.fit(table.train_x, table.train_y)
    return Subject("MLP 64-64", table, model, model.predict_proba, "probability")


def trees(table: Table) -> Subject:
    """XGBoost, 20 trees of depth 4."""
    model = XGBClassifier(n_estimators=20, max_depth=4, n_jobs=1, random_state=0)
    model.fit(table.train_x, table.train_y)
    return Subject("XGBoost 20 x 4", table, model, model.predict_proba, "probability")


def logistic(table: Table) -> Subject:
    """Logistic regression, asked for its linear score."""
    model = LogisticRegression(max_iter=2000).fit(table.train_x, table.train_y)
    return Subject("logistic regression", table, model, model.decision_function, "logit")


@dataclass
class Plain:
    """A subject as bartizan's attacks ask it; counts calls and rows."""

    subject: Subject
    calls: int = 0
    rows: int = 0
    classes: tuple[Label, ...] = (0, 1)

    @property
    def score_kind(self) -> ScoreKind:
        """What the scores are."""
        return self.subject.score_kind

    def scores(self, x: Array) -> Array:
        """Two columns, whatever the model gives."""
        self.calls += 1
        self.rows += len(x)
        answer = self.subject.ask(x)
        if answer.ndim == 2:
            return answer
        return np.stack([np.zeros(len(answer)), answer], axis=1)


@dataclass
class Floor(Plain):
    """The same, and times the bare model on the very same rows in the same chunks.

    Each chunk is asked about once more, right after the attack's own question: the rows lie in
    the processor's cache then, so that the floor is as low as it can be.
    """

    bare_s: float = 0.0

    def scores(self, x: Array) -> Array:
        """As `Plain.scores`."""
        answer = super().scores(x)
        started = process_time()
        self.subject.ask(x)
        self.bare_s += process_time() - started
        return answer
