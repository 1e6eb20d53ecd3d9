from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from bartizan.core.entry import DetectorResult, finished
from bartizan.core.streams import rng
from bartizan.data.detectors import sources
from bartizan.data.detectors.flips import flipped
from bartizan.data.labelled import Labelled
from unit.data.labelled_rows import made


def found(rows: Labelled) -> DetectorResult:
    assert sources.applies(rows) == ""
    return finished(sources.run(rows, params=sources.Params(), rng=rng(0)))


def test_the_source_that_mislabels_is_named_and_its_wrong_rows_with_it() -> None:
    rows, _ = made(1000, sources=10, apart=2.0)
    own = np.flatnonzero(rows.sources == 3)
    planted = own[::3]
    spoilt = flipped(rows, planted, rng=rng(1))
    result = found(spoilt)
    assert [one.value for one in result.check.flagged] == ["shop 3"]
    assert result.check.measures[0].value == pytest.approx(len(own) / 1000)
    assert result.check.rows is not None
    assert np.isin(np.asarray(rows.data.ids)[planted], result.check.rows).mean() > 0.8
    assert np.isin(result.check.rows, np.asarray(rows.data.ids)[own]).all()
    assert len(np.unique(result.p[own])) == 1


def test_honest_sources_are_not_named_even_where_classes_overlap() -> None:
    named = 0
    for seed in range(4):
        rows, _ = made(600, sources=8, apart=0.5, seed=seed)
        named += (found(rows).check.measures[0].value or 0.0) > 0
    assert named <= binom.ppf(0.999, 4, 0.01)


def test_wrong_labels_from_everywhere_name_nobody() -> None:
    rows, _ = made(1000, rate=0.1, sources=10)
    assert found(rows).check.flagged == ()


def test_a_control_names_its_source() -> None:
    rows, _ = made(600, sources=6)
    told = sources.control(rows=rows, rng=rng(2))
    assert told.passed
    assert "were made wrong; named were 'shop" in told.detail


def test_a_control_fails_where_labels_are_noise() -> None:
    rows, _ = made(600, sources=6)
    data = replace(rows.data, y=rng(4).integers(2, size=600))
    told = sources.control(rows=rows.replaced(data, rows=np.arange(600)), rng=rng(2))
    assert not told.passed


def test_without_sources_and_with_one_there_is_nothing_to_say() -> None:
    rows, _ = made(100)
    assert "who contributed" in sources.applies(rows)
    alone = replace(rows, sources=np.zeros(100, dtype=np.int64), source_names=("a",))
    assert "Fewer than two sources" in sources.applies(alone)


def test_small_sources_are_not_judged_and_counted() -> None:
    rows, _ = made(600, sources=4, apart=2.0)
    assert rows.sources is not None
    spoilt = flipped(rows, np.flatnonzero(rows.sources == 2)[5::2], rng=rng(1))
    place = rows.sources.copy()
    place[:5] = 4
    result = found(replace(spoilt, sources=place, source_names=("a", "b", "c", "d", "e")))
    assert any(text.startswith("1 sources with fewer") for text in result.check.remarks)
    assert (result.p[:5] == 1).all()
    assert (result.p[5:][place[5:] == 2] < 1).all()
