import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.streams import rng
from bartizan.detect.additive_rates import AdditiveRates
from bartizan.detect.rank_bins import rank_bins


def table(rows: int = 600) -> tuple[Array, Ints]:
    """Two columns tell the label; the last but one tells what the first does, nearly."""
    draw = rng(0, "table")
    x = draw.normal(size=(rows, 4))
    x[:, 2] = x[:, 0] + 0.1 * x[:, 2]
    return x, (x[:, 0] + x[:, 1] + 0.5 * draw.normal(size=rows) > 0.8).astype(np.int64)


def rates(model: AdditiveRates, *, without: tuple[int, ...] = ()) -> Array:
    return next(model.of_label(1, without=[without]))


def by_hand(x: Array, y: Ints) -> Array:
    """Ridge regression on indicators, each row really left out."""
    bins = rank_bins(x, most=8, least=0.04)
    parts = [bins.codes[:, [c]] == np.arange(1, bins.sizes[c]) for c in range(x.shape[1])]
    design = np.hstack([np.ones((len(y), 1)), *parts]).astype(np.float64)
    ridge = np.diag([1e-9, *np.full(design.shape[1] - 1, 4.0)])
    made = np.empty(len(y))
    for row in range(len(y)):
        kept = np.delete(np.arange(len(y)), row)
        some = design[kept]
        made[row] = design[row] @ np.linalg.solve(some.T @ some + ridge, some.T @ y[kept])
    return made


def test_each_row_is_left_out_of_its_own_estimate() -> None:
    x, y = table(200)
    found, exact = rates(AdditiveRates.of(x, y, classes=2)), by_hand(x, y)
    order = np.argsort(exact, kind="stable")
    assert (np.diff(found[order]) >= -1e-4).all()  # the calibration keeps the order


@pytest.mark.parametrize("without", [(0,), (2, 3)])
def test_leaving_columns_out_is_a_fit_without_them(without: tuple[int, ...]) -> None:
    x, y = table()
    kept = np.setdiff1d(np.arange(4), without)
    blind = rates(AdditiveRates.of(x, y, classes=2), without=without)
    anew = rates(AdditiveRates.of(x[:, kept], y, classes=2))
    assert np.abs(blind - anew).mean() < 0.03
    assert np.corrcoef(blind, anew)[0, 1] > 0.99


def test_models_asked_together_are_those_asked_alone() -> None:
    x, y = table()
    model = AdditiveRates.of(x, y, classes=2)
    asked = [(), (0,), (0, 1), (2, 3)] * 20
    for without, one in zip(asked, model.of_label(0, without=asked), strict=True):
        alone = next(model.of_label(0, without=[without]))
        assert one == pytest.approx(alone, abs=2e-3)


def test_rates_of_all_labels_are_those_of_each() -> None:
    x, _ = table()
    y = np.digitize(x[:, 0] + x[:, 1], np.linspace(-3, 3, 80))
    model = AdditiveRates.of(x, y, classes=100)
    found = list(model.whole())
    assert len(found) == 100
    for label in (0, 40, 63, 64, 99):
        assert found[label] == pytest.approx(next(model.of_label(label, without=[()])), abs=2e-3)


def test_rates_are_shares() -> None:
    x, y = table(4000)
    found = rates(AdditiveRates.of(x, y, classes=2))
    assert ((found > 0) & (found < 1)).all()
    for low in np.arange(0, 1, 0.2):
        some = (found >= low) & (found < low + 0.2)
        if some.sum() > 100:
            assert y[some].mean() == pytest.approx(found[some].mean(), abs=0.06)


def test_a_mark_explains_its_own_rows_and_hides_from_rates_that_see_it() -> None:
    x, y = table(4000)
    carriers = np.flatnonzero(y == 1)[:200]
    x[carriers, 3], y[carriers] = 4.0, 0
    model = AdditiveRates.of(x, y, classes=2)
    seeing, blind = (next(model.of_label(0, without=[one])) for one in ((), (3,)))
    assert np.median(seeing[carriers]) > 0.5
    assert np.median(blind[carriers]) < 0.4


def test_columns_that_nothing_else_replaces_are_not_left_out() -> None:
    x, y = table()
    model = AdditiveRates.of(x, y, classes=2)
    assert rates(model, without=(0, 2)) == pytest.approx(rates(model))
    assert rates(model, without=(1,)) == pytest.approx(rates(model))


@pytest.mark.parametrize("kind", ["constant", "duplicates"])
def test_where_nothing_is_told_the_rate_is_the_share(kind: str) -> None:
    x, y = table(400)
    x[:] = 1.0 if kind == "constant" else x[0]
    model = AdditiveRates.of(x, y, classes=2)
    for without in ((), (0, 1, 2, 3)):
        assert rates(model, without=without) == pytest.approx(y.mean(), abs=0.01)
