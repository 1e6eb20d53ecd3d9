"""Rates, gaps and ratios beside Fairlearn's, and what is told of small groups."""

from typing import Any

import numpy as np
import pytest

from bartizan.assess.fairness.judging import ALARMS, CAUGHT, SELECTION, Judged, judged
from bartizan.assess.fairness.partition import crossings, questions
from bartizan.core.groups import Grouping
from unit.assess.fairness.worlds import erring, grouping

_R = np.random.default_rng(5)
_N = 4000
_G, _H = _R.integers(0, 5, _N), _R.integers(0, 2, _N)
_Y = (_R.random(_N) < 0.2 + 0.1 * _G).astype(np.int64)
_D = erring(_Y, 0.1 + 0.05 * _G * _H, rng=_R)


def found(*parts: Grouping, draws: int = 50) -> Judged:
    asked = questions(("no", "yes"), ())
    return judged(parts, asked, y=_Y, decided=_D, draws=draws, rng=np.random.default_rng(0))


def fairlearn() -> Any:
    """The peer."""
    return pytest.importorskip("fairlearn.metrics", reason="the extra `oracle` has fairlearn")


@pytest.mark.parametrize("crossed", [False, True])
def test_every_rate_of_every_group_is_fairlearns(*, crossed: bool) -> None:
    from sklearn.metrics import accuracy_score, precision_score  # noqa: PLC0415 (slow to import)

    peer = fairlearn()
    parts = [grouping(_G), grouping(_H, column="h")]
    frame = peer.MetricFrame(
        metrics={
            "selection-rate": peer.selection_rate,
            "true-positive-rate": peer.true_positive_rate,
            "false-positive-rate": peer.false_positive_rate,
            "precision": precision_score,
            "accuracy": accuracy_score,
        },
        y_true=_Y,
        y_pred=_D,
        sensitive_features=np.column_stack([_G, _H]) if crossed else _G,
    ).by_group
    mine = found(*(crossings(parts) if crossed else parts[:1])).records()
    assert len(mine) == len(frame)
    for one, (_, wanted) in zip(mine, frame.iterrows(), strict=True):
        for rate in one.rates:
            assert rate.value == pytest.approx(wanted[rate.name], abs=1e-12)


def test_gaps_and_ratio_are_fairlearns() -> None:
    peer = fairlearn()
    same = {"sensitive_features": _G}
    one = found(grouping(_G))
    odds, parity = one.widest(CAUGHT, ALARMS)[0], one.widest(SELECTION)[0]
    assert odds is not None
    assert parity is not None
    assert odds.value == pytest.approx(peer.equalized_odds_difference(_Y, _D, **same), abs=1e-12)
    wanted = peer.demographic_parity_difference(_Y, _D, **same)
    assert parity.value == pytest.approx(wanted, abs=1e-12)
    wanted = peer.demographic_parity_ratio(_Y, _D, **same)
    assert one.ratio().value == pytest.approx(wanted, abs=1e-12)


def test_a_rate_on_too_few_rows_is_not_told_and_not_compared() -> None:
    codes = np.where(np.arange(_N) < 60, 5, _G)  # a group of 60 rows with gaps of its own
    decided = np.where(codes == 5, 1 - _Y, _D)
    asked = questions(("no", "yes"), ())
    one = judged(
        [grouping(codes)], asked, y=_Y, decided=decided, draws=50, rng=np.random.default_rng(0)
    )
    small = one.records()[5]
    assert small.n == 60
    assert {rate.name for rate in small.rates if rate.value is None} == {
        "true-positive-rate",
        "false-positive-rate",
        "precision",
    }
    assert all("too few to say" in rate.why for rate in small.rates if rate.value is None)
    widest, where = one.widest(CAUGHT, ALARMS)
    assert widest is not None
    assert where is not None
    assert 5 not in widest.groups
    assert widest.pairs == 20


def test_intervals_hold_their_rate_and_those_of_all_or_nothing_are_exact() -> None:
    decided = np.where(_G == 0, _Y, _D)  # no error in group 0
    asked = questions(("no", "yes"), ())
    one = judged(
        [grouping(_G)], asked, y=_Y, decided=decided, draws=400, rng=np.random.default_rng(0)
    )
    for group in one.records():
        for rate in group.rates:
            assert rate.value is not None
            assert rate.low is not None
            assert rate.high is not None
            assert rate.low <= rate.value <= rate.high
            assert rate.high > rate.low
    accuracy = one.records()[0].rate("accuracy")
    assert accuracy is not None
    assert accuracy.low == pytest.approx(0.025 ** (1 / int((_G == 0).sum())))


def test_where_nobody_is_selected_there_is_no_ratio() -> None:
    asked = questions(("no", "yes"), ())
    one = judged(
        [grouping(_G)], asked, y=_Y, decided=0 * _Y, draws=20, rng=np.random.default_rng(0)
    )
    assert one.ratio().value is None
    half = judged(
        [grouping(_H)], asked, y=_Y, decided=_H, draws=20, rng=np.random.default_rng(0)
    ).ratio()
    assert (half.value, half.low) == (0.0, 0.0)
    assert half.high is not None
    assert half.high < 0.01
