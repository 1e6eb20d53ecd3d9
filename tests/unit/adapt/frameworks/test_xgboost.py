import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.core.errors import InputError, ModelError, SchemaError
from unit.adapt import samples

X2, Y2 = samples.arrays(2)
X3, Y3 = samples.arrays(3)


def fit(classes: int = 2, **params: Any) -> Any:
    x, y = samples.arrays(classes)
    return xgboost.XGBClassifier(n_estimators=8, n_jobs=1, **params).fit(x, y)


@pytest.mark.parametrize("suffix", ["json", "ubj"])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_saved_model_answers_as_it_did(tmp_path: Path, suffix: str, classes: int) -> None:
    x, _ = samples.arrays(classes)
    made = fit(classes)
    path = tmp_path / f"m.{suffix}"
    made.save_model(path)
    model = load_model(path)
    bound = bind(model, samples.table(classes))
    assert model.format == f"xgboost-{suffix}"
    assert bound.digest == model.digest
    assert bound.score_kind == "logit"
    margin = made.predict(x, output_margin=True)
    scores = bound.scores(x)
    np.testing.assert_array_equal(scores[:, 1] if classes == 2 else scores, margin)
    np.testing.assert_array_equal(scores.argmax(axis=1), made.predict(x))


@pytest.mark.parametrize(
    "params",
    [
        {"booster": "dart", "rate_drop": 0.3},
        {"booster": "gblinear"},
        {"num_parallel_tree": 3},
        {"gamma": 2.0},
        {"grow_policy": "lossguide", "max_leaves": 4},
        {"objective": "multi:softmax", "num_class": 2},
        {"objective": "binary:logitraw"},
    ],
)
def test_every_kind_of_booster_can_be_opened_and_asked(
    tmp_path: Path, params: dict[str, Any]
) -> None:
    made = fit(**params)
    for suffix in ("json", "ubj"):
        path = tmp_path / f"m.{suffix}"
        made.save_model(path)
        scores = bind(load_model(path), samples.table()).scores(X2)
        margin = np.asarray(made.predict(X2, output_margin=True)).reshape(len(X2), -1)
        np.testing.assert_allclose(scores[:, -margin.shape[1] :], margin, rtol=1e-5, atol=1e-6)


def test_booster_and_wrapper_in_process_agree_and_stay_as_they_are() -> None:
    made = fit()
    before = made.get_booster().save_config()
    wrapped = bind(load_model(made), samples.table()).scores(X2)
    plain = bind(load_model(made.get_booster()), samples.table()).scores(X2)
    np.testing.assert_array_equal(wrapped, plain)
    assert made.get_booster().save_config() == before


def test_early_stopping_uses_the_best_round(tmp_path: Path) -> None:
    made = xgboost.XGBClassifier(n_estimators=60, early_stopping_rounds=5, learning_rate=1.0)
    made.fit(X2[:100], Y2[:100], eval_set=[(X2[100:], Y2[100:])], verbose=False)
    assert made.best_iteration < made.get_booster().num_boosted_rounds() - 1
    made.save_model(tmp_path / "m.json")
    for model in (load_model(made), load_model(tmp_path / "m.json")):
        scores = bind(model, samples.table()).scores(X2)
        np.testing.assert_array_equal(scores[:, 1], made.predict(X2, output_margin=True))


def test_words_are_matched_to_codes_in_order() -> None:
    words = load_dataset((X2, np.where(Y2 == 1, "spam", "ham")), target=None)
    made = fit()
    bound = bind(load_model(made), words)
    assert bound.classes == ("ham", "spam")
    np.testing.assert_array_equal(bound.scores(X2).argmax(axis=1), made.predict(X2))


def test_a_class_that_the_data_lacks_comes_last() -> None:
    part = Y3 != 1
    some = load_dataset((X3[part], Y3[part]), target=None)
    assert bind(load_model(fit(3)), some).classes == (0, 2, 1)


def test_names_of_columns_are_matched(tmp_path: Path) -> None:
    data = samples.frame()
    made = xgboost.XGBClassifier(n_estimators=5, n_jobs=1)
    made.fit(data.drop(columns="y"), data["y"])
    made.save_model(tmp_path / "m.ubj")
    turned = load_dataset(data[["delta", "y", "gamma", "alpha", "beta"]], target="y")
    bound = bind(load_model(tmp_path / "m.ubj"), turned)
    expected = made.predict(data.drop(columns="y"), output_margin=True)
    np.testing.assert_array_equal(bound.scores(turned.dataset.x)[:, 1], expected)


def test_categories_are_matched_by_name(tmp_path: Path) -> None:
    data = samples.mixed()
    data["city"] = data["city"].astype("category").cat.reorder_categories(["Rome", "Oslo", "Bonn"])
    rows = data.drop(columns="verdict")
    made = xgboost.XGBClassifier(n_estimators=8, n_jobs=1, enable_categorical=True)
    made.fit(rows, data["verdict"] == "yes")
    made.save_model(tmp_path / "m.ubj")
    spelled = load_dataset(samples.mixed(), target="verdict")
    bound = bind(load_model(tmp_path / "m.ubj"), spelled)
    expected = made.predict(rows, output_margin=True)
    np.testing.assert_allclose(bound.scores(spelled.dataset.x)[:, 1], expected, rtol=1e-6)


def test_text_where_a_number_was_learnt_is_refused() -> None:
    data = samples.mixed()
    codes = data.assign(city=data["city"].astype("category").cat.codes)
    made = xgboost.XGBClassifier(n_estimators=2, n_jobs=1)
    made.fit(codes.drop(columns="verdict"), codes["verdict"] == "yes")
    with pytest.raises(SchemaError, match="takes column 'city' as a number"):
        bind(load_model(made), load_dataset(data, target="verdict"))


@pytest.mark.parametrize("make", [xgboost.XGBRegressor, xgboost.XGBRanker])
def test_other_objectives_are_refused(make: Any) -> None:
    extra = {"group": [len(X2)]} if make is xgboost.XGBRanker else {}
    made = make(n_estimators=2).fit(X2, Y2, **extra)
    with pytest.raises(ModelError, match="is no classifier; expected one of binary:logistic"):
        bind(load_model(made), samples.table())


def test_a_model_that_is_not_fitted_says_so() -> None:
    with pytest.raises(ModelError, match="need to call fit"):
        bind(load_model(xgboost.XGBClassifier()), samples.table())


def test_missing_values_are_answered_and_marked_as_the_model_wants() -> None:
    made = xgboost.XGBClassifier(n_estimators=5, n_jobs=1, missing=-1.0)
    rows = X2.copy()
    rows[::3, 0] = -1.0
    made.fit(rows, Y2)
    bound = bind(load_model(made), load_dataset((rows, Y2), target=None))
    expected = made.predict(rows, output_margin=True)
    np.testing.assert_array_equal(bound.scores(rows)[:, 1], expected)


def test_a_loaded_model_can_be_sent_to_another_process(tmp_path: Path) -> None:
    fit().save_model(tmp_path / "m.ubj")
    model = load_model(tmp_path / "m.ubj")
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 (our own bytes)
    assert again.raw is None
    expected = bind(model, samples.table()).scores(X2)
    np.testing.assert_array_equal(bind(again, samples.table()).scores(X2), expected)


@pytest.mark.parametrize("suffix", ["json", "ubj"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated_file_is_named(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"m.{suffix}"
    fit().save_model(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match=rf"m\.{suffix}"):
        load_model(path)


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bartizan.core.errors import MissingExtraError  # noqa: PLC0415

    path = tmp_path / "m.json"
    fit().save_model(path)
    monkeypatch.setitem(__import__("sys").modules, "xgboost", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'bartizan\[boost\]'"):
        load_model(path)
