"""Small data and fitted models that the tests of this room share."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bartizan.adapt import Table, load_dataset
from bartizan.core.arrays import Array, Ints

N, D = 300, 4
NAMES = ("alpha", "beta", "gamma", "delta")


@cache
def arrays(classes: int = 2) -> tuple[Array, Ints]:
    """Rows of numbers, and labels that mostly follow from them."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=(N, D))
    noisy = x[:, 0] + 0.5 * x[:, 1] + 0.3 * rng.normal(size=N)
    edges = np.quantile(noisy, np.arange(1, classes) / classes)
    return x, np.searchsorted(edges, noisy).astype(np.int64)


def frame(classes: int = 2) -> pd.DataFrame:
    """The same as a frame, with the label as `y`."""
    x, y = arrays(classes)
    return pd.DataFrame(x, columns=list(NAMES)).assign(y=y)


def table(classes: int = 2) -> Table:
    """Arrays without names."""
    x, y = arrays(classes)
    return load_dataset((x, y), target=None)


def named_table(classes: int = 2) -> Table:
    """With column names."""
    return load_dataset(frame(classes), target="y")


def mixed() -> pd.DataFrame:
    """Numbers, text, truth values and gaps; the label is `verdict`."""
    x, y = arrays()
    made = pd.DataFrame({"alpha": x[:, 0], "whole": np.arange(N) % 7})
    made["city"] = np.where(x[:, 1] > 0.4, "Rome", np.where(x[:, 1] > -0.4, "Bonn", "Oslo"))
    made["truth"] = x[:, 2] > 0
    made.loc[5, "city"] = None
    made.loc[6, "alpha"] = np.nan
    return made.assign(verdict=np.where(y == 1, "yes", "no"))


def mixed_pipeline() -> Any:
    """A pipeline that picks its columns by name."""
    data = mixed()
    steps = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["city", "truth"]),
        (StandardScaler(), ["alpha", "whole"]),
    )
    filled = data.assign(alpha=data["alpha"].fillna(0.0))
    return make_pipeline(steps, LogisticRegression()).fit(
        filled.drop(columns="verdict"), filled["verdict"]
    )
