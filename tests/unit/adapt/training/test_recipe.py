import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from bartizan.adapt import Table, bind, load_dataset, load_model, load_recipe, save_skops
from bartizan.adapt.training.settings import settings_digest
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError, ModelError, UsageError
from bartizan.core.streams import rng
from unit.adapt import samples

HALF = np.arange(0, samples.N, 2)


def refitted(model: Any, table: Table, *, rows: Ints = HALF, seed: int = 0) -> Any:
    recipe = load_recipe(model=load_model(model), table=table)
    return recipe.fit(table.dataset.take(rows), rng(seed))


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        DecisionTreeClassifier(max_depth=3),
        HistGradientBoostingClassifier(max_iter=5),
        make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=5)),
        TunedThresholdClassifierCV(LogisticRegression(), cv=3),
    ],
    ids=lambda e: type(e).__name__,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_copy_trained_on_the_same_rows_answers_as_the_model(estimator: Any) -> None:
    x, y = samples.arrays()
    for name in estimator.get_params():
        if name.rsplit("__", 1)[-1] == "random_state":
            estimator.set_params(**{name: _first_seed(estimator, name)})
    model = estimator.fit(x, y)
    again = refitted(model, samples.table(), rows=np.arange(samples.N))
    expected = bind(load_model(model), samples.table())
    assert again.classes == expected.classes
    assert again.score_kind == expected.score_kind
    np.testing.assert_allclose(again.scores(x), expected.scores(x))


def _first_seed(estimator: Any, name: str) -> int:
    """What the recipe will draw for this setting from `rng(0)`: they are drawn in order."""
    seeds = sorted(n for n in estimator.get_params() if n.rsplit("__", 1)[-1] == "random_state")
    stream = rng(0)
    return {key: int(stream.integers(2**31)) for key in seeds}[name]


def test_the_model_itself_is_left_as_it_was() -> None:
    x, y = samples.arrays()
    model = RandomForestClassifier(5, random_state=3, n_jobs=2).fit(x, y)
    before = model.predict_proba(x)
    refitted(model, samples.table())
    np.testing.assert_array_equal(model.predict_proba(x), before)
    assert (model.random_state, model.n_jobs) == (3, 2)


def test_every_copy_has_seeds_of_its_own_and_the_same_ones_again() -> None:
    x, y = samples.arrays()
    model = RandomForestClassifier(5, random_state=3).fit(x, y)
    first, same, other = (refitted(model, samples.table(), seed=s).scores(x) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_a_skops_file_can_be_trained_anew(tmp_path: Path) -> None:
    x, y = samples.arrays()
    save_skops(LogisticRegression(C=0.5).fit(x, y), tmp_path / "m.skops")
    recipe = load_recipe(model=load_model(tmp_path / "m.skops"), table=samples.table())
    again = recipe.fit(samples.table().dataset, rng(0))
    expected = LogisticRegression(C=0.5).fit(x, y).decision_function(x)
    np.testing.assert_allclose(again.scores(x)[:, 1], expected)


def test_a_pipeline_is_trained_on_the_frame_it_knows() -> None:
    data = samples.mixed().assign(alpha=lambda d: d["alpha"].fillna(0.0))
    steps = make_column_transformer(
        (
            OneHotEncoder(handle_unknown="ignore"),
            make_column_selector(dtype_include=[object, "str"]),
        ),
        (StandardScaler(), make_column_selector(dtype_include="number")),
    )
    model = make_pipeline(steps, LogisticRegression())
    model.fit(data.drop(columns="verdict"), data["verdict"])
    table = load_dataset(data.assign(extra=1.0), target="verdict")
    again = refitted(model, table, rows=np.arange(samples.N))
    np.testing.assert_allclose(
        again.scores(table.dataset.x), bind(load_model(model), table).scores(table.dataset.x)
    )


class Words(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped library
    """Only answers labels."""

    def fit(self, x: Array, y: Any) -> "Words":
        self.classes_ = np.unique(y)
        self.inner_ = LogisticRegression().fit(x, y)
        self.n_features_in_ = x.shape[1]
        return self

    def predict(self, x: Array) -> Any:
        return self.inner_.predict(x)


def test_labels_are_spelled_as_the_model_spells_them() -> None:
    x, y = samples.arrays()
    words = np.where(y == 1, "a spam", "ham")  # in another order than 0, 1
    model = LogisticRegression().fit(x, words)
    named = load_model(model, classes=(1, 0))
    recipe = load_recipe(model=named, table=samples.table())
    again = recipe.fit(samples.table().dataset, rng(0))
    np.testing.assert_allclose(again.scores(x), bind(named, samples.table()).scores(x))
    assert refitted(Words().fit(x, y), samples.table()).score_kind == "label"


def test_a_threshold_holds_for_copies_too() -> None:
    x, y = samples.arrays()
    model = load_model(LogisticRegression().fit(x, y), threshold=0.9)
    again = load_recipe(model=model, table=samples.table()).fit(samples.table().dataset, rng(0))
    np.testing.assert_allclose(again.scores(x), bind(model, samples.table()).scores(x))


@pytest.mark.parametrize("name", ["sklearn", "xgboost", "lightgbm"])
def test_a_class_that_the_rows_lack_keeps_its_column_and_never_wins(name: str) -> None:
    x, y = samples.arrays(3)
    model = boosted(name).fit(x, y)
    rows = np.flatnonzero(y != 1)
    again = refitted(model, samples.table(3), rows=rows)
    scores = again.scores(x)
    assert again.classes == (0, 1, 2)
    assert scores.shape == (samples.N, 3)
    assert (scores.argmin(axis=1) == 1).all()
    assert (scores[rows].argmax(axis=1) == y[rows]).mean() > 0.8


def boosted(name: str, **settings: Any) -> Any:
    if name == "sklearn":
        return HistGradientBoostingClassifier(max_iter=8)
    library = pytest.importorskip(name)
    quiet = {"verbose": -1} if name == "lightgbm" else {}
    made = {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier"}[name]
    return getattr(library, made)(n_estimators=8, n_jobs=1, **quiet, **settings)


def test_xgboost_with_categories_is_trained_anew() -> None:
    data = samples.mixed()
    rows = data.drop(columns="verdict").assign(city=data["city"].astype("category"))
    model = boosted("xgboost", enable_categorical=True).fit(rows, data["verdict"] == "yes")
    table = load_dataset(data, target="verdict")
    again = refitted(model, table, rows=np.arange(samples.N))
    assert again.classes == ("no", "yes")
    np.testing.assert_allclose(
        again.scores(table.dataset.x),
        bind(load_model(model), table).scores(table.dataset.x),
        rtol=1e-5,
    )


def test_early_stopping_becomes_the_rounds_it_kept() -> None:
    x, y = samples.arrays()
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=60, early_stopping_rounds=5, learning_rate=1.0)
    model.fit(x[:100], y[:100], eval_set=[(x[100:], y[100:])], verbose=False)
    again = refitted(model, samples.table(), rows=np.arange(100))
    expected = model.predict(x, output_margin=True)
    np.testing.assert_allclose(again.scores(x)[:, 1], expected, rtol=1e-4, atol=1e-5)


def test_one_class_alone_is_refused() -> None:
    x, y = samples.arrays()
    with pytest.raises(ModelError, match="of one class; two are needed"):
        refitted(LogisticRegression().fit(x, y), samples.table(), rows=np.flatnonzero(y == 1))


def test_what_training_raises_is_told_with_the_rows() -> None:
    x, y = samples.arrays()
    model = LogisticRegression().fit(x, y)
    model.set_params(C=-1.0)
    with pytest.raises(ModelError, match="training LogisticRegression anew on 150 rows raised Inv"):
        refitted(model, samples.table())


def booster() -> Any:
    return boosted("xgboost").fit(*samples.arrays()).get_booster()


@pytest.mark.parametrize("make", [booster, lambda: lambda x: x[:, 0] > 0])
def test_a_model_that_holds_no_training_says_what_to_do(make: Callable[[], Any]) -> None:
    recipe = load_recipe(model=load_model(make()), table=samples.table())
    with pytest.raises(ModelError, match="does not hold how it was trained; name a function"):
        recipe.fit(samples.table().dataset, rng(0))


def test_a_function_gets_the_container_the_labels_and_a_seed() -> None:
    seen: dict[str, Any] = {}

    def train(x: Any, y: Any, seed: int) -> Any:
        seen.update(x=x, y=y, seed=seed)
        return LogisticRegression().fit(x[["alpha", "beta", "gamma", "delta"]], y)

    for frame in (samples.frame(), pl.from_pandas(samples.frame())):
        table = load_dataset(frame, target="y")
        model = load_model(LogisticRegression().fit(*samples.arrays()))
        recipe = load_recipe(train, model=model, table=table)
        again = recipe.fit(table.dataset.take(HALF), rng(0))
        assert type(seen["x"]) is type(frame)
        assert seen["y"].tolist() == samples.arrays()[1][HALF].tolist()
        assert seen["seed"] == int(rng(0).integers(2**31))
        assert again.scores(table.dataset.x).shape == (samples.N, 2)


def test_a_function_gets_an_array_where_the_table_was_one() -> None:
    def train(x: Any, y: Any, seed: int) -> Any:
        assert isinstance(x, np.ndarray)
        return LogisticRegression(random_state=seed).fit(x, y)

    model = load_model(LogisticRegression().fit(*samples.arrays()))
    recipe = load_recipe(train, model=model, table=samples.table())
    assert recipe.fit(samples.table().dataset, rng(0)).score_kind == "logit"


def test_a_function_may_return_scores_of_all_classes_whatever_it_saw() -> None:
    x, y = samples.arrays(3)

    def train(rows: Array, labels: Ints, seed: int) -> Any:
        return lambda asked: np.tile([0.0, 2.0, -1.0], (len(asked), 1))

    model = load_model(LogisticRegression().fit(x, y))
    part = samples.table(3).dataset.take(np.flatnonzero(y != 2))
    again = load_recipe(train, model=model, table=samples.table(3)).fit(part, rng(0))
    assert again.scores(x[:1]).tolist() == [[0.0, 2.0, -1.0]]


def raising(x: Any, y: Any, seed: int) -> Any:
    message = "no such optimiser"
    raise RuntimeError(message)


def nothing(x: Any, y: Any, seed: int) -> Any:
    return None


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (raising, r"raising, called with 300 rows, raised RuntimeError: no such optimiser"),
        (nothing, "cannot use NoneType as a model"),
    ],
)
def test_a_function_that_fails_is_named(train: Any, said: str) -> None:
    model = load_model(LogisticRegression().fit(*samples.arrays()))
    recipe = load_recipe(train, model=model, table=samples.table())
    with pytest.raises(InputError, match=said):
        recipe.fit(samples.table().dataset, rng(0))


def test_what_a_function_prints_is_told_beside_the_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def train(x: Any, y: Any, seed: int) -> Any:
        del seed
        print("epoch 1")  # noqa: T201 (a recipe may)
        return LogisticRegression().fit(x, y)

    model = load_model(LogisticRegression().fit(*samples.arrays()))
    load_recipe(train, model=model, table=samples.table()).fit(samples.table().dataset, rng(0))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "epoch 1\n")


def test_a_function_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "from sklearn.linear_model import LogisticRegression\nNUMBER = 3\n"
    text += "def train(x, y, seed):\n    return LogisticRegression().fit(x, y)\n"
    (tmp_path / "recipes_here.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    model = load_model(LogisticRegression().fit(*samples.arrays()))
    recipe = load_recipe("recipes_here:train", model=model, table=samples.table())
    assert recipe.fit(samples.table().dataset, rng(0)).classes == (0, 1)
    assert repr(recipe).startswith("Function(recipes_here:train, sha256:")
    with pytest.raises(UsageError, match="has no 'trian'; did you mean 'train'"):
        load_recipe("recipes_here:trian", model=model, table=samples.table())
    with pytest.raises(UsageError, match="is a int; expected a function called as"):
        load_recipe("recipes_here:NUMBER", model=model, table=samples.table())


SAME = """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
import numpy as np
from bartizan.adapt.training.settings import settings_digest
print(settings_digest(make_pipeline(FunctionTransformer(np.abs), LogisticRegression())))
"""


@pytest.mark.slow
def test_a_recipe_says_the_same_of_itself_in_every_process() -> None:
    asked = [sys.executable, "-c", SAME]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    model = make_pipeline(FunctionTransformer(np.abs), LogisticRegression())
    assert done.stdout.strip() == settings_digest(model)


def test_recipes_of_other_settings_say_so() -> None:
    x, y = samples.arrays()

    def said(model: Any) -> str:
        return repr(load_recipe(model=load_model(model.fit(x, y)), table=samples.table()))

    plain = said(make_pipeline(FunctionTransformer(np.abs), LogisticRegression()))
    assert plain == said(make_pipeline(FunctionTransformer(np.abs), LogisticRegression()))
    assert plain != said(make_pipeline(FunctionTransformer(np.exp), LogisticRegression()))
    assert plain != said(make_pipeline(FunctionTransformer(np.abs), LogisticRegression(C=2.0)))
    assert " at 0x" not in plain


def test_other_columns_than_the_table_has_are_no_matter_of_the_recipe() -> None:
    data = samples.frame()
    model = LogisticRegression().fit(data[["gamma", "alpha"]], data["y"])
    table = load_dataset(data, target="y")
    again = refitted(model, table, rows=np.arange(samples.N))
    part: Dataset = table.dataset.take(HALF)
    np.testing.assert_allclose(again.scores(part.x), bind(load_model(model), table).scores(part.x))
