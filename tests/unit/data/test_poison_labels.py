from dataclasses import dataclass, replace

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier
from bartizan.core.dataset import Dataset
from bartizan.core.entry import DetectorResult, finished
from bartizan.core.streams import rng
from bartizan.data.detectors import labels
from bartizan.data.labelled import Labelled
from unit.data.labelled_rows import labelled, made


def found(rows: Labelled, *, seed: int = 0) -> DetectorResult:
    assert labels.applies(rows) == ""
    return finished(labels.run(rows, params=labels.Params(), rng=rng(seed)))


def test_wrong_labels_are_counted_named_and_put_right() -> None:
    rows, wrong = made(rate=0.1)
    result = found(rows)
    share, named = result.check.measures
    assert share.low is not None
    assert share.high is not None
    assert share.low <= 0.1 <= share.high
    assert share.value == pytest.approx(0.1, abs=0.02)
    ids = np.asarray(rows.data.ids)[wrong]
    assert result.check.rows is not None
    assert np.isin(ids, result.check.rows).mean() > 0.9
    assert np.isin(result.check.rows, ids).mean() > 0.9
    assert named.value == len(result.check.rows) / 800
    assert result.suggested is not None
    right = (result.suggested[wrong] == 1 - rows.data.y[wrong]).mean()
    assert right > 0.9
    assert "looks like" in result.check.flagged[0].why


@pytest.mark.parametrize("classes", [2, 7])
def test_honest_labels_pass(classes: int) -> None:
    rows, _ = made(classes=classes)
    result = found(rows)
    assert (result.check.measures[0].value or 0.0) <= 0.01
    assert result.check.rows is not None
    assert len(result.check.rows) <= 2


def test_honest_rows_of_classes_that_overlap_are_not_accused() -> None:
    rows, _ = made(apart=0.3)
    result = found(rows)
    assert result.check.rows is not None
    assert len(result.check.rows) == 0
    assert (result.check.measures[0].low or 0.0) <= 0.01


def test_a_control_finds_its_flips_where_classes_are_apart_and_not_where_they_are_not() -> None:
    assert labels.control(rows=made(400)[0], rng=rng(1)).passed
    draws = rng(2)
    noise = labelled(draws.normal(size=(400, 5)), draws.integers(2, size=400))
    told = labels.control(rows=noise, rng=rng(1))
    assert not told.passed
    assert "20 of 400 rows were given a wrong label" in told.detail


def test_rows_of_a_class_with_two_rows_are_not_judged() -> None:
    rows, _ = made()
    y = rows.data.y.copy()
    y[[3, 500]] = 2
    data = replace(rows.data, y=y, classes=(0, 1, 2))
    result = found(Labelled(data=data))
    assert (result.p[[3, 500]] == 1).all()
    assert any("2 rows are of classes" in text for text in result.check.remarks)


def test_one_class_and_few_rows_are_refused_in_a_sentence() -> None:
    assert "two classes" in labels.applies(labelled(np.ones((60, 5)), np.zeros(60, dtype=int)))
    assert "at least 50" in labels.applies(labelled(np.ones((10, 5)), np.arange(10) % 2))


def test_rows_that_are_all_equal_say_nothing() -> None:
    result = found(labelled(np.ones((80, 5)), np.arange(80) % 2))
    assert result.check.rows is not None
    assert len(result.check.rows) == 0
    assert result.check.measures[0].value is None
    assert "no better than by chance" in result.check.measures[0].why


def test_features_without_variance_do_not_matter() -> None:
    rows, wrong = made(rate=0.1)
    x = rows.data.x.copy()
    x[:, 4] = 1.0
    result = found(Labelled(data=replace(rows.data, x=x)))
    assert result.check.measures[0].value == pytest.approx(len(wrong) / 800, abs=0.03)


@dataclass(frozen=True)
class Logits:
    """Says logits, a little different each time."""

    classes: tuple[int, ...]
    middles: Array
    draws: np.random.Generator
    score_kind: str = "logit"

    def scores(self, x: Array) -> Array:
        gaps = ((x[:, None] - self.middles) ** 2).sum(axis=2)
        return np.asarray(-gaps / 2 + 0.01 * self.draws.normal(size=gaps.shape))


class Restless:
    """A recipe that is not deterministic."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del rng
        middles = np.stack([data.x[data.y == c].mean(axis=0) for c in range(2)])
        made: Classifier = Logits((0, 1), middles, np.random.default_rng())  # type: ignore[assignment] # score_kind is a literal
        return made


def test_a_recipe_of_logits_that_is_not_deterministic_serves() -> None:
    rows, _ = made(rate=0.1)
    result = found(replace(rows, recipe=Restless()))
    assert result.check.measures[0].value == pytest.approx(0.1, abs=0.03)
    assert result.check.remarks[0].startswith("Your own recipe")


@pytest.mark.slow
def test_a_thousand_classes_are_judged() -> None:
    draws = rng(3)
    y = np.repeat(np.arange(1000), 5)
    x = 20 * draws.normal(size=(1000, 5))[y] + 0.1 * draws.normal(size=(5000, 5))
    rows = labelled(x, y)
    result = found(rows)
    assert result.p.shape == (5000,)
    assert (result.check.measures[0].value or 0.0) < 0.05
