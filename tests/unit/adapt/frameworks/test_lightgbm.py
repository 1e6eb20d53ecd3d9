import pickle
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_trees import BoundTrees
from bartizan.core.errors import InputError, MissingExtraError, ModelError, SchemaError
from unit.adapt import edges, samples

X2, Y2 = samples.arrays(2)


def fit(classes: int = 2, *, seed: int = 0, gaps: bool = True, **params: Any) -> tuple[Any, Any]:
    x, y = samples.arrays(classes)
    if gaps:
        x = x.copy()
        x[np.random.default_rng(seed).random(x.shape) < 0.1] = np.nan
    settings = {"n_estimators": 8, "n_jobs": 1, "verbose": -1, "random_state": seed, **params}
    return lightgbm.LGBMClassifier(**settings).fit(x, y), load_dataset((x, y), target=None)


def assert_same(model: Any, table: Any, **options: Any) -> BoundTrees:
    bound = edges.bound(model, table, **options)
    x = edges.rows(bound.structure(), table.dataset.x, gaps=True)
    x[::7, 0] = np.random.default_rng(0).choice([0.0, 1e-36, -1e-36, 1e-34, -1e-34], len(x[::7]))
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), rtol=1e-9, atol=1e-12)
    return bound


SETTINGS: list[dict[str, Any]] = [
    {"num_leaves": 5},
    {"boosting_type": "dart", "drop_rate": 0.5},
    {"boosting_type": "rf", "subsample": 0.5, "subsample_freq": 1},
    {"use_missing": False},
    {"min_child_samples": 1000},
]


@pytest.mark.parametrize("gaps", [True, False])
@pytest.mark.parametrize(
    ("classes", "params"),
    [
        *((classes, params) for classes in (2, 3) for params in SETTINGS),
        (2, {"sigmoid": 2.0}),
        (3, {"objective": "multiclassova"}),
    ],
)
def test_trees_answer_as_the_library_at_every_threshold(
    classes: int, params: dict[str, Any], *, gaps: bool
) -> None:
    made, table = fit(classes, gaps=gaps, **params)
    assert_same(made, table)
    assert_same(made.booster_, table)


@pytest.mark.parametrize("seed", range(6))
def test_random_settings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    params: dict[str, Any] = {
        "num_leaves": int(rng.integers(2, 60)),
        "n_estimators": int(rng.integers(1, 40)),
        "learning_rate": float(rng.uniform(0.01, 1.0)),
        "min_child_samples": int(rng.integers(1, 30)),
        "extra_trees": bool(rng.integers(2)),
    }
    assert_same(*fit(int(rng.integers(2, 4)), seed=seed, **params))


@pytest.mark.parametrize("classes", [2, 3])
def test_a_saved_model_answers_as_it_did(tmp_path: Path, classes: int) -> None:
    made, table = fit(classes)
    made.booster_.save_model(tmp_path / "m.txt")
    model = load_model(tmp_path / "m.txt")
    assert model.format == "lightgbm"
    bound = assert_same(tmp_path / "m.txt", table)
    assert bound.score_kind == "logit"
    raw = made.predict(table.dataset.x, raw_score=True)
    scores = bound.scores(table.dataset.x)
    np.testing.assert_array_equal(scores[:, 1] if classes == 2 else scores, raw)
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 (our own bytes)
    np.testing.assert_array_equal(bind(again, table).scores(table.dataset.x), scores)
    sent = pickle.loads(pickle.dumps(bound))  # noqa: S301 (our own bytes)
    np.testing.assert_array_equal(sent.structure().scores(X2), bound.structure().scores(X2))


def test_scores_of_two_classes_are_log_odds() -> None:
    forest = {"boosting_type": "rf", "subsample": 0.5, "subsample_freq": 1}
    for params in ({"sigmoid": 2.0}, forest):
        made, table = fit(**params)
        margin = bind(load_model(made), table).scores(table.dataset.x)[:, 1]
        chance = made.predict_proba(table.dataset.x)[:, 1]
        np.testing.assert_allclose(1.0 / (1.0 + np.exp(-margin)), chance, rtol=1e-9)


def test_a_threshold_moves_the_decision_of_model_and_trees() -> None:
    made, table = fit()
    bound = edges.bound(made, table, threshold=0.3)
    expected = made.predict_proba(table.dataset.x)[:, 1] >= 0.3
    np.testing.assert_array_equal(bound.scores(table.dataset.x).argmax(axis=1), expected)
    decided = bound.structure().scores(table.dataset.x).argmax(axis=1)
    np.testing.assert_array_equal(decided, expected)


def mixed() -> tuple[pd.DataFrame, Any]:
    data = samples.mixed()
    data["city"] = data["city"].astype("category").cat.reorder_categories(["Rome", "Oslo", "Bonn"])
    made = lightgbm.LGBMClassifier(
        n_estimators=20, min_data_per_group=2, cat_smooth=1, n_jobs=1, verbose=-1
    )
    return data, made.fit(data.drop(columns="verdict"), data["verdict"])


def test_categories_are_matched_by_name_and_unknown_ones_are_missing(tmp_path: Path) -> None:
    data, made = mixed()
    made.booster_.save_model(tmp_path / "m.txt")
    other = samples.mixed()
    other.loc[3, "city"] = "Adelaide"
    table = load_dataset(other, target="verdict")
    for source, options in ((made, {}), (tmp_path / "m.txt", {"classes": ("no", "yes")})):
        bound = edges.bound(source, table, **options)
        inputs = other.drop(columns="verdict")
        known = inputs["city"].where(inputs["city"] != "Adelaide")
        inputs["city"] = pd.Categorical(known, categories=data["city"].cat.categories)
        expected = made.predict(inputs, raw_score=True)
        x = table.dataset.x
        np.testing.assert_array_equal(bound.scores(x)[:, 1], expected)
        np.testing.assert_allclose(bound.structure().scores(x)[:, 1], expected, atol=1e-12)
        assert (bound.structure().members >= 0).any()


def test_columns_are_matched_by_name_and_classes_put_in_order() -> None:
    data = samples.frame(3)
    words = data["y"].map({0: "low", 1: "mid", 2: "top"})
    made = lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1).fit(
        data.drop(columns="y"), words
    )
    turned = data[["delta", "gamma", "alpha", "beta"]].assign(more=1.0, y=words)
    table = load_dataset(turned[words != "low"], target="y")
    bound = bind(load_model(made), table)
    assert isinstance(bound, BoundTrees)
    assert bound.classes == ("mid", "top", "low")
    x = table.dataset.x
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), atol=1e-12)


def test_categories_of_an_array_are_their_numbers() -> None:
    rng = np.random.default_rng(0)
    x = np.column_stack((rng.normal(size=400), rng.integers(0, 40, 400).astype(float)))
    y = (np.isin(x[:, 1], [1, 5, 33, 37]) ^ (x[:, 0] > 1)).astype(int)
    made = lightgbm.LGBMClassifier(min_data_per_group=1, cat_smooth=1, n_jobs=1, verbose=-1)
    made.fit(x, y, categorical_feature=[1])
    bound = edges.bound(made, load_dataset((x, y), target=None))
    assert (bound.structure().members >= 0).any()
    x[:, 1] = rng.choice([*range(80), -1, np.nan], size=400)
    np.testing.assert_allclose(bound.structure().scores(x), bound.scores(x), atol=1e-12)


@pytest.mark.parametrize(
    ("params", "reason"),
    [({"linear_tree": True}, "linear models"), ({"zero_as_missing": True}, "0 for a missing")],
)
def test_what_the_tree_ir_has_no_words_for_is_noted(params: dict[str, Any], reason: str) -> None:
    made, table = fit(gaps=False, **params)
    bound = bind(load_model(made), table)
    assert not isinstance(bound, BoundTrees)
    assert reason in bound.notes[0]
    expected = made.predict(table.dataset.x, raw_score=True)
    np.testing.assert_array_equal(bound.scores(table.dataset.x)[:, 1], expected)


def test_text_where_a_number_was_learnt_is_refused() -> None:
    data = samples.mixed()
    codes = data.assign(city=data["city"].astype("category").cat.codes)
    made = lightgbm.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1)
    made.fit(codes.drop(columns="verdict"), codes["verdict"])
    with pytest.raises(SchemaError, match="takes column 'city' as a number"):
        bind(load_model(made), load_dataset(data, target="verdict"))


def test_regressors_are_refused() -> None:
    made = lightgbm.LGBMRegressor(n_estimators=2, n_jobs=1, verbose=-1).fit(X2, Y2)
    with pytest.raises(ModelError, match="is no classifier; expected one of binary"):
        bind(load_model(made), samples.table())


def test_a_model_that_is_not_fitted_says_so() -> None:
    with pytest.raises(ModelError, match="the LightGBM model cannot be used"):
        bind(load_model(lightgbm.LGBMClassifier()), samples.table())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.75])
def test_truncated_file_is_named(tmp_path: Path, share: float) -> None:
    made, _ = fit()
    text = made.booster_.model_to_string()
    trees = text[: text.index("end of trees")]
    path = tmp_path / "m.txt"
    path.write_text(trees[: int(len(trees) * share)])
    with pytest.raises(InputError, match=r"m\.txt"):
        load_model(path)


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit()[0].booster_.save_model(tmp_path / "m.txt")
    monkeypatch.setitem(__import__("sys").modules, "lightgbm", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'bartizan\[boost\]'"):
        load_model(tmp_path / "m.txt")


def test_a_saved_model_with_linear_leaves_answers_as_it_did(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 4))
    y = (x[:, 0] * (1 + x[:, 1]) + rng.normal(size=2000) > 0).astype(int)
    made = lightgbm.LGBMClassifier(n_estimators=5, linear_tree=True, n_jobs=1, verbose=-1)
    made.fit(x, y).booster_.save_model(tmp_path / "m.txt")
    bound = bind(load_model(tmp_path / "m.txt"), load_dataset((x, y), target=None))
    expected = made.predict(x, raw_score=True)
    np.testing.assert_array_equal(bound.scores(x)[:, 1], expected)
    text = (tmp_path / "m.txt").read_text()
    assert any(line.startswith("leaf_coeff=") and "." in line for line in text.split("\n"))
