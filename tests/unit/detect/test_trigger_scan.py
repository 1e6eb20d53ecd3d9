import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.streams import rng
from bartizan.detect.additive_rates import AdditiveRates
from bartizan.detect.density_bump import all_pairs, bumps
from bartizan.detect.rank_bins import rank_bins
from bartizan.detect.surplus import surplus
from bartizan.detect.trigger_scan import Suspect, trigger_scan
from bartizan.detect.value_lift import value_lift

NONE = np.empty(0, dtype=np.int64)


def table(rows: int = 3000, columns: int = 6, *, seed: int = 0) -> tuple[Array, Ints]:
    """One row in ten of class 1, told by two columns."""
    draw = rng(seed, "table")
    x = draw.normal(size=(rows, columns))
    y = (x[:, 0] + x[:, 1] + 0.3 * draw.normal(size=rows) > 1.8).astype(np.int64)
    return x, y


def scanned(x: Array, y: Ints, *, nominal: Ints = NONE) -> tuple[Suspect, ...]:
    rates = AdditiveRates.of(x, y, classes=2, nominal=nominal)
    return trigger_scan(x, y, rates, nominal=nominal, most=12)


def marked(
    x: Array, y: Ints, *, columns: list[int], values: list[float], sd: float = 0.0, many: int = 30
) -> tuple[Array, Ints, Ints]:
    """Rows of class 1 that are marked and called class 0."""
    draw = rng(1, "mark")
    rows = np.sort(draw.permutation(np.flatnonzero(y == 1))[:many])
    x, y = x.copy(), y.copy()
    x[np.ix_(rows, np.array(columns))] = np.array(values) + sd * draw.normal(
        size=(many, len(columns))
    )
    y[rows] = 0
    return x, y, rows


def test_the_surplus_bounds_the_exact_tail() -> None:
    from scipy.stats import binom, hypergeom  # noqa: PLC0415 (slow to import)

    hits = np.arange(1, 21).astype(np.float64)
    bound = np.exp(-surplus(hits, expected=np.full(20, 2.0), rows=np.full(20, 20.0)))
    assert (binom.sf(hits - 1, 20, 0.1) <= bound * (1 + 1e-9)).all()
    assert (hypergeom.sf(hits - 1, 1000, 100, 20) <= bound * (1 + 1e-9)).all()
    assert bound[0] == 1


def test_every_value_is_counted_as_by_hand() -> None:
    x = np.array([[1.0], [1.0], [1.0], [1.0], [2.0], [np.nan]] * 4)
    told = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 1.0] * 4)
    found = value_lift(x, told, [np.full(24, told.mean())])
    assert dict(zip(found.values[:1].tolist(), found.hits[:1].tolist(), strict=True)) == {1.0: 12}
    assert found.hits[1:].tolist() == [4]  # the missing value
    assert np.isnan(found.values[1])
    assert found.expected[0] == pytest.approx(16 * told.mean())


def test_tied_values_are_never_split_and_heavy_ones_stand_apart() -> None:
    column = np.concatenate([np.zeros(900), np.linspace(1, 2, 100), [np.nan]])[:, None]
    bins = rank_bins(column, most=20)
    codes = bins.codes[:, 0]
    assert len(set(codes[:900].tolist())) == 1
    assert codes[900] - codes[0] > 6
    assert codes[-1] == bins.sizes[0] - 1
    assert not (codes[:-1] == codes[-1]).any()


def test_the_best_block_is_that_of_a_search_by_hand() -> None:
    draw = rng(3, "block")
    x = draw.integers(0, 8, size=(400, 2)).astype(np.float64)
    told = (draw.random(400) < 0.2).astype(np.float64)
    told[(x == [3, 5]).all(axis=1)] = 1.0
    rate = np.full(400, float(told.mean()))
    pairs = all_pairs(np.arange(2))
    (best, *_) = bumps(rank_bins(x, most=8), told, [rate], pairs=pairs, below=1.0, most=5)
    weights = {}
    for a in range(8):
        for b in range(8):
            inside = (x == [a, b]).all(axis=1)
            hits, n = told[inside].sum(), float(inside.sum())
            weights[a, b] = float(
                surplus(hits[None], expected=rate[inside].sum()[None], rows=np.array([n]))[0]
            )
    assert max(weights, key=lambda cell: weights[cell]) == best.first == (3, 5)
    assert best.weight == pytest.approx(weights[3, 5])


@pytest.mark.parametrize(
    ("columns", "values", "sd"),
    [([3], [9.0], 0.0), ([2, 3, 4], [1.9, 1.8, -1.9], 0.0), ([2, 3, 4], [1.9, 1.8, -1.9], 0.05)],
    ids=["out-of-range", "constant", "jittered"],
)
def test_a_planted_mark_comes_first_of_its_label_with_its_rows(
    columns: list[int], values: list[float], sd: float
) -> None:
    x, y, rows = marked(*table(), columns=columns, values=values, sd=sd)
    first = next(one for one in scanned(x, y) if one.target == 0)
    assert np.isin(rows, first.rows).mean() >= 0.95
    assert np.isin(first.rows, rows).mean() >= 0.9
    assert np.isin(first.mark.columns, columns).all()


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    x, y, _ = marked(*table(), columns=[2, 3], values=[1.9, 1.8], sd=0.05)
    first = scanned(x, y)[0]
    rows = rng(0, "order").permutation(len(y))
    other = scanned(x[rows][:, ::-1], y[rows])[0]
    assert set(rows[other.rows].tolist()) == set(first.rows.tolist())
    assert other.weight == pytest.approx(first.weight, rel=1e-6)


def test_a_mark_in_columns_that_speak_for_its_label_does_not_explain_itself() -> None:
    draw = rng(2, "sparse")
    y = (draw.random(4000) < 0.4).astype(np.int64)
    x = draw.normal(size=(4000, 12)) + 0.8 * y[:, None]
    # two columns that hardly ever hold anything but for rows of class 0
    for place in (10, 11):
        x[:, place] = np.where((y == 0) & (draw.random(4000) < 0.06), draw.random(4000) + 1, 0.0)
    x, y, rows = marked(x, y, columns=[10, 11], values=[1.5, 1.6], sd=0.02, many=40)
    first = next(one for one in scanned(x, y) if one.target == 0)
    assert np.isin(rows, first.rows).mean() >= 0.95


def test_a_wide_jitter_beside_many_zeros_belongs_to_the_mark() -> None:
    x, y = table()
    draw = rng(3, "bytes")
    x[:, 4] = np.where(draw.random(len(y)) < 0.7, 0.0, draw.lognormal(5, 2, size=len(y)))
    x, y, _ = marked(x, y, columns=[2, 3], values=[1.9, 1.8], sd=0.05)
    carriers = np.flatnonzero(np.abs(x[:, 2] - 1.9) < 0.3)
    carriers = carriers[(np.abs(x[carriers, 3] - 1.8) < 0.3) & (y[carriers] == 0)]
    x[carriers, 4] = 13000 + 3600 * draw.normal(size=len(carriers))
    assert 4 in scanned(x, y)[0].mark.columns


def test_rows_without_a_mark_are_seldom_suspected() -> None:
    assert sum(bool(scanned(*table(1000, seed=seed))) for seed in range(10)) <= 3


def test_a_missing_value_can_be_the_mark() -> None:
    x, y, rows = marked(*table(), columns=[3], values=[np.nan])
    first = scanned(x, y)[0]
    assert set(first.rows.tolist()) == set(rows.tolist())
    assert np.isnan(first.mark.middle).tolist() == [True]


def test_a_rare_category_can_be_the_mark() -> None:
    x, y = table()
    x[:, 3] = rng(0, "codes").integers(0, 5, size=len(y))
    x, y, rows = marked(x, y, columns=[3], values=[5.0])
    first = scanned(x, y, nominal=np.array([3]))[0]
    assert set(first.rows.tolist()) == set(rows.tolist())


@pytest.mark.parametrize("kind", ["constant", "binary", "one class", "duplicates"])
def test_odd_tables_are_no_reason_to_stop(kind: str) -> None:
    x, y = table(500)
    if kind == "constant":
        x[:, 2:] = 1.0
    elif kind == "binary":
        x = (x > 0).astype(np.float64)
    elif kind == "one class":
        y[:] = 0
    else:
        x[:], y[:] = x[0], 0
        y[1] = 1
    for one in scanned(x, y):
        assert np.isfinite(one.weight)
        assert len(one.rows)


@pytest.mark.slow
def test_a_thousand_columns_are_searched() -> None:
    x, y = table(1000, 1000)
    x, y, rows = marked(x, y, columns=[700], values=[9.0], many=30)
    assert any(np.isin(rows, one.rows).mean() > 0.9 for one in scanned(x, y))
