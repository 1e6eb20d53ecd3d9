"""Honest artefacts of predictive machine learning, made with whatever versions are installed.

    python tests/benign_artifacts.py FOLDER

Every estimator of scikit-learn that fits tiny data, composed models, XGBoost, LightGBM, numpy and
pandas, in all protocols of pickle and all compressions of joblib. Needs no Bartizan, so that it
also runs in an environment with older versions of the libraries.
"""

import argparse
import array
import datetime as dt
import decimal
import fractions
import io
import pickle
import re
import uuid
import warnings
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import joblib
import numpy as np
import scipy.sparse
import scipy.special

Saved: TypeAlias = tuple[str, bytes]
Rows: TypeAlias = dict[str, Any]

PROTOCOLS = (2, 3, 4, 5)
COMPRESSIONS: tuple[Any, ...] = (
    *(0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)),
    *([("lz4", 3)] if find_spec("lz4") else []),
)
ROWS = 60
"""Enough for five folds of three classes."""


def rows() -> Rows:
    """Tiny data of every kind that an estimator may want."""
    rng = np.random.default_rng(0)
    y = np.arange(ROWS) % 3
    x = rng.uniform(0.1, 1.0, (ROWS, 4)) + 0.5 * y[:, None]
    words = np.array(["red round", "green long", "blue flat"])
    return {
        "x": x,
        "y": y,
        "two": (y > 0).astype(int),
        "many": np.column_stack([y > 0, y > 1]).astype(int),
        "price": x @ np.arange(4.0) + 0.1,
        "prices": x[:, :2] * 2.0,
        "texts": [str(words[one]) for one in y],
        "records": [{"kind": str(words[one]), "size": float(one)} for one in y],
        "column": x[:, 0],
        "square": np.exp(-((x[:, None] - x[None]) ** 2).sum(axis=2)),
        "sparse": scipy.sparse.csr_matrix(np.where(x > 0.8, x, 0.0)),
    }


def estimators() -> Iterator[tuple[str, Any]]:
    """Every estimator of scikit-learn that some of the tiny data fits."""
    from sklearn.utils import all_estimators  # noqa: PLC0415 (slow to import)

    data = rows()
    for name, kind in all_estimators():
        fitted = _fitted(kind, data)
        if fitted is not None:
            yield name, fitted


def _fitted(kind: Any, data: Rows) -> Any:
    """An estimator on the first data that it takes; none if it takes none."""
    for inputs, target in _pairs(data):
        try:
            model = _constructed(kind)
            return model.fit(inputs) if target is None else model.fit(inputs, target)
        except Exception:  # noqa: BLE001, S112 (whatever it does not like, it does not get)
            continue
    return None


def _pairs(data: Rows) -> list[tuple[Any, Any]]:
    return [
        *((data["x"], data[target]) for target in ("y", "price", "two", "prices", "many")),
        *((data["texts"], None), (data["records"], None), (data["y"], None)),
        *((data["x"], data["x"][:, :2]), (data["column"], data["price"]), (data["x"], None)),
        (data["square"], None),
    ]


def _constructed(kind: Any) -> Any:
    """An estimator, with small ones inside where it needs some."""
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415 (slow to import)
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 (slow to import)

    simple: Any = Ridge() if "Regress" in kind.__name__ else LogisticRegression()
    named = [("one", simple), ("two", type(simple)())]
    grid = {"C": [0.1, 1.0]}
    for given in (
        {},
        {"estimator": simple},
        {"estimators": named},
        {"base_estimator": simple},
        {"steps": [("scale", StandardScaler()), ("model", simple)]},
        {"transformers": [("scale", StandardScaler(), [0, 1])]},
        {"transformer_list": [("scale", StandardScaler())]},
        {"estimator": simple, "param_grid": grid},
        {"estimator": simple, "param_distributions": grid, "n_iter": 2},
        {"estimator": simple, "code_size": 2},
        {"dictionary": np.eye(4)},
    ):
        try:
            model = kind(**given)
        except TypeError:
            continue
        return model.set_params(n_estimators=3) if "n_estimators" in _keys(model) else model
    message = f"{kind.__name__} wants something else"
    raise TypeError(message)


def _keys(model: Any) -> set[str]:
    return set(model.get_params(deep=False))


def composed() -> Iterator[tuple[str, Any]]:
    """Models made of several parts, as people put them together."""
    from sklearn import (  # noqa: PLC0415 (slow)  # noqa: PLC0415 (slow to import)  # noqa: PLC0415 (slow)
        calibration,
        compose,
        ensemble,
        feature_selection,
        linear_model,
        metrics,
        model_selection,
        neighbors,
        pipeline,
        preprocessing,
        svm,
        tree,
    )
    from sklearn import gaussian_process as gp  # noqa: PLC0415 (slow to import)
    from sklearn.feature_extraction import text  # noqa: PLC0415 (slow to import)

    data = rows()
    x, y, two = data["x"], data["y"], data["two"]
    plain = linear_model.LogisticRegression()
    columns = compose.ColumnTransformer(
        [
            ("scale", preprocessing.StandardScaler(), [0, 1]),
            ("bins", preprocessing.KBinsDiscretizer(3, encode="ordinal"), [2]),
        ],
        remainder="passthrough",
    )
    unfitted = {
        "scaled": pipeline.make_pipeline(preprocessing.StandardScaler(), plain),
        "columns": pipeline.make_pipeline(columns, ensemble.RandomForestClassifier(3)),
        "union": pipeline.make_union(preprocessing.MinMaxScaler(), preprocessing.MaxAbsScaler()),
        "stacked": ensemble.StackingClassifier(
            [("tree", tree.DecisionTreeClassifier()), ("near", neighbors.KNeighborsClassifier())]
        ),
        "voting": ensemble.VotingClassifier(
            [("a", plain), ("b", svm.SVC(probability=False))], voting="hard"
        ),
        "isotonic": calibration.CalibratedClassifierCV(svm.LinearSVC(), method="isotonic", cv=3),
        "sigmoid": calibration.CalibratedClassifierCV(tree.DecisionTreeClassifier(), cv=3),
        "grid": model_selection.GridSearchCV(plain, {"C": [0.1, 1.0]}, cv=3),
        "grid-scored": model_selection.GridSearchCV(
            plain, {"C": [0.1, 1.0]}, scoring=metrics.make_scorer(metrics.f1_score, average="macro")
        ),
        "random-search": model_selection.RandomizedSearchCV(
            tree.DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, n_iter=2, random_state=0, cv=3
        ),
        "selected": pipeline.make_pipeline(
            feature_selection.SelectKBest(feature_selection.f_classif, k=2), plain
        ),
        "mutual": feature_selection.SelectKBest(feature_selection.mutual_info_classif, k=2),
        "logged": pipeline.make_pipeline(preprocessing.FunctionTransformer(np.log1p), plain),
        "squeezed": pipeline.make_pipeline(
            preprocessing.FunctionTransformer(scipy.special.expit), plain
        ),
        "boosted-trees": ensemble.GradientBoostingClassifier(n_estimators=3),
        "boosted-huber": ensemble.GradientBoostingRegressor(loss="huber", n_estimators=3),
        "histogram": ensemble.HistGradientBoostingClassifier(max_iter=3),
        "histogram-poisson": ensemble.HistGradientBoostingRegressor(loss="poisson", max_iter=3),
        "adaboost": ensemble.AdaBoostClassifier(n_estimators=3),
        "bagged": ensemble.BaggingClassifier(n_estimators=3),
        "isolation": ensemble.IsolationForest(n_estimators=3),
        "process": gp.GaussianProcessClassifier(
            1.0 * gp.kernels.RBF() + gp.kernels.WhiteKernel(), optimizer=None
        ),
        "ball-tree": neighbors.KNeighborsClassifier(algorithm="ball_tree"),
        "kd-tree": neighbors.KNeighborsClassifier(algorithm="kd_tree", metric="manhattan"),
        "density": neighbors.KernelDensity(),
        "polynomial": pipeline.make_pipeline(preprocessing.PolynomialFeatures(2), plain),
        "encoded": pipeline.make_pipeline(
            preprocessing.OneHotEncoder(handle_unknown="ignore"), plain
        ),
        "sgd-hinge": linear_model.SGDClassifier(loss="hinge"),
        "sgd-log": linear_model.SGDClassifier(loss="log_loss"),
        "sgd-huber": linear_model.SGDClassifier(loss="modified_huber"),
    }
    for name, model in unfitted.items():
        yield name, model.fit(x, y)
    kinds = np.column_stack([x, y])
    trees = ensemble.HistGradientBoostingClassifier(max_iter=3, categorical_features=[4])
    yield "histogram-categories", trees.fit(kinds, two)
    informed = partial(feature_selection.mutual_info_classif, random_state=0)
    yield "informed", feature_selection.SelectKBest(informed, k=2).fit(x, y)
    spam = pipeline.make_pipeline(text.TfidfVectorizer(), linear_model.SGDClassifier())
    yield "texts", spam.fit(data["texts"], y)
    split = text.CountVectorizer(preprocessor=str.lower, tokenizer=str.split, token_pattern=None)
    yield "texts-split", split.fit(data["texts"])
    yield "sparse", linear_model.LogisticRegression().fit(data["sparse"], two)
    yield "cross-validated", linear_model.LogisticRegressionCV(Cs=2, cv=3).fit(x, two)
    yield "unfitted", pipeline.make_pipeline(columns, plain)


def boosted() -> Iterator[tuple[str, Any]]:
    """XGBoost and LightGBM, as estimators and as boosters, where they are installed."""
    data = rows()
    if find_spec("xgboost"):
        import xgboost  # noqa: PLC0415 (an extra)

        for name, kind, y in (
            ("classifier", xgboost.XGBClassifier, data["y"]),
            ("regressor", xgboost.XGBRegressor, data["price"]),
            ("forest", xgboost.XGBRFClassifier, data["two"]),
        ):
            fitted = kind(n_estimators=3, n_jobs=1).fit(data["x"], y)
            yield f"xgboost-{name}", fitted
            yield f"xgboost-{name}-booster", fitted.get_booster()
        matrix = xgboost.DMatrix(data["x"], data["two"])
        given = {"objective": "binary:logistic", "nthread": 1}
        yield "xgboost-trained", xgboost.train(given, matrix, num_boost_round=3)
    if find_spec("lightgbm"):
        import lightgbm  # noqa: PLC0415 (an extra)

        small: Any = {"n_estimators": 3, "min_child_samples": 2, "verbose": -1, "n_jobs": 1}
        for name, kind, y in (
            ("classifier", lightgbm.LGBMClassifier, data["y"]),
            ("two", lightgbm.LGBMClassifier, data["two"]),
            ("regressor", lightgbm.LGBMRegressor, data["price"]),
        ):
            fitted = kind(**small).fit(data["x"], y)
            yield f"lightgbm-{name}", fitted
            yield f"lightgbm-{name}-booster", fitted.booster_


def numbers() -> Iterator[tuple[str, Any]]:
    """What lies beside models: arrays, plain values and containers of them."""
    data = rows()
    x = data["x"]
    yield "array", x
    yield "array-fortran", np.asfortranarray(x)
    yield "array-types", [x.astype(kind) for kind in ("f2", "f4", ">f8", "i1", "u8", "c16", "?")]
    yield "array-dates", np.array(["2026-01-01", "2026-02-01"], dtype="datetime64[D]")
    yield "array-texts", np.array(data["texts"])
    yield "array-objects", np.array(["red", 1, None, 2.5], dtype=object)
    yield "array-records", np.zeros(3, dtype=[("name", "U8"), ("value", "f8")])
    yield "array-masked", np.ma.masked_less(x, 0.5)
    yield "matrix", scipy.sparse.random(20, 5, density=0.3, random_state=0)
    for form in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr"):
        yield f"matrix-{form}", data["sparse"].asformat(form)
    yield "scalars", [np.float64(1.5), np.int32(2), np.bool_(x[0, 0] > 0), np.str_("a")]
    yield "generators", [np.random.default_rng(1), np.random.RandomState(2)]
    yield "settings", {"depth": 3, "rate": 0.1, "names": ("a", "b"), "on": True, "seen": {1, 2}}
    counted: defaultdict[str, list[int]] = defaultdict(list)
    counted["a"].append(1)
    yield "containers", [OrderedDict(a=1), counted, Counter("abca"), deque([1, 2]), frozenset("ab")]
    moment = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    yield "times", [moment, moment.date(), moment.time(), dt.timedelta(days=1)]
    yield "zones", [moment.astimezone(ZoneInfo("Asia/Tokyo")), ZoneInfo("America/New_York")]
    yield "patterns", [re.compile(r"(?u)\b\w\w+\b"), re.compile(rb"a+", re.IGNORECASE)]
    yield "compact", array.array("d", [1.0, 2.0])
    yield "exact", [decimal.Decimal("1.5"), fractions.Fraction(1, 3), complex(1, 2)]
    yield (
        "others",
        [uuid.UUID(int=7), Path("a/b"), slice(1, 5), range(3), bytearray(b"ab"), b"\xff"],
    )


def frames() -> Iterator[tuple[str, Any]]:
    """What pandas makes."""
    if not find_spec("pandas"):
        return
    import pandas as pd  # noqa: PLC0415 (an extra)

    data = rows()
    frame = pd.DataFrame(data["x"], columns=list("abcd"))
    frame["text"] = data["texts"]
    yield "frame", frame
    yield "frame-categories", frame.assign(text=frame["text"].astype("category"))
    dates = pd.date_range("2026-01-01", periods=ROWS, freq="D")
    zoned = pd.to_datetime(data["y"], unit="D", utc=True)
    yield "frame-mixed", frame.assign(text=frame["text"].astype("category"), time=zoned)
    yield "frame-dates", frame.set_index(dates)
    yield "frame-zoned", frame.set_index(dates.tz_localize("UTC"))
    yield "frame-zoned-far", frame.assign(when=dates.tz_localize("Europe/Berlin"))
    yield "frame-levels", frame.set_index(["text", "a"])
    yield "frame-nullable", frame.assign(n=pd.array([1, None] * 30, dtype="Int64"))
    yield "frame-strings", frame.assign(text=frame["text"].astype("string"))
    yield "series", frame["a"]
    yield "series-named", pd.Series({"x": 1, "y": 2}, name="counts")
    yield "index", [frame.index, frame.columns, dates, pd.Index([1.5, 2.5]), pd.Index(["a"])]
    yield "spans", [pd.interval_range(0, 5), pd.period_range("2026-01", periods=3, freq="M")]
    yield "stamps", [pd.Timestamp("2026-01-01"), pd.Timedelta("1D"), pd.NaT, pd.NA]


def graphs() -> Iterator[tuple[str, Any]]:
    """What networkx makes."""
    if not find_spec("networkx"):
        return
    import networkx as nx  # type: ignore[import-untyped]  # noqa: PLC0415 (an extra)

    for kind in (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph):
        yield kind.__name__, kind([("a", "b"), ("b", "c")], name="three")


KINDS: dict[str, Callable[[], Iterator[tuple[str, Any]]]] = {
    "sklearn": estimators,
    "composed": composed,
    "boosted": boosted,
    "numbers": numbers,
    "frames": frames,
    "graphs": graphs,
}


def artefacts() -> Iterator[Saved]:
    """Names and bytes of all files."""
    protocols, compressions = cycle(PROTOCOLS), cycle(COMPRESSIONS)
    for kind, made in KINDS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tiny data converge badly, and old versions warn
            for number, (name, thing) in enumerate(made()):
                spread = (0, 1) if number % 8 == 0 else (next(protocols),)
                for protocol in spread:
                    yield f"{kind}-{name}.p{protocol}.pkl", pickle.dumps(thing, protocol=protocol)
                yield from _joblib(f"{kind}-{name}", thing, compress=next(compressions))
    yield from _arrays()


def _joblib(name: str, thing: Any, *, compress: Any) -> Iterator[Saved]:
    """One file of joblib."""
    target = io.BytesIO()
    joblib.dump(thing, target, compress=compress)
    word = compress[0] if compress else "raw"
    yield f"{name}.{word}.joblib", target.getvalue()


def _arrays() -> Iterator[Saved]:
    """Files of numpy."""
    data = rows()
    for name, filled in (
        ("plain", data["x"]),
        ("objects", np.array(["red", 1, None], dtype=object)),
        ("texts", np.array(data["texts"])),
    ):
        target = io.BytesIO()
        np.save(target, filled)
        yield f"numpy-{name}.npy", target.getvalue()
    for name, save in (("plain", np.savez), ("packed", np.savez_compressed)):
        target = io.BytesIO()
        save(target, x=data["x"], y=data["y"])
        yield f"numpy-{name}.npz", target.getvalue()


def main() -> None:
    """Write all of them into a folder."""
    parser = argparse.ArgumentParser(description="Write honest artefacts into a folder.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for name, raw in artefacts():
        (folder / name).write_bytes(raw)
        count += 1
    print(f"{count} files")  # noqa: T201 (run as a script)


if __name__ == "__main__":
    main()
