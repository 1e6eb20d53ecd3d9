from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bartizan.assess.rows import Clean, attacked_rows, deciding_classes, protected_classes
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ConfigError
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng


@dataclass(frozen=True)
class Fixed:
    """Its scores are the columns of the question."""

    classes: tuple[Label, ...] = ("bad", "good", "odd")
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        return x


def clean(y: Ints, decided: Ints | None = None) -> Clean:
    return Clean(decided=y if decided is None else decided, y=y, confusion=np.zeros((3, 3)))


def attacker(**more: Any) -> Attacker:
    return Attacker(name="eve", norm="L2", eps=1.0, **more)


def test_classes_that_nobody_or_everybody_wants_to_leave_are_named_by_none() -> None:
    model = Fixed()
    wants = [attacker(protected=("bad",)), attacker(protected=("odd",), standing="stronger")]
    assert deciding_classes(wants, model) == (0,)
    assert deciding_classes([*wants, attacker(goal="good")], model) == (0, 2)
    assert deciding_classes([attacker()], model) == ()
    assert deciding_classes([], model) == ()


def sizes(counts: list[int], *, limit: int) -> list[int]:
    y = np.repeat(np.arange(len(counts)), counts)
    rows = attacked_rows(clean(y), np.arange(len(counts)), limit=limit, rng=rng(0))
    assert len(np.unique(rows)) == len(rows) <= limit
    assert np.array_equal(rows, np.sort(rows))
    return np.bincount(y[rows], minlength=len(counts)).tolist()


def test_the_model_is_asked_once_about_every_row() -> None:
    y = np.array([0, 0, 1, 2])
    x = np.eye(3)[[0, 1, 1, 0]]
    schema = Schema(features=tuple(Feature(name=n) for n in "abc"))
    data = Dataset(
        name="d", x=x, y=y, classes=("bad", "good", "odd"), ids=y, schema=schema, digest=""
    )
    seen = Clean.of(Fixed(), data)
    assert seen.decided.tolist() == [0, 1, 1, 0]
    assert seen.correct.tolist() == [True, False, True, False]
    assert seen.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_all_rare_frauds_are_attacked_up_to_500_of_640() -> None:
    assert sizes([100_000, 492], limit=640) == [148, 492]
    assert sizes([100_000, 500], limit=640) == [140, 500]
    assert sizes([100_000, 5_000], limit=640) == [128, 512]


def test_the_rarest_class_is_not_the_whole_sample() -> None:
    assert sizes([1000, 200], limit=100) == [20, 80]


def test_with_three_classes_each_is_seen() -> None:
    assert sizes([1000, 5, 7], limit=100) == [88, 5, 7]


def test_of_many_classes_each_gets_an_even_share_whichever_the_model_knows_least() -> None:
    assert sizes([1000, 800, 900], limit=100) == [33, 34, 33]
    assert sizes([860, 980, 800, 900, 810, 950, 640, 960, 980, 950], limit=100) == [10] * 10
    assert sizes([400, 3, 400, 400], limit=63) == [20, 3, 20, 20]


def test_where_there_are_few_rows_all_are_taken() -> None:
    assert sizes([3, 4], limit=100) == [3, 4]
    assert sizes([3, 0], limit=100) == [3, 0]
    assert sizes([0, 0], limit=100) == [0, 0]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_very_small_sample_starts_with_the_rarest_class(limit: int) -> None:
    assert sizes([1000, 50], limit=limit)[1] >= 1


def test_with_more_classes_than_rows_chance_decides_which_are_seen_and_not_their_size() -> None:
    y = np.repeat(np.arange(6), [50, 40, 30, 20, 10, 5])
    seen = np.zeros(6)
    for seed in range(40):
        rows = attacked_rows(clean(y), np.arange(6), limit=3, rng=rng(seed))
        assert len(rows) == len(set(y[rows])) == 3
        seen[y[rows]] += 1
    assert (seen >= 8).all()  # each is expected 20 times; 8 or fewer has a chance of 1 in 10,000


def test_only_rows_the_model_gets_right_are_attacked() -> None:
    y, decided = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0])
    rows = attacked_rows(clean(y, decided), np.array([0, 1]), limit=10, rng=rng(0))
    assert rows.tolist() == [0, 2]


def test_only_rows_of_protected_classes_are_attacked() -> None:
    y = np.array([0, 1, 2, 0, 1, 2])
    rows = attacked_rows(clean(y), np.array([2]), limit=10, rng=rng(0))
    assert rows.tolist() == [2, 5]


def test_the_same_seed_chooses_the_same_rows_and_another_seed_others() -> None:
    y = np.zeros(10_000, dtype=np.int64)
    one, again, other = (
        attacked_rows(clean(y), np.array([0]), limit=50, rng=rng(seed)).tolist()
        for seed in (0, 0, 1)
    )
    assert one == again != other


def test_all_classes_are_protected_unless_some_are_named() -> None:
    assert protected_classes(attacker(), Fixed()).tolist() == [0, 1, 2]
    assert protected_classes(attacker(protected=("odd", "bad")), Fixed()).tolist() == [0, 2]


def test_rows_that_are_where_the_attacker_wants_them_are_not_attacked() -> None:
    assert protected_classes(attacker(goal="good"), Fixed()).tolist() == [0, 2]
    aimed = attacker(goal="good", protected=("good", "odd"))
    assert protected_classes(aimed, Fixed()).tolist() == [2]


def test_classes_are_compared_as_they_are_written() -> None:
    model = Fixed(classes=(0, 1, 2))
    assert protected_classes(attacker(protected=("1",)), model).tolist() == [1]


@pytest.mark.parametrize("more", [{"protected": ("ood",)}, {"goal": "ood"}])
def test_a_class_the_model_does_not_know_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"'eve' names class 'ood'; .* are bad, good, odd"):
        protected_classes(attacker(**more), Fixed())


def test_aiming_at_the_only_protected_class_is_refused() -> None:
    with pytest.raises(ConfigError, match="aims at 'good' and attacks only rows of that class"):
        protected_classes(attacker(goal="good", protected=("good",)), Fixed())
