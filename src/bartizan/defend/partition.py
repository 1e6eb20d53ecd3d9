"""Partition aggregation: many models vote, and each row can sway one of them only.

Where a row goes is decided by what it holds, so that adding or removing one changes the training
data of one model. As long as the vote is won by more than twice as many models as rows were
changed, whatever somebody did to these rows did not decide.
"""

import hashlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, Recipe, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import finished
from bartizan.core.errors import ModelError, UsageError
from bartizan.core.streams import rng

_HASH_BYTES = 16
"""Of a row: two rows of any data set share one with a chance far below that of a broken disk."""
_CELL_BYTES = 8
"""Of a category: as many as a number has."""


@dataclass(frozen=True, kw_only=True)
class Certified:
    """What a vote decides of rows, and how much it withstands."""

    decision: Ints
    """Shape (n,)."""
    radius: Ints
    """Shape (n,): so many training rows may be added or removed, in any mixture, and the decision
    stays. A changed row is one removed and one added."""


@dataclass(frozen=True, kw_only=True)
class Partitioned:
    """Models that vote, each trained on its part of the rows."""

    models: tuple[Classifier | int, ...]
    """A number stands for a part of one class: it votes for that."""
    k: int
    """Classes."""

    def votes(self, x: Array) -> Ints:
        """Count votes; (n, d) -> (n, k), each row sums to the number of models."""
        counts = np.zeros((len(x), self.k), dtype=np.int64)
        rows = np.arange(len(x))
        for model in self.models:
            voted = model if isinstance(model, int) else decisions(model.scores(x))
            counts[rows, voted] += 1
        return counts


def parts(data: Dataset, *, count: int) -> Iterator[Ints]:
    """Deal rows out by what they hold.

    Args:
        data: Rows and labels; the order of the rows decides nothing, and neither does which number
            stands for a category: a row with a new one moves the numbers of all others.
        count: Parts, >= 1.

    Yields:
        Positions of the rows of each part, in an order that depends on their content alone.

    Cost:
        One hash a row; 0.3 s for 100,000 rows of 30 columns.
    """
    hashes = [
        _hash(row.tobytes() + str(data.classes[label]).encode(), size=_HASH_BYTES)
        for row, label in zip(_spelled(data), data.y, strict=True)
    ]
    part = np.array([int.from_bytes(one, "big") % count for one in hashes], dtype=np.int64)
    order = np.array(sorted(range(len(hashes)), key=hashes.__getitem__), dtype=np.int64)
    for number in range(count):
        yield order[part[order] == number]


def partitioned(
    data: Dataset, recipe: Recipe, *, count: int, seed: int = 0, balanced: bool = False
) -> Partitioned:
    """Train one model on each part; see `taught`."""
    return finished(taught(data, recipe, count=count, seed=seed, balanced=balanced))


def taught(
    data: Dataset, recipe: Recipe, *, count: int, seed: int = 0, balanced: bool = False
) -> Generator[int, None, Partitioned]:
    """Train one model on each part.

    Args:
        data: All training rows.
        recipe: Trains a model; the same rows in the same order, and the same stream of random
            numbers, must give the same model, see `require_repeatable`. What it learns must come
            from the rows it is given and nothing else.
        count: Models; more withstand more changed rows, and each knows less.
        seed: Of the random numbers of each model.
        balanced: Whether rows of rarer classes are repeated until every class of a part weighs
            the same: for rare classes, which would never win a vote. It happens within a part, so
            what is certified stays true.

    Yields:
        How many parts are done, 1 to `count`.

    Returns:
        The models. A part of one class votes for that class, an empty one for the first.

    Raises:
        UsageError: fewer than one part, or more parts than rows.
        ModelError: a model cannot be trained.

    Cost:
        One training on 1/count of the rows for each part.

    Source:
        Levine and Feizi (2021), "Deep Partition Aggregation", ICLR, section 3. Deviations: rows
        are dealt out by a cryptographic hash of values and label instead of the sum of pixels;
        `balanced` is ours.
    """
    if not 1 <= count <= len(data.y):
        message = f"expected 1 to {len(data.y)} parts, one for each row at most, got {count}"
        raise UsageError(message)
    made: list[Classifier | int] = []
    for number, rows in enumerate(parts(data, count=count)):
        present = np.unique(data.y[rows])
        if len(present) < 2:
            made.append(int(present[0]) if len(present) else 0)
        else:
            taken = _repeated(data.y, rows) if balanced else rows
            made.append(recipe.fit(data.take(taken), rng(seed, "partition", number)))
        yield number + 1
    return Partitioned(models=tuple(made), k=len(data.classes))


def require_repeatable(data: Dataset, recipe: Recipe, *, count: int, seed: int = 0) -> None:
    """Train twice on the same rows of the first part and compare; a certificate rests on it.

    Raises:
        ModelError: the two models differ, so that a vote can change though no row did.
    """
    rows = next((one for one in parts(data, count=count) if len(np.unique(data.y[one])) > 1), None)
    if rows is None:
        return
    first, second = (
        recipe.fit(data.take(rows), rng(seed, "partition", 0)).scores(data.x) for _ in range(2)
    )
    if not np.array_equal(first, second):
        message = (
            "the recipe is not deterministic: trained twice on the same rows with the same seed, "
            f"it gave models whose scores differ by up to {np.abs(first - second).max():.2g}; no "
            "certificate can be given. Use the seed it is handed, and one thread"
        )
        raise ModelError(message)


def certified(votes: Ints) -> Certified:
    """What votes decide, and how many changes they withstand.

    One row added or removed changes one vote, which takes at most one from the winner and gives
    it to another class. Of equals, the class of the smaller number wins.

    Args:
        votes: Shape (n, k), k >= 2.

    Source:
        Levine and Feizi (2021), theorem 1.
    """
    rows = np.arange(len(votes))
    decision = votes.argmax(axis=1)
    tie = (np.arange(votes.shape[1]) < decision[:, None]).astype(np.int64)
    rivals = votes + tie  # a class before the winner needs one vote less
    rivals[rows, decision] = -1
    radius = (votes[rows, decision] - rivals.max(axis=1)) // 2
    return Certified(decision=decision, radius=radius)


def _spelled(data: Dataset) -> Array:
    """Rows in which a category is what it is spelled and not its number; (n, d), to be hashed."""
    plain = np.where(np.isnan(data.x), np.nan, data.x + 0.0)  # one NaN, and no negative zero
    for place, feature in enumerate(data.schema.features):
        if feature.categories:
            words = [_hash(repr(one).encode(), size=_CELL_BYTES) for one in feature.categories]
            cells = np.frombuffer(b"".join(words), dtype=np.float64)
            known = ~np.isnan(plain[:, place])
            plain[known, place] = cells[plain[known, place].astype(np.int64)]
    return plain


def _hash(content: bytes, *, size: int) -> bytes:
    return hashlib.blake2b(content, digest_size=size).digest()


def _repeated(y: Ints, rows: Ints) -> Ints:
    """Rows with those of rarer classes as often as it takes for all to weigh about the same."""
    classes, sizes = np.unique(y[rows], return_counts=True)
    taken = [np.resize(rows[y[rows] == one], sizes.max()) for one in classes]
    return np.concatenate(taken)
