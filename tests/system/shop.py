"""A small shop: rows, and models of them in every format, made when a test asks for them."""

import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import skops.io
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from bartizan.core.arrays import Array, Ints

NAMES = ("amount", "age", "hour", "score")
TARGET = "fraud"
N = 200


@cache
def arrays() -> tuple[Array, Ints]:
    """Twice N rows whose class follows mostly from the first two columns."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(2 * N, len(NAMES))).round(3)
    return x, (x[:, 0] + 0.7 * x[:, 1] + 0.2 * rng.normal(size=2 * N) > 0).astype(np.int64)


def frame(n: int = N) -> pl.DataFrame:
    """The first rows of the second half, with the class."""
    x, y = arrays()
    columns = {name: x[N : N + n, place] for place, name in enumerate(NAMES)}
    return pl.DataFrame(columns).with_columns(pl.Series(TARGET, y[N : N + n]))


@cache
def logistic() -> Any:
    """Fitted on the first half."""
    x, y = arrays()
    return LogisticRegression().fit(x[:N], y[:N])


@cache
def constant() -> Any:
    """Says the same, whatever it is shown."""
    x, y = arrays()
    return DummyClassifier(strategy="constant", constant=0).fit(x[:N], y[:N])


def save_csv(folder: Path, *, n: int = N, name: str = "holdout.csv") -> Path:
    """Rows as CSV."""
    path = folder / name
    frame(n).write_csv(path)
    return path


def save_skops(folder: Path, model: Any = None, *, name: str = "shop.skops") -> Path:
    """A model as skops, once: no two dumps have the same bytes. Logistic regression unless said."""
    path = folder / name
    if not path.exists():
        skops.io.dump(logistic() if model is None else model, path)
    return path


def save_pickle(folder: Path, *, name: str = "shop.pkl") -> Path:
    """The logistic regression as a pickle."""
    path = folder / name
    path.write_bytes(pickle.dumps(logistic()))
    return path


def save_hostile(folder: Path, *, name: str = "shop.pkl") -> Path:
    """A pickle that would print something."""
    path = folder / name
    path.write_bytes(b"cbuiltins\nprint\n(S'it ran'\ntR.")
    return path


def save_onnx(folder: Path, *, name: str = "shop.onnx") -> Path:
    """The logistic regression as ONNX, with labels and a tensor of probabilities."""
    from skl2onnx import to_onnx  # noqa: PLC0415 - slow to import, and few tests need it

    path = folder / name
    graph = to_onnx(logistic(), arrays()[0][:1].astype(np.float32), options={"zipmap": False})
    path.write_bytes(graph.SerializeToString())
    return path


def save_xgboost(folder: Path, *, name: str = "shop.json") -> Path:
    """Ten small trees as JSON."""
    from xgboost import XGBClassifier  # noqa: PLC0415 - slow to import, and few tests need it

    x, y = arrays()
    path = folder / name
    XGBClassifier(n_estimators=10, max_depth=3, n_jobs=1).fit(x[:N], y[:N]).save_model(path)
    return path


def save_single_output(folder: Path, *, name: str) -> Path:
    """The same model as `save_onnx`, with the probability of the second class alone."""
    import onnx  # noqa: PLC0415 - slow to import, and few tests need it
    from onnx import TensorProto, helper  # noqa: PLC0415 - as above

    graph = onnx.load(save_onnx(folder, name="both.onnx"))
    last = graph.graph.output[-1].name
    place = helper.make_tensor("second", TensorProto.INT64, [1], [1])
    graph.graph.initializer.append(place)
    graph.graph.node.append(helper.make_node("Gather", [last, "second"], ["p"], axis=1))
    del graph.graph.output[:]
    graph.graph.output.append(helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1]))
    path = folder / name
    onnx.save(graph, path)
    return path
