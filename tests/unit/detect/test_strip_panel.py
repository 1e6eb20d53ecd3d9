"""Overlays of a filter: chosen for the surest clean rows, the same for every row."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.schema import Label
from bartizan.detect import strip_panel
from bartizan.detect.strip import COPIES, Strip
from bartizan.detect.strip_panel import chosen, fitted

RNG = np.random.default_rng(0)


@dataclass
class Brightest:
    """The class of the brightest of five pixels, or the first where the sixth is bright."""

    asked: int = 0
    score_kind: ScoreKind = "logit"
    classes: tuple[Label, ...] = (0, 1, 2, 3, 4)

    def scores(self, x: Array) -> Array:
        self.asked += len(x)
        scores = 8.0 * x[:, :5]
        scores[x[:, 5] > 0.9] = 20.0 * np.eye(5)[0]
        return np.asarray(scores)


def rows(n: int, *, mark: float = 0.0) -> Array:
    """Pictures of which a few have one pixel far brighter than the rest."""
    made = RNG.uniform(size=(n, 5)) ** 4
    return np.concatenate([made, np.full((n, 1), mark)], axis=1)


def test_the_choice_is_the_best_of_all_where_few_can_be_tried() -> None:
    each = np.random.default_rng(1).uniform(size=(20, 5))  # all rows are the tail: sums decide
    best = max(combinations(range(5), 2), key=lambda pair: each[:, pair].sum())
    assert sorted(chosen(each, count=2)) == list(best)


def test_a_candidate_that_lifts_the_surest_rows_comes_before_one_that_lifts_the_others() -> None:
    n = 10 * strip_panel._FEWEST
    sure = np.arange(n) < n // 10
    each = np.stack([np.where(sure, 0.0, 1.0), np.where(sure, 0.2, 0.0)], axis=1)
    assert chosen(each, count=1).tolist() == [0]  # without either the tail is anybody
    both = np.concatenate([each, each[:, :1]], axis=1)
    assert chosen(both, count=2).tolist() == [0, 1]


def test_every_row_gets_the_same_overlays_each_once() -> None:
    strip = Strip(overlays=rows(3), fixed=True)
    made = strip.laid(np.zeros((2, 6)), rng=RNG).reshape(2, 3, 6)
    np.testing.assert_array_equal(made[0], strip.overlays)
    np.testing.assert_array_equal(made[0], made[1])


def test_equal_rows_get_equal_entropies() -> None:
    ready = fitted(Strip(overlays=rows(60)), Brightest(), rows(200), refused=0.01, rng=RNG)
    score = ready.score(Brightest(), np.repeat(rows(1), 5, axis=0), rng=RNG)
    np.testing.assert_allclose(score, score[0])


def test_marked_rows_are_refused_clean_ones_pass_and_no_row_costs_more_than_25_questions() -> None:
    model = Brightest()
    ready = fitted(Strip(overlays=rows(300)), model, rows(400), refused=0.01, rng=RNG)
    model.asked = 0
    assert ready.refused(model, rows(500, mark=1.0), rng=RNG).mean() >= 0.99
    assert model.asked == 500 * COPIES
    assert COPIES <= 25
    assert ready.refused(model, rows(2000), rng=RNG).mean() <= 0.03


def test_few_overlays_are_all_used() -> None:
    ready = fitted(Strip(overlays=rows(7)), Brightest(), rows(50), refused=0.01, rng=RNG)
    assert len(ready.overlays) == 7


def test_cells_of_tables_are_drawn_and_get_a_threshold_alone() -> None:
    strip = Strip(overlays=rows(50), mixes=True)
    ready = fitted(strip, Brightest(), rows(100), refused=0.05, rng=RNG)
    assert not ready.fixed
    assert np.isfinite(ready.threshold)


def test_many_wide_rows_are_asked_in_parts_and_answers_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    strip, x = Strip(overlays=rows(4), fixed=True), rows(11)
    whole = strip.score(Brightest(), x, rng=RNG)
    monkeypatch.setattr("bartizan.detect.strip._BLOCK", 50)
    np.testing.assert_array_equal(strip.score(Brightest(), x, rng=RNG), whole)
