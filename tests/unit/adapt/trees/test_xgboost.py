import json
import pickle
from typing import Any

import numpy as np
import pytest
import xgboost

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_trees import BoundTrees
from bartizan.adapt.trees.xgboost import read_learner
from unit.adapt import edges, samples


def fit(classes: int, *, seed: int = 0, **params: Any) -> tuple[Any, Any]:
    x, y = samples.arrays(classes)
    x = x.copy()
    x[np.random.default_rng(seed).random(x.shape) < 0.1] = np.nan
    made = xgboost.XGBClassifier(**{"n_estimators": 8, "n_jobs": 1, "random_state": seed, **params})
    return made.fit(x, y), load_dataset((x, y), target=None)


def assert_same(model: Any, table: Any, **options: Any) -> BoundTrees:
    bound = edges.bound(model, table, **options)
    x = edges.rows(bound.structure(), table.dataset.x, gaps=True)
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), rtol=1e-4, atol=3e-6)
    return bound


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "params",
    [
        {"max_depth": 3, "learning_rate": 1.0},
        {"booster": "dart", "rate_drop": 0.5},
        {"num_parallel_tree": 3, "subsample": 0.5, "learning_rate": 0.7},
        {"grow_policy": "lossguide", "max_leaves": 4, "max_depth": 0},
        {"base_score": 0.3},
        {"min_child_weight": 1000.0},
    ],
)
def test_trees_answer_as_the_library_at_every_threshold(
    classes: int, params: dict[str, Any]
) -> None:
    assert_same(*fit(classes, **params))


@pytest.mark.parametrize("seed", range(6))
def test_random_settings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    params = {
        "max_depth": int(rng.integers(1, 9)),
        "n_estimators": int(rng.integers(1, 40)),
        "learning_rate": float(rng.uniform(0.01, 1.0)),
        "colsample_bynode": float(rng.uniform(0.3, 1.0)),
        "reg_alpha": float(rng.uniform(0, 2)),
    }
    assert_same(*fit(int(rng.integers(2, 4)), seed=seed, **params))


def test_leaves_are_those_of_the_library() -> None:
    made, table = fit(2, max_depth=4)
    trees = edges.bound(made, table).structure()
    x = edges.rows(trees, table.dataset.x, gaps=True)
    theirs = made.apply(x).astype(int)
    np.testing.assert_array_equal(trees.reached(x) - trees.roots, theirs)


def test_only_the_best_rounds_count() -> None:
    x, y = samples.arrays()
    made = xgboost.XGBClassifier(n_estimators=60, early_stopping_rounds=5, learning_rate=1.0)
    made.fit(x[:100], y[:100], eval_set=[(x[100:], y[100:])], verbose=False)
    bound = assert_same(made, samples.table())
    assert len(bound.structure().roots) == made.best_iteration + 1


@pytest.mark.parametrize("onehot", [1, 100])
def test_listed_categories_go_where_the_library_sends_them(onehot: int) -> None:
    data = samples.mixed()
    data["city"] = data["city"].astype("category").cat.reorder_categories(["Rome", "Oslo", "Bonn"])
    inputs = data.drop(columns="verdict")
    made = xgboost.XGBClassifier(
        n_estimators=20, n_jobs=1, enable_categorical=True, max_cat_to_onehot=onehot
    ).fit(inputs, data["verdict"] == "yes")
    table = load_dataset(samples.mixed(), target="verdict")
    bound = edges.bound(made, table)
    assert (bound.structure().members >= 0).any()
    rng = np.random.default_rng(0)
    x = table.dataset.x[rng.integers(len(table.dataset.x), size=2000)]
    x[:, 2] = rng.choice([0, 1, 2, np.nan], size=2000)
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), rtol=1e-4, atol=3e-6)


@pytest.mark.parametrize("onehot", [1, 100])
def test_a_category_that_the_model_never_saw_goes_where_the_library_sends_it(onehot: int) -> None:
    data = samples.mixed()
    seen = data["city"] != "Bonn"  # the first of the three, so that the library knows a next one
    known = data.drop(columns="verdict")[seen].astype({"city": "category"})
    known.loc[known.index[::5], "city"] = None  # so that missing ones learn a way of their own
    made = xgboost.XGBClassifier(
        n_estimators=20, n_jobs=1, enable_categorical=True, max_cat_to_onehot=onehot
    ).fit(known, data["verdict"][seen] == "yes")
    table = load_dataset(data, target="verdict")
    bound = edges.bound(made, table)
    x = table.dataset.x
    assert table.dataset.schema.features[2].categories[0] == "Bonn"
    assert np.any(x[:, 2] == 0)
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), rtol=1e-4, atol=3e-6)


def test_columns_are_picked_classes_reordered_and_a_threshold_applied() -> None:
    data = samples.frame(3)
    made = xgboost.XGBClassifier(n_estimators=5, n_jobs=1)
    made.fit(data.drop(columns="y"), data["y"])
    turned = data[["delta", "y", "gamma", "alpha", "beta"]].assign(more=1.0)
    part = load_dataset(turned[turned["y"] != 1], target="y")
    model = load_model(made)
    bound = bind(model, part)
    assert isinstance(bound, BoundTrees)
    assert bound.classes == (0, 2, 1)
    x = part.dataset.x
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), atol=1e-5)
    two, table = fit(2)
    moved = assert_same(two, table, threshold=0.8)
    margin = two.predict(table.dataset.x, output_margin=True)
    decided = moved.structure().scores(table.dataset.x).argmax(axis=1)
    np.testing.assert_array_equal(decided, margin >= np.log(4.0))


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"missing": -1.0}, "takes -1 for a missing value"),
        ({"multi_strategy": "multi_output_tree"}, "a score for each class"),
    ],
)
def test_what_the_tree_ir_has_no_words_for_is_noted(params: dict[str, Any], reason: str) -> None:
    x, y = samples.arrays(3)
    made = xgboost.XGBClassifier(n_estimators=4, n_jobs=1, **params).fit(x, y)
    bound = bind(load_model(made), samples.table(3))
    assert not isinstance(bound, BoundTrees)
    assert reason in bound.notes[0]
    assert "attacks see its scores only" in bound.notes[0]


def test_trees_are_read_again_in_another_process() -> None:
    bound = edges.bound(*fit(2))
    again = pickle.loads(pickle.dumps(bound))  # noqa: S301 (our own bytes)
    assert again.scorer.trees._trees is None
    x = samples.arrays()[0]
    np.testing.assert_array_equal(again.structure().scores(x), bound.structure().scores(x))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("rounds", [(0, 0), (0, 3), (2, 5)])
def test_files_from_before_2_0_do_not_say_where_rounds_begin_and_are_read_alike(
    classes: int, rounds: tuple[int, int]
) -> None:
    made, table = fit(classes, num_parallel_tree=2, subsample=0.5)
    learner = json.loads(made.get_booster().save_raw("json"))["learner"]
    old = json.loads(json.dumps(learner))
    del old["gradient_booster"]["model"]["iteration_indptr"]
    x = table.dataset.x
    one, two = (read_learner(known, rounds=rounds).scores(x) for known in (learner, old))
    np.testing.assert_array_equal(one, two)
    whole = read_learner(learner, rounds=(0, 0)).scores(x)
    assert np.array_equal(one, whole) == (rounds == (0, 0))
