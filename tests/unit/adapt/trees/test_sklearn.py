from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_trees import BoundTrees
from unit.adapt import edges, samples

MODELS = [
    lambda seed: DecisionTreeClassifier(max_depth=1 + seed % 7, random_state=seed),
    lambda seed: RandomForestClassifier(5 + seed, class_weight="balanced", random_state=seed),
    lambda seed: ExtraTreesClassifier(5 + seed, max_depth=6, random_state=seed),
    lambda seed: GradientBoostingClassifier(
        n_estimators=3 + seed, subsample=0.7, random_state=seed
    ),
    lambda seed: HistGradientBoostingClassifier(max_iter=3 + seed, random_state=seed),
]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", MODELS)
def test_trees_answer_as_the_library_at_every_threshold(make: Any, seed: int, classes: int) -> None:
    x, y = samples.arrays(classes)
    words, made = np.array(["low", "mid", "top"])[y], make(seed)
    gaps = not isinstance(made, GradientBoostingClassifier)
    if gaps and seed:
        x = x.copy()
        x[np.random.default_rng(seed).random(x.shape) < 0.1] = np.nan
    bound = edges.bound(made.fit(x, words), load_dataset((x, words), target=None))
    rows = edges.rows(bound.structure(), x, gaps=gaps)
    np.testing.assert_allclose(
        bound.structure().scores(rows), bound.scores(rows), rtol=1e-9, atol=1e-12
    )


def test_leaves_are_those_of_the_library() -> None:
    x, y = samples.arrays(3)
    made = RandomForestClassifier(7, random_state=0).fit(x, y)
    trees = edges.bound(made, samples.table(3)).structure()
    rows = edges.rows(trees, x, gaps=False)
    np.testing.assert_array_equal(trees.reached(rows) - trees.roots, made.apply(rows))


def test_columns_are_picked_classes_reordered_and_a_threshold_applied() -> None:
    data = samples.frame(3)
    made = RandomForestClassifier(5, random_state=0).fit(data.drop(columns="y"), data["y"])
    turned = data[["delta", "y", "gamma", "alpha", "beta"]].assign(more=1.0)
    table = load_dataset(turned[data["y"] != 1], target="y")
    bound = bind(load_model(made), table)
    assert isinstance(bound, BoundTrees)
    assert bound.classes == (0, 2, 1)
    x = table.dataset.x
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), atol=1e-12)
    two, y = samples.arrays()
    pair = HistGradientBoostingClassifier(max_iter=5).fit(two, y)
    moved = edges.bound(pair, samples.table(), threshold=0.7)
    decided = moved.structure().scores(two).argmax(axis=1)
    np.testing.assert_array_equal(decided, pair.predict_proba(two)[:, 1] >= 0.7)


def test_categories_of_text_are_those_of_the_table() -> None:
    data = samples.mixed()
    inputs = data.drop(columns="verdict")
    inputs["city"] = inputs["city"].astype(pd.CategoricalDtype(["Rome", "Oslo", "Bonn"]))
    made = HistGradientBoostingClassifier(
        max_iter=8, min_samples_leaf=2, categorical_features="from_dtype"
    ).fit(inputs, data["verdict"])
    table = load_dataset(data, target="verdict")
    bound = edges.bound(made, table)
    assert (bound.structure().members >= 0).any()
    x = np.tile(table.dataset.x, (4, 1))
    x[:, 2] = np.random.default_rng(0).choice([0, 1, 2, np.nan], size=len(x))
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), atol=1e-12)


@pytest.mark.parametrize("gaps", [True, False])
def test_categories_of_numbers_go_where_the_library_sends_them(*, gaps: bool) -> None:
    rng = np.random.default_rng(0)
    x = np.column_stack((rng.normal(size=600), rng.choice([0, 1, 2, 4, 7], size=600)))
    y = ((x[:, 0] > 0) ^ np.isin(x[:, 1], [1, 7])).astype(int)
    if gaps:
        x[:60, 1] = np.nan
    made = HistGradientBoostingClassifier(max_iter=8, categorical_features=[1]).fit(x, y)
    bound = edges.bound(made, load_dataset((x, y), target=None))
    assert (bound.structure().members >= 0).any()
    x[:, 1] = rng.choice([*range(-2, 12), np.nan], size=600)
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), atol=1e-12)


def test_columns_of_coded_numbers_are_read_through_their_codes() -> None:
    data = samples.frame().assign(kind=np.where(np.arange(samples.N) % 3 == 1, 10, 2))
    data["kind"] += 5 * (np.arange(samples.N) % 3 == 2)
    data["y"] = data["y"] ^ (data["kind"] == 7)
    made = RandomForestClassifier(5, random_state=0).fit(data.drop(columns="y"), data["y"])
    typed = load_dataset(data, target="y").dataset.schema
    features = tuple(
        type(f)(name=f.name, type="categorical", categories=("10", "2", "7"))
        if f.name == "kind"
        else f
        for f in typed.features
    )
    table = load_dataset(data, target="y", schema=type(typed)(features=features))
    assert sorted(set(table.dataset.x[:, 4])) == [0.0, 1.0, 2.0]
    bound = edges.bound(made, table)
    trees = bound.structure()
    assert (trees.members[trees.feature == 4] >= 0).all()
    x = table.dataset.x
    np.testing.assert_allclose(trees.scores(x), bound.scores(x), atol=1e-12)
    np.testing.assert_allclose(trees.scores(x), made.predict_proba(data.drop(columns="y")))


def test_trees_that_correct_another_model_are_noted() -> None:
    x, y = samples.arrays()
    made = GradientBoostingClassifier(n_estimators=3, init=LogisticRegression()).fit(x, y)
    bound = bind(load_model(made), samples.table())
    assert not isinstance(bound, BoundTrees)
    assert "the trees correct another model, LogisticRegression" in bound.notes[0]


class Shifted(RandomForestClassifier):  # type: ignore[misc]
    """Answers otherwise than its trees, as a library might that changed its inside."""

    def predict_proba(self, X: Any) -> Any:  # noqa: N803 (scikit-learn's name)
        return super().predict_proba(X) * 0.9 + 0.05


def test_trees_that_answer_otherwise_than_the_model_are_not_used() -> None:
    x, y = samples.arrays()
    named = {"__module__": "sklearn.ensemble"}
    disguised = type("RandomForestClassifier", (Shifted,), named)
    bound = bind(load_model(disguised(n_estimators=5).fit(x, y)), samples.table())
    assert not isinstance(bound, BoundTrees)
    assert bound.notes[0].startswith("the trees read from the model do not answer as it does")
    assert "apart on row" in bound.notes[0]
