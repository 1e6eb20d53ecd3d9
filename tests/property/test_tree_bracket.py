"""Certified <= exact <= attack on models of the libraries themselves, asked as users hand them."""

from typing import Any, cast

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_trees import BoundTrees
from bartizan.attack import coordinate, tree_exact, tree_greedy
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker, NormName
from bartizan.core.classifier import decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.oracle import Oracle
from bartizan.core.space import Mixed
from bartizan.core.streams import rng

LIBRARIES = ("xgboost", "lightgbm", "forest", "hist")
NORMS: tuple[NormName, ...] = ("L1", "L2", "Linf")
ROWS, D = 8, 5
HAIR = 1e-6
"""Relative: a step past a threshold has the width of single precision there."""


def model(library: str, draw: np.random.Generator, x: Array, y: Ints) -> Any:
    """A small ensemble with settings drawn at random."""
    trees, depth = int(draw.integers(2, 13)), int(draw.integers(2, 5))
    seed = int(draw.integers(1000))
    if library == "xgboost":
        boost = pytest.importorskip("xgboost", reason="xgboost is not installed")
        made = boost.XGBClassifier(n_estimators=trees, max_depth=depth, n_jobs=1)
    elif library == "lightgbm":
        boost = pytest.importorskip("lightgbm", reason="lightgbm is not installed")
        made = boost.LGBMClassifier(
            n_estimators=trees, max_depth=depth, n_jobs=1, verbose=-1, random_state=seed
        )
    elif library == "forest":
        made = RandomForestClassifier(trees, max_depth=depth, random_state=seed)
    else:
        made = HistGradientBoostingClassifier(max_iter=trees, max_depth=depth, random_state=seed)
    return made.fit(x, y)


def case(library: str, seed: int) -> tuple[BoundTrees, Constraint, Array]:
    """A model, an attacker on it, and rows that it was not trained on."""
    draw = rng(seed, "bracket", library)
    x = (
        (draw.normal(size=(200, D)) * 10.0 ** draw.integers(-3, 4, D))
        .astype(np.float32)
        .astype(float)
    )
    k = int(draw.integers(2, 4))
    cuts = np.quantile(x[:, 0], np.arange(1, k) / k)
    y = np.searchsorted(cuts, x[:, 0] + 0.3 * draw.normal(size=200) * x[:, 0].std())
    x = np.where(draw.random((200, D)) < 0.05, np.nan, x)
    x[:, 0] = np.nan_to_num(x[:, 0])
    made = model(library, draw, x[:150], y[:150])
    table = load_dataset((x[150:], y[150:]), target=None)
    bound = bind(load_model(made), table)
    assert isinstance(bound, BoundTrees)
    space = Mixed.of(table.dataset.schema, table.dataset.x)
    eve = Attacker(name="e", access="structure", norm=NORMS[seed % 3], eps=0.2)
    return bound, Constraint(space, eve, table.dataset.x), table.dataset.x[:ROWS]


def attack(entry: Entry, bound: BoundTrees, constraint: Constraint, x: Array) -> AttackResult:
    y = decisions(bound.scores(x))
    oracle = Oracle(bound, y=y, access="structure", budget=60)
    found = entry.run(oracle, constraint, x, y, params=entry.params, rng=rng(0))
    return cast("AttackResult", found)


def bracketed(library: str, seed: int) -> None:
    """Check one model: every row between its bounds, and every claim by the model itself."""
    bound, constraint, x = case(library, seed)
    exact = attack(tree_exact.ENTRY, bound, constraint, x)
    greedy = attack(tree_greedy.ENTRY, bound, constraint, x)
    blind = attack(coordinate.ENTRY, bound, constraint, x)
    assert exact.lower is not None
    assert greedy.lower is not None
    y = decisions(bound.scores(x))
    slack = HAIR * np.maximum(np.where(np.isfinite(exact.price), exact.price, 0.0), 1.0)
    assert (greedy.lower <= exact.lower + slack).all()
    assert (exact.lower <= exact.price).all()
    for other in (greedy, blind):
        assert (exact.price <= other.price + slack).all()
        assert (exact.lower <= other.price + slack).all()
    for found in (exact, greedy, blind):
        changed = decisions(bound.scores(found.points[found.success]))
        assert (changed != y[found.success]).all()


@pytest.mark.parametrize("library", LIBRARIES)
def test_proof_search_and_blind_attack_stand_in_order(library: str) -> None:
    for seed in range(3):
        bracketed(library, seed)


@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES)
def test_they_do_for_a_thousand_pairs_of_model_and_row(library: str) -> None:
    for seed in range(100, 132):
        bracketed(library, seed)
