"""Public tables whose labels are judged, as data sets."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.datasets import load_digits

import results
from bartizan.adapt.table import load_dataset
from bartizan.core.dataset import Dataset
from bartizan.core.streams import rng
from bartizan.examples import card_fraud

DATA = Path(os.environ.get("BARTIZAN_DATA", results.ROOT.parent / "shared" / "data"))


def digits() -> pl.DataFrame:
    x, y = load_digits(return_X_y=True)
    return pl.DataFrame(x).with_columns(target=pl.Series(y))


def table(path: str, *, header: bool = True, drop: tuple[int, ...] = ()) -> pl.DataFrame:
    """A public table whose last column, after those dropped, is the target."""
    raw = gzip.decompress((DATA / path).read_bytes()).replace(b", ", b",").rstrip()
    frame = pl.read_csv(raw, has_header=header, infer_schema_length=None)
    frame = frame.drop([frame.columns[i] for i in drop])
    return frame.rename({frame.columns[-1]: "target"})


def intrusions() -> pl.DataFrame:
    frame = table("nsl-kdd/KDDTrain+_20Percent.csv.gz", header=False, drop=(42,))
    return frame.with_columns((pl.col("target") != "normal").cast(pl.Int64))


def stream() -> pl.DataFrame:
    made = card_fraud.stream(n=20_000, seed=7)
    return made.rename({card_fraud.TARGET: "target"})


SOURCES: dict[str, Callable[[], pl.DataFrame]] = {
    "digits": digits,
    "ULB cards": lambda: table("ulb-creditcard/creditcard_union_sample.csv.gz"),
    "card stream": stream,
    "Adult": lambda: table("adult/adult-train.csv.gz", header=False),
    "Spambase": lambda: table("spambase/spambase.csv.gz"),
    "phishing": lambda: table("phishing-websites/phishing_website.csv.gz"),
    "NSL-KDD": intrusions,
}


def opened(name: str, samples: int) -> Dataset:
    """At most so many rows, drawn at random."""
    data = load_dataset(SOURCES[name](), target="target").dataset
    n = len(data.y)
    return data if n <= samples else data.take(np.sort(rng(0, "rows").permutation(n)[:samples]))
