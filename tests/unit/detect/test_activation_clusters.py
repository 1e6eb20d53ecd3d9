"""Two groups in a hidden layer, and what their rows are without it."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.schema import Label
from bartizan.detect.activation_clusters import cluster_scores, halves, reclassified


@dataclass(frozen=True)
class Rounded:
    """Says the class that the first number rounds to."""

    classes: tuple[Label, ...] = (0, 1, 2)
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        return np.eye(3)[np.rint(x[:, 0]).astype(np.int64)]


def test_two_heaps_are_told_from_one() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 8))
    y = np.repeat([0, 1], 200)
    x[:40] += 8
    poisoned, clean = halves(x, y, rng=rng)
    assert poisoned.suspects.tolist() == list(range(40))
    assert poisoned.share == 0.2
    assert poisoned.silhouette > 0.5 > clean.silhouette
    score = cluster_scores(x, (poisoned, clean))
    assert roc_auc_score(np.arange(200) < 40, score[:200]) == 1.0


def test_a_group_of_one_row_among_thousands_is_split_off_and_has_a_silhouette() -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(6000, 3))
        x[7] = 1e4
        (one,) = halves(x, np.zeros(6000, dtype=np.int64), rng=rng)
        assert one.suspects.tolist() == [7]
        assert one.silhouette > 0.9


def test_few_rows_and_equal_rows_are_not_split() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([np.ones((50, 3)), rng.normal(size=(2, 3))])
    found = halves(x, np.repeat([0, 1], [50, 2]), rng=rng)
    assert found == ()
    assert (cluster_scores(x, found) == -1).all()


def test_rows_of_another_class_are_told_by_a_model_that_never_saw_them() -> None:
    x = np.array([[0.0], [1.0], [2.0], [2.0]])
    assert reclassified(Rounded(), x, label=0) == (0.75, 2)
    assert reclassified(Rounded(), x[:1], label=0) == (0.0, 0)
