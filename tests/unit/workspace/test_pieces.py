"""Pieces of checks are taken over only where everything that decides them is the same."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from bartizan.adapt import load_dataset
from bartizan.assess.counted import counted
from bartizan.assess.pieces import Pieces
from bartizan.assess.profile import profile_named
from bartizan.assess.request import Request
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature
from bartizan.store import Store
from bartizan.workspace import gathered


def read(folder: Path, *, target: str) -> Dataset:
    """The same file, read with one of two targets."""
    x = np.random.default_rng(0).normal(size=(60, 2)).round(3)
    rows = {"a": x[:, 0], "b": x[:, 1], "y": (x[:, 0] > 0) * 1, "z": (x[:, 1] > 0) * 1}
    pl.DataFrame(rows).write_csv(folder / "d.csv")
    return load_dataset(folder / "d.csv", target=target).dataset


def request(folder: Path) -> Request:
    data = read(folder, target="y")
    inputs = gathered(lambda x: x[:, 0], (data.x, data.y))
    return Request(
        subject=inputs.subject, model=inputs.model, codec=inputs.table.codec, data=data,
        train=data, attackers=inputs.attackers, entries=(), profile=profile_named("quick"),
    )  # fmt: skip


def wider(data: Dataset) -> Dataset:
    """The same rows; the first column may be larger, so that thieves ask other questions."""
    first, *rest = data.schema.features
    assert isinstance(first, Feature)
    more = msgspec.structs.replace(first, max=1000.0)
    return replace(data, schema=msgspec.structs.replace(data.schema, features=(more, *rest)))


CHANGES: dict[str, Callable[[Request, Path], Request]] = {
    "bounds": lambda known, _: replace(known, data=wider(known.data)),
    "training bounds": lambda known, _: replace(known, train=wider(known.data)),
    "target": lambda known, folder: replace(known, data=read(folder, target="z")),
    "training target": lambda known, folder: replace(known, train=read(folder, target="z")),
    "no training rows": lambda known, _: replace(known, train=None),
    "classes": lambda known, _: replace(known, data=replace(known.data, classes=("no", "yes"))),
    "threshold": lambda known, _: replace(known, binding="threshold 0.4"),
    "seed": lambda known, _: replace(known, seed=1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_piece_of_other_inputs_is_made_anew(name: str, tmp_path: Path) -> None:
    known = request(tmp_path)
    other = CHANGES[name](known, tmp_path)
    assert other.data.digest == known.data.digest  # the file is the same
    with Store.temporary() as store:
        Pieces(known, store, resume=True, asked=counted(known.model))(
            "piece", lambda: {"made": np.array([1])}
        )
        again = Pieces(known, store, resume=True, asked=counted(known.model))(
            "piece", lambda: {"made": np.array([2])}
        )
        found = Pieces(other, store, resume=True, asked=counted(known.model))(
            "piece", lambda: {"made": np.array([3])}
        )
    assert (again["made"][0], found["made"][0]) == (1, 3)
