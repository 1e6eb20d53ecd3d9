import os
from pathlib import Path

import numpy as np
import pytest

from bartizan import load_dataset
from bartizan.core.entry import DetectorResult, finished
from bartizan.core.streams import rng
from bartizan.data.detectors import values
from bartizan.data.labelled import Labelled
from unit.data.labelled_rows import labelled, made

FOLDER = Path(os.environ.get("BARTIZAN_DATA", "/nonexistent"))


def found(rows: Labelled) -> DetectorResult:
    assert values.applies(rows) == ""
    return finished(values.run(rows, params=values.Params(), rng=rng(0)))


def test_rows_with_wrong_labels_do_harm_and_are_named() -> None:
    rows, wrong = made(1000, rate=0.05)
    result = found(rows)
    assert result.check.rows is not None
    ids = np.asarray(rows.data.ids)[wrong]
    assert np.isin(ids, result.check.rows).mean() > 0.5
    assert np.isin(result.check.rows, ids).mean() > 0.8
    assert result.check.flagged[0].row in ids


def test_honest_rows_of_classes_apart_do_no_harm() -> None:
    result = found(made(1000)[0])
    assert (result.check.measures[0].value or 0.0) <= 0.005


def test_a_control_names_its_flips_where_classes_are_apart_and_not_in_noise() -> None:
    assert values.control(rows=made(800)[0], rng=rng(1)).passed
    draws = rng(2)
    noise = labelled(draws.normal(size=(400, 5)), draws.integers(2, size=400))
    assert not values.control(rows=noise, rng=rng(1)).passed


@pytest.mark.parametrize("few", [2, 3])
def test_rows_that_are_all_equal_say_nothing(few: int) -> None:
    """Else each row of the rarer class would do harm: it leads its equals astray."""
    result = found(labelled(np.ones((1000, 5)), (np.arange(1000) > 1000 // few).astype(np.int64)))
    first = result.check.measures[0]
    assert first.value is None
    assert "no better than rows drawn at random" in first.why
    assert (result.p == 1).all()


def test_noise_says_nothing() -> None:
    draws = rng(5)
    result = found(labelled(draws.normal(size=(600, 5)), (draws.random(600) < 0.2).astype(int)))
    assert result.check.measures[0].value is None


def test_one_source_for_all_rows_is_as_none() -> None:
    rows, _ = made(400, rate=0.1)
    alone = Labelled(data=rows.data, sources=np.zeros(400, dtype=np.int64), source_names=("a",))
    assert found(alone).p.tolist() == found(rows).p.tolist()
    assert len(np.asarray(found(alone).check.rows)) > 0


@pytest.mark.data
@pytest.mark.skipif(
    not FOLDER.is_dir(), reason="BARTIZAN_DATA does not name a folder of public data sets"
)
def test_honest_rows_of_classes_that_overlap_do_harm_and_do_not_fail() -> None:
    path = FOLDER / "adult/adult-train.csv.gz"
    data = load_dataset(path, target="c14", has_header=False).dataset
    for seed in range(3):
        some = np.sort(rng(seed, "sample").permutation(len(data.y))[:2000])
        first = found(Labelled(data=data.take(some))).check.measures[0]
        assert (first.value or 0) > 0.05
        assert (first.low or 0) < values.ENTRY.threshold[2]


def test_very_many_rows_are_refused_in_a_sentence() -> None:
    n = 50_001
    assert "too many" in values.applies(labelled(np.ones((n, 5)), np.arange(n) % 2))
