"""Random ensembles of trees, and models made of them."""

from dataclasses import dataclass, replace

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.schema import Label
from bartizan.core.trees import Trees


@dataclass(frozen=True)
class Forest:
    """A model that shows its trees."""

    trees: Trees

    @property
    def classes(self) -> tuple[Label, ...]:
        return tuple(range(self.trees.k))

    @property
    def score_kind(self) -> ScoreKind:
        return self.trees.kind

    def scores(self, x: Array) -> Array:
        return self.trees.scores(x)

    def structure(self) -> Trees:
        return self.trees


def last_below(cut: np.float32) -> float:
    """The largest double that rounds to less than a number of single precision.

    That is how ``float32(x) < cut`` reads in the tree IR; values next to it survive rounding.
    """
    middle = (np.float64(cut) + np.float64(np.nextafter(cut, np.float32(-np.inf)))) / 2
    return float(middle if np.float32(middle) < cut else np.nextafter(middle, -np.inf))


def forest(
    x: Array,
    draw: np.random.Generator,
    *,
    trees: int,
    depth: int,
    k: int = 2,
    codes: dict[int, int] | None = None,
    columns: Ints | None = None,
) -> Trees:
    """Random trees that split rows where they lie, with scores balanced between the classes.

    Args:
        x: Rows; thresholds are some of their values.
        draw: Source of everything.
        trees: How many.
        depth: Tests on every path.
        k: Classes.
        codes: Number of categories of columns that are tested by sets.
        columns: Columns that are tested; all if not given.
    """
    codes = codes or {}
    columns = np.arange(x.shape[1]) if columns is None else columns
    inner, size = 2**depth - 1, 2 ** (depth + 1) - 1
    place = np.arange(size * trees) % size
    base = np.arange(size * trees) - place
    is_leaf = place >= inner
    feature = np.where(is_leaf, -1, draw.choice(columns, len(place)))
    threshold, members = np.full(len(place), np.nan), np.full(len(place), -1)
    sets: list[Array] = []
    width = max(codes.values(), default=0)
    for node in np.flatnonzero(~is_leaf):
        column = int(feature[node])
        if column in codes:
            members[node] = len(sets)
            sets.append(
                np.append(draw.random(codes[column]) < 0.5, np.zeros(width - codes[column]))
            )
        else:
            values = x[np.isfinite(x[:, column]), column]
            cut = np.float32(draw.choice(values) + draw.normal() * 0.1 * values.std())
            threshold[node] = last_below(cut)
    value = np.where(is_leaf[:, None], draw.normal(size=(len(place), k)), 0.0)
    if k == 2:
        value[:, 0] = 0.0
    made = Trees(
        feature=feature,
        threshold=threshold,
        left=np.where(is_leaf, -1, base + 2 * place + 1),
        right=np.where(is_leaf, -1, base + 2 * place + 2),
        missing_left=draw.random(len(place)) < 0.5,
        members=members,
        sets=np.array(sets, dtype=bool).reshape(len(sets), width),
        value=value,
        roots=np.arange(trees) * size,
        base=np.zeros(k),
        kind="logit",
    )
    middle = np.median(made.scores(x), axis=0)  # moved a little: it is the score of some row
    return replace(made, base=0.01 * draw.normal(size=k) - middle)
