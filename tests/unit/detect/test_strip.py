"""STRIP: the formula by hand, the wrong axis, thresholds, and a planted mark."""

from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import ShapeError
from bartizan.core.schema import Label
from bartizan.detect.strip import COPIES, Strip, entropies, limit, probabilities

RNG = np.random.default_rng(0)


def over_copies(scores: Array, *, copies: int) -> Array:
    """The formula of ART 1.20.1: the entropy of each class over the copies, summed."""
    parts = scores.reshape(-1, copies, scores.shape[1])
    shares = parts / parts.sum(axis=1, keepdims=True)
    bits = -(shares * np.log2(np.maximum(shares, 1e-300))).sum(axis=1)
    return np.asarray(bits.sum(axis=1) / copies)


@dataclass(frozen=True)
class Marked:
    """Class 0 wherever the last pixel is bright; else the class of the brightest other pixel."""

    k: int = 5
    score_kind: ScoreKind = "logit"

    @property
    def classes(self) -> tuple[Label, ...]:
        return tuple(range(self.k))

    def scores(self, x: Array) -> Array:
        scores = 8.0 * x[:, : self.k]
        scores[x[:, -1] > 0.9] = 20.0 * np.eye(self.k)[0]
        return np.asarray(scores)


CLEAN = np.concatenate([RNG.uniform(size=(400, 8)), np.zeros((400, 1))], axis=1)
STAMPED = np.concatenate([RNG.uniform(size=(300, 8)), np.ones((300, 1))], axis=1)


def area(low: Array, high: Array) -> float:
    """Chance that one of the first lies below one of the second."""
    return float((low[:, None] < high[None]).mean() + 0.5 * (low[:, None] == high[None]).mean())


def test_the_entropy_is_that_of_each_answer_averaged_over_the_copies() -> None:
    scores = np.array([[0.5, 0.5], [1.0, 0.0], [0.25, 0.75], [0.25, 0.75]])
    quarter = -(0.25 * np.log2(0.25) + 0.75 * np.log2(0.75))
    np.testing.assert_allclose(entropies(scores, copies=2), [0.5, quarter])


def test_ours_tells_marked_rows_where_the_entropy_over_copies_says_the_opposite() -> None:
    strip, model = Strip(overlays=CLEAN), Marked()
    answers = [
        probabilities(model, strip.laid(rows, rng=np.random.default_rng(1)))
        for rows in (STAMPED, CLEAN)
    ]
    right = [entropies(one, copies=COPIES) for one in answers]
    wrong = [over_copies(one, copies=COPIES) for one in answers]
    assert area(right[0], right[1]) > 0.99
    assert area(wrong[0], wrong[1]) < 0.1


def test_marked_rows_are_refused_and_clean_ones_pass_at_the_stated_rate() -> None:
    strip, model, rng = Strip(overlays=CLEAN[:200]), Marked(), np.random.default_rng(2)
    line = limit(strip.score(model, CLEAN[:200], rng=rng), refused=0.01)
    ready = Strip(overlays=CLEAN[:200], threshold=line)
    assert ready.refused(model, STAMPED, rng=rng).mean() >= 0.99
    assert ready.refused(model, CLEAN[200:], rng=rng).mean() <= 0.05  # 1 %, and chance of 200 rows


def test_no_more_than_the_stated_share_of_the_rows_that_set_it_lies_below_the_threshold() -> None:
    values = RNG.normal(size=1000)
    for refused in (0.0, 0.01, 0.2):
        assert (values < limit(values, refused=refused)).mean() <= refused
    assert limit(np.zeros(0), refused=0.01) == -np.inf


def test_copies_stay_within_the_bounds_of_pictures() -> None:
    made = Strip(overlays=CLEAN).laid(STAMPED, rng=np.random.default_rng(0))
    assert made.shape == (len(STAMPED) * COPIES, 9)
    assert made.min() >= 0.0
    assert made.max() <= 1.0


def test_cells_of_tables_come_from_the_row_or_from_the_other() -> None:
    x, over = np.zeros((5, 4)), np.ones((3, 4))
    made = Strip(overlays=over, mixes=True).laid(x, rng=np.random.default_rng(0))
    assert set(np.unique(made)) == {0.0, 1.0}
    assert 0.2 < made.mean() < 0.8


def test_a_model_of_labels_has_no_entropy() -> None:
    assert not entropies(np.eye(3)[[0, 1, 2, 0]], copies=2).any()


def test_answers_that_do_not_share_out_are_refused() -> None:
    with pytest.raises(ShapeError, match="do not share out"):
        entropies(np.ones((5, 2)) / 2, copies=2)
