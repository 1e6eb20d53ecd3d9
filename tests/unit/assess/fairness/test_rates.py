"""Counts of cells, rates, and samples drawn anew."""

import numpy as np

from bartizan.assess.fairness.partition import crossings, questions, told
from bartizan.assess.fairness.rates import RATES, Cells, Side, drawn
from bartizan.core.arrays import Ints
from unit.assess.fairness.worlds import grouping

_R = np.random.default_rng(3)
_N = 3000
_Y, _D = _R.integers(0, 2, _N), _R.integers(0, 2, _N)
_G, _H = _R.integers(0, 4, _N), _R.integers(0, 3, _N)
_ASK = questions(("no", "yes"), ())[0]


def side(codes: Ints, rows: Ints) -> Side:
    return Side.of(grouping(codes), _ASK, rows=rows, y=_Y, decided=_D)


def test_rates_are_those_counted_row_by_row() -> None:
    cells = Cells.of([_G, _H, _Y, _D])
    assert cells.counts.sum() == _N
    tally = side(_G, cells.first).tallied(cells.counts[None])
    for group in range(4):
        y, d = _Y[group == _G], _D[group == _G]
        wanted = (d.mean(), d[y == 1].mean(), d[y == 0].mean(), y[d == 1].mean(), (y == d).mean())
        assert np.allclose(tally.rates[0, :, group], wanted)
        sizes = (len(y), (y == 1).sum(), (y == 0).sum(), (d == 1).sum(), len(y))
        assert tuple(tally.rows[0, :, group]) == sizes


def test_drawing_counts_is_drawing_rows() -> None:
    cells = Cells.of([_G, _Y, _D])
    found = drawn([side(_G, cells.first)], cells, draws=4000, rng=np.random.default_rng(0))[0]
    stream = np.random.default_rng(1)
    by_row = np.empty((1500, len(RATES), 4))
    for number in range(len(by_row)):
        rows = stream.integers(0, _N, _N)
        y, d, g = _Y[rows], _D[rows], _G[rows]
        for group in range(4):
            mine = g == group
            by_row[number, :, group] = (
                d[mine].mean(),
                d[mine & (y == 1)].mean(),
                d[mine & (y == 0)].mean(),
                y[mine & (d == 1)].mean(),
                (y == d)[mine].mean(),
            )
    assert np.allclose(found.rates.mean(axis=0), by_row.mean(axis=0), atol=0.003)
    assert np.allclose(found.rates.std(axis=0), by_row.std(axis=0), rtol=0.08)
    ends = [np.quantile(one, (0.025, 0.975), axis=0) for one in (found.rates, by_row)]
    assert np.allclose(ends[0], ends[1], atol=0.012)


def test_a_pair_of_columns_crosses_in_what_occurs_and_keeps_every_row() -> None:
    one, two = grouping(_G), grouping(np.where(_G == 0, 0, _H), column="h", least=70)
    (both,) = crossings([one, two])
    assert both.column == "g x h"
    assert both.least == 70
    assert len(both.names) == 1 + 3 * 3  # group 0 of g meets group 0 of h alone
    for name, code in zip(both.names, range(len(both.names)), strict=True):
        g, h = (int(part) for part in name.split(", "))
        assert np.array_equal(both.codes == code, (one.codes == g) & (two.codes == h))


def test_rows_of_truth_are_counted_for_each_group() -> None:
    counts = told(grouping(_G), _Y == 1)
    assert counts.tolist() == [
        [int(((g == _G) & (_Y == 1)).sum()), int(((g == _G) & (_Y == 0)).sum())] for g in range(4)
    ]


def test_two_classes_have_one_question_and_more_have_one_each_unless_some_are_protected() -> None:
    assert [one.words for one in questions((0, 1), ())] == ["'1'"]
    assert [one.words for one in questions(("a", "b", "c"), ())] == ["'a'", "'b'", "'c'"]
    (one,) = questions(("a", "b", "c"), (0, 2))
    assert one.words == "'a' or 'c'"
    assert one.wanted.tolist() == [True, False, True]
