"""Partition aggregation: where rows go, what votes withstand, and what is refused."""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ModelError, UsageError
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng
from bartizan.defend.certificate import certified_curve
from bartizan.defend.partition import (
    Certified,
    certified,
    partitioned,
    parts,
    require_repeatable,
    taught,
)


def rows_of(x: Array, y: Ints, classes: tuple[Label, ...] = (0, 1)) -> Dataset:
    """A table of plain numbers."""
    features = tuple(Feature(name=f"c{i}", type="number") for i in range(x.shape[1]))
    return Dataset(
        name="data",
        x=x,
        y=y,
        classes=classes,
        ids=np.arange(len(y)),
        schema=Schema(features=features),
        digest="",
    )


@dataclass(frozen=True)
class Means:
    """Nearest class mean; moved by luck if it is told to."""

    luck: float = 0.0

    def fit(self, data: Dataset, rng: np.random.Generator) -> "Nearest":
        """Learn the mean of each class."""
        del rng
        luck = np.random.default_rng().normal() * self.luck
        means = np.full((len(data.classes), data.x.shape[1]), np.inf)
        for one in np.unique(data.y):
            means[one] = data.x[data.y == one].mean(axis=0) + luck
        return Nearest(means=means)


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """Answers by distance."""

    means: Array
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        """Minus the distance to each mean."""
        return -np.abs(x[:, None, :] - self.means[None]).sum(axis=2)


def blobs(n: int, *, seed: int = 0) -> Dataset:
    """Two clouds."""
    stream = rng(seed, "blobs")
    y = stream.integers(0, 2, n)
    return rows_of(stream.normal(size=(n, 2)) + 2.0 * y[:, None], y)


def test_a_row_goes_where_its_content_says_whatever_the_order() -> None:
    data = blobs(200)
    order = rng(1, "order").permutation(200)
    mixed = data.take(order)
    for one, other in zip(parts(data, count=7), parts(mixed, count=7), strict=True):
        assert np.array_equal(one, order[other])


def test_one_row_more_changes_one_part_only() -> None:
    data = blobs(100)
    before = [set(part.tolist()) for part in parts(data.take(np.arange(99)), count=9)]
    after = [set(part.tolist()) for part in parts(data, count=9)]
    changed = [b ^ a for b, a in zip(before, after, strict=True)]
    assert sorted(map(len, changed)) == [0] * 8 + [1]


def test_a_row_with_a_new_category_moves_no_other_row() -> None:
    stream = rng(2, "categories")
    words = stream.choice(["b", "d", "f"], 80).tolist()
    numbers, y = stream.normal(size=80), stream.integers(0, 2, 80)

    def dealt(words: list[str]) -> list[set[int]]:
        known = tuple(sorted(set(words)))
        n = len(words)
        x = np.stack([np.resize(numbers, n), [known.index(one) for one in words]], axis=1)
        schema = Schema(
            features=(
                Feature(name="a", type="number"),
                Feature(name="b", type="categorical", categories=known),
            )
        )
        data = Dataset(
            name="data",
            x=x,
            y=np.resize(y, n),
            classes=(0, 1),
            ids=np.arange(n),
            schema=schema,
            digest="",
        )
        return [set(part.tolist()) for part in parts(data, count=9)]

    changed = [b ^ a for b, a in zip(dealt(words), dealt([*words, "a"]), strict=True)]
    assert sorted(map(len, changed)) == [0] * 8 + [1]


def test_rows_that_differ_in_a_category_go_to_different_places() -> None:
    words = tuple("abcdefgh")
    schema = Schema(features=(Feature(name="b", type="categorical", categories=words),))
    data = Dataset(
        name="data",
        x=np.append(np.arange(8.0), np.nan)[:, None],
        y=np.zeros(9, np.int64),
        classes=(0, 1),
        ids=np.arange(9),
        schema=schema,
        digest="",
    )
    assert sum(len(part) == 1 for part in parts(data, count=10_000)) == 9


def test_every_trained_part_is_told() -> None:
    steps = taught(blobs(60), Means(), count=5)
    assert list(steps) == [1, 2, 3, 4, 5]


def test_negative_zero_and_other_bytes_of_nan_are_the_same_row() -> None:
    odd = np.frombuffer(np.uint64(0x7FF8000000000001).tobytes(), dtype=np.float64)[0]
    data = rows_of(np.array([[0.0, np.nan], [-0.0, odd]]), np.array([1, 1]))
    sizes = sorted(len(part) for part in parts(data, count=2))
    assert sizes == [0, 2]


@pytest.mark.parametrize("k", [2, 3])
def test_no_change_of_radius_votes_turns_the_decision_and_one_more_can(k: int) -> None:
    models = 5
    for cast in product(range(k), repeat=models):
        found = certified(np.bincount(cast, minlength=k)[None])
        decision, radius = int(found.decision[0]), int(found.radius[0])
        reach = {r: _reachable(cast, r, k=k) for r in (radius, radius + 1) if r <= models}
        assert reach[radius] == {decision}
        if radius + 1 in reach:
            assert reach[radius + 1] != {decision}


def _reachable(cast: tuple[int, ...], changes: int, *, k: int) -> set[int]:
    """Decisions after at most so many votes were replaced by any others."""
    found = set()
    for places in combinations(range(len(cast)), changes):
        for new in product(range(k), repeat=changes):
            votes = list(cast)
            for place, vote in zip(places, new, strict=True):
                votes[place] = vote
            found.add(int(np.bincount(votes, minlength=k).argmax()))
    return found


def test_certificates_hold_against_every_data_set_within_their_radius() -> None:
    possible = list(product((0.0, 1.0, 2.0), (0, 1)))  # every row there can be
    start = [(0.0, 0), (0.0, 0), (1.0, 0), (0.0, 0), (2.0, 1), (1.0, 0), (2.0, 1)]
    asked = np.array([[0.0], [1.0], [2.0]])
    found = _asked(start, asked)
    assert found.radius.max() >= 1  # else nothing is tested
    level = {tuple(sorted(start))}
    seen = set(level)
    for changes in range(1, int(found.radius.max()) + 1):
        level = {after for one in level for after in _one_change(one, possible)} - seen
        seen |= level
        held = found.radius >= changes
        for rows in level:
            assert np.array_equal(_asked(list(rows), asked).decision[held], found.decision[held])


def _asked(rows: list[tuple[float, int]], asked: Array) -> Certified:
    x, y = np.array([[row[0]] for row in rows]), np.array([row[1] for row in rows])
    made = partitioned(rows_of(x, y), Means(), count=5)
    return certified(made.votes(asked))


def _one_change(
    rows: tuple[tuple[float, int], ...], possible: list[tuple[float, int]]
) -> set[tuple[tuple[float, int], ...]]:
    """Every data set with one row less or one more."""
    less = {rows[:place] + rows[place + 1 :] for place in range(len(rows))}
    return less | {tuple(sorted((*rows, row))) for row in possible}


def test_a_part_of_one_class_votes_for_it_and_votes_add_up() -> None:
    data = rows_of(np.arange(6.0)[:, None], np.array([1, 1, 1, 1, 1, 1]))
    made = partitioned(data, Means(), count=3)
    assert set(made.models) <= {0, 1}
    assert (made.votes(data.x).sum(axis=1) == 3).all()


def test_repeated_rows_let_a_rare_class_win() -> None:
    stream = rng(0, "rare")
    y = (np.arange(400) % 20 == 0).astype(np.int64)
    x = stream.normal(size=(400, 1)) + 1.5 * y[:, None]
    data = rows_of(x, y)
    recipe = Prior()
    plain = certified(partitioned(data, recipe, count=5).votes(x))
    even = certified(partitioned(data, recipe, count=5, balanced=True).votes(x))
    assert (plain.decision == 0).all()  # the constant answer, and it looks perfect
    assert (even.decision[y == 1] == 1).mean() > 0.5


class Prior:
    """Nearest mean that also believes in how frequent a class is."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> "Weighed":
        """Learn means and frequencies."""
        made = Means().fit(data, rng)
        counts = np.bincount(data.y, minlength=len(data.classes))
        return Weighed(means=made.means, offset=8 * counts / counts.sum())


@dataclass(frozen=True, kw_only=True)
class Weighed(Nearest):
    """Distance, and a bonus."""

    offset: Array

    def scores(self, x: Array) -> Array:
        """Minus the distance, plus the bonus."""
        return super().scores(x) + self.offset


def test_the_constant_answer_stands_beside_the_curve() -> None:
    y = np.array([0] * 9 + [1])
    found = Certified(decision=np.zeros(10, np.int64), radius=np.full(10, 20))
    curve = certified_curve(found, y, radii=(0, 20, 21))
    assert [point.share[0] for point in curve.points] == [0.9, 0.9, 0.0]
    assert curve.points[1].balanced[0] == 0.5
    assert (curve.constant, curve.constant_balanced) == (0.9, 0.5)


def test_a_recipe_that_is_not_deterministic_is_refused() -> None:
    data = blobs(60)
    require_repeatable(data, Means(), count=3)
    with pytest.raises(ModelError, match="not deterministic"):
        require_repeatable(data, Means(luck=0.1), count=3)


@pytest.mark.parametrize("count", [0, 61])
def test_more_parts_than_rows_are_refused(count: int) -> None:
    with pytest.raises(UsageError, match="expected 1 to 60 parts"):
        partitioned(blobs(60), Means(), count=count)


def test_the_same_seed_gives_the_same_models() -> None:
    data = blobs(80)
    one, other = (partitioned(data, Means(), count=4).votes(data.x) for _ in range(2))
    assert np.array_equal(one, other)
    assert certified(one).radius.max() <= 2
