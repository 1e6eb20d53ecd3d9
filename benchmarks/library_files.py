"""Honest files of libraries that data scientists pickle models of, beside those of the list.

    python benchmarks/library_files.py FOLDER [LIBRARY ...]

Needs no Bartizan: it runs in an environment that holds the libraries (see bench_false_alarms.py).
What is not installed, or does not fit the tiny data, is left out, and said.
"""

import argparse
import importlib
import inspect
import pickle
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import joblib
import numpy as np
import pandas as pd

Made: TypeAlias = Iterator[tuple[str, Callable[[], Any]]]

_RNG = np.random.default_rng(0)
X = _RNG.normal(size=(80, 4))
TWO = (X[:, 0] + _RNG.normal(size=80) > 0).astype(int)
PRICE = X @ np.arange(4.0) + 1
DAYS = pd.date_range("2026-01-01", periods=80, freq="D")
TABLE = pd.DataFrame(X, columns=list("abcd")).assign(
    k=np.where(TWO, "u", "v"), place=[f"c{one % 4}" for one in range(80)]
)
SERIES = pd.Series(np.cumsum(_RNG.normal(size=80)) + 50, index=DAYS)
WORDS = [["a", "red", "dog"], ["the", "blue", "cat"]] * 5


def fitted(modules: list[str], *given: tuple[Any, ...]) -> Made:
    """Every estimator of some modules, on the first data that it takes."""

    def fit(kind: Any) -> Any:
        for one in given[:-1]:
            try:
                return kind().fit(*one)
            except Exception:  # noqa: BLE001, S112 (the next data may suit it)
                continue
        return kind().fit(*given[-1])

    for path in modules:
        for name, kind in inspect.getmembers(importlib.import_module(path), inspect.isclass):
            if not name.startswith("_") and hasattr(kind, "fit"):
                yield name, lambda kind=kind: fit(kind)


def imblearn() -> Made:
    """Samplers and ensembles for rare classes."""
    from imblearn import over_sampling, pipeline  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    parts = ("over_sampling", "under_sampling", "combine", "ensemble")
    yield from fitted([f"imblearn.{part}" for part in parts], (X, TWO))
    steps = (over_sampling.SMOTE(), LogisticRegression())
    yield "pipeline", lambda: pipeline.make_pipeline(*steps).fit(X, TWO)


def category_encoders() -> Made:
    """Encoders of categories."""
    yield from fitted(["category_encoders"], (TABLE[["k", "place", "a"]], TWO))


def feature_engine() -> Made:
    """Transformers of tables."""
    parts = ("imputation", "encoding", "discretisation", "outliers", "transformation")
    parts += ("selection", "creation", "timeseries.forecasting", "preprocessing")
    tables = (TABLE, TABLE[["a", "b"]], TABLE[["a", "b"]].abs() + 1, TABLE[["k", "place"]])
    yield from fitted(
        [f"feature_engine.{one}" for one in parts], *((one, pd.Series(TWO)) for one in tables)
    )


def pyod() -> Made:
    """Detectors of outliers."""
    for name in ("abod", "cblof", "copod", "ecod", "hbos", "iforest", "knn", "lof", "mcd", "pca"):
        yield from fitted([f"pyod.models.{name}"], (X,))


def lifelines() -> Made:
    """Survival, without covariates and with them."""
    import lifelines  # noqa: PLC0415

    times = _RNG.exponential(size=80) + 0.1
    for name in ("KaplanMeier", "NelsonAalen", "Weibull", "Exponential", "LogNormal"):
        kind = getattr(lifelines, f"{name}Fitter")
        yield name, lambda kind=kind: kind().fit(times, TWO)
    rows = pd.DataFrame(X, columns=list("abcd")).assign(t=times, e=TWO)
    yield "CoxPH", lambda: lifelines.CoxPHFitter().fit(rows, "t", "e")


def catboost() -> Made:
    """Boosted trees."""
    import catboost  # noqa: PLC0415

    given: Any = {"iterations": 3, "verbose": 0, "allow_writing_files": False, "thread_count": 1}
    yield "two", lambda: catboost.CatBoostClassifier(**given).fit(X, TWO)
    yield "price", lambda: catboost.CatBoostRegressor(**given).fit(X, PRICE)


def statsmodels() -> Made:
    """Results of linear models and of series in time."""
    import statsmodels.api as sm  # noqa: PLC0415
    from statsmodels.tsa.arima.model import ARIMA  # noqa: PLC0415

    rows = sm.add_constant(X)
    yield "ols", lambda: sm.OLS(PRICE, rows).fit()
    yield "logit", lambda: sm.Logit(TWO, rows).fit(disp=0)
    yield "glm", lambda: sm.GLM(TWO, rows, family=sm.families.Binomial()).fit()
    yield "arima", lambda: ARIMA(SERIES, order=(1, 0, 0)).fit()


def networkx() -> Made:
    """Graphs."""
    import networkx as nx  # noqa: PLC0415

    for kind in (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph):
        yield kind.__name__, lambda kind=kind: kind([(1, 2), (2, 3)])
    yield "club", nx.karate_club_graph


def scipy() -> Made:
    """What lies beside models: interpolation, trees of points, densities, distributions."""
    from scipy import interpolate, spatial, stats  # noqa: PLC0415

    yield "spline", lambda: interpolate.CubicSpline(range(5), range(5))
    yield "grid", lambda: interpolate.RegularGridInterpolator((range(3), range(3)), np.eye(3))
    yield "points", lambda: spatial.KDTree(X)
    yield "density", lambda: stats.gaussian_kde(PRICE)
    yield "normal", lambda: stats.norm(0, 1)


def pandas() -> Made:
    """Tables with times of a place, intervals, categories, in all versions of its types."""
    yield "zoned", lambda: TABLE.set_index(DAYS.tz_localize("Europe/Berlin"))
    yield "stamp", lambda: pd.Timestamp("2026-01-01", tz="Asia/Tokyo")
    yield "nullable", TABLE.convert_dtypes
    yield "intervals", lambda: pd.cut(TABLE["a"], 3)
    yield "levels", lambda: TABLE.groupby(["k", "place"]).mean()
    yield "offsets", lambda: [pd.offsets.MonthEnd(2), pd.offsets.BDay()]


def xgboost() -> Made:
    """Its estimators inside of scikit-learn's."""
    import xgboost as xgb  # noqa: PLC0415
    from sklearn import model_selection, pipeline, preprocessing  # noqa: PLC0415

    model = xgb.XGBClassifier(n_estimators=3, n_jobs=1)
    scaled = pipeline.make_pipeline(preprocessing.StandardScaler(), model)
    yield "scaled", lambda: scaled.fit(X, TWO)
    grid = model_selection.GridSearchCV(model, {"max_depth": [1, 2]}, cv=2)
    yield "grid", lambda: grid.fit(X, TWO)
    stop = xgb.callback.EarlyStopping(2)
    stopped = xgb.XGBClassifier(n_estimators=3, n_jobs=1, callbacks=[stop])
    yield "stopped", lambda: stopped.fit(X, TWO, eval_set=[(X, TWO)], verbose=False)


def optuna() -> Made:
    """Searches and what they found."""
    import optuna  # noqa: PLC0415

    optuna.logging.disable_default_handler()
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    yield "study", lambda: study
    yield "best", lambda: study.best_params


def gensim() -> Made:
    """Vectors of words, topics."""
    from gensim import corpora, models  # noqa: PLC0415

    words = corpora.Dictionary(WORDS)
    bags = [words.doc2bow(one) for one in WORDS]
    yield "words", lambda: models.Word2Vec(WORDS, vector_size=4, min_count=1, workers=1)
    yield "topics", lambda: models.LdaModel(bags, num_topics=2, id2word=words)


def nltk() -> Made:
    """Stemmers, tokenisers, counts."""
    import nltk  # noqa: PLC0415

    yield "porter", nltk.PorterStemmer
    yield "counts", lambda: nltk.FreqDist("abca")
    yield "tweets", nltk.TweetTokenizer


def river() -> Made:
    """Models that learn row by row."""
    from river import linear_model, preprocessing, tree  # noqa: PLC0415

    yield "linear", lambda: preprocessing.StandardScaler() | linear_model.LogisticRegression()
    yield "tree", tree.HoeffdingTreeClassifier


def sktime() -> Made:
    """Forecasts."""
    from sktime.forecasting.naive import NaiveForecaster  # noqa: PLC0415

    yield "naive", lambda: NaiveForecaster().fit(SERIES)


def shap() -> Made:
    """Explanations."""
    import shap  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

    yield "tree", lambda: shap.TreeExplainer(RandomForestClassifier(3).fit(X, TWO))


def tokenizers() -> Made:
    """Tokenisers, pickled."""
    from tokenizers import Tokenizer, models  # noqa: PLC0415

    yield "pairs", lambda: Tokenizer(models.BPE())


def polars() -> Made:
    """Tables."""
    import polars as pl  # noqa: PLC0415

    yield "table", lambda: pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def pyarrow() -> Made:
    """Tables."""
    import pyarrow as pa  # noqa: PLC0415

    yield "table", lambda: pa.Table.from_pandas(TABLE)
    yield "array", lambda: pa.array(["a", None])


def skorch() -> Made:
    """Networks as estimators."""
    import skorch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    yield "unfitted", lambda: skorch.NeuralNetClassifier(nn.Linear(4, 2))


def prophet() -> Made:
    """Forecasts."""
    import prophet  # noqa: PLC0415

    yield "unfitted", prophet.Prophet


def code() -> Made:
    """Functions that travel as code: it is what these formats are for."""
    import cloudpickle  # noqa: PLC0415
    import dill  # noqa: PLC0415

    yield "cloudpickle", lambda: _Raw(cloudpickle.dumps(lambda row: row + 1))
    yield "dill", lambda: _Raw(dill.dumps(lambda row: row + 1))


class _Raw(bytes):
    """A pickle that another library has written."""


LIBRARIES: dict[str, Callable[[], Made]] = {
    one.__name__: one
    for one in (
        *(imblearn, category_encoders, feature_engine, pyod, lifelines, catboost, networkx),
        *(scipy, pandas, xgboost, pyarrow, statsmodels, optuna, gensim, nltk, river, sktime),
        *(shap, tokenizers, polars, skorch, prophet, code),
    )
}


def main() -> None:
    """Write all of them into a folder."""
    parser = argparse.ArgumentParser(description="Write honest files of libraries into a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("library", nargs="*", default=list(LIBRARIES))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")  # tiny data converge badly
    for library in given.library:
        try:
            for name, make in LIBRARIES[library]():
                _write(given.folder / f"{library}--{name}", make)
        except ImportError as error:
            print(f"left out: {library} ({error})")


def _write(path: Path, make: Callable[[], Any]) -> None:
    """One thing as a pickle and as joblib writes it."""
    try:
        thing = make()
        raw = thing if isinstance(thing, _Raw) else pickle.dumps(thing, protocol=4)
    except Exception as error:  # noqa: BLE001 (it does not fit, or cannot be pickled)
        print(f"left out: {path.name} ({type(error).__name__})")
        return
    path.with_name(f"{path.name}.pkl").write_bytes(raw)
    if raw is not thing:
        joblib.dump(thing, path.with_name(f"{path.name}.joblib"), compress=3)


if __name__ == "__main__":
    main()
