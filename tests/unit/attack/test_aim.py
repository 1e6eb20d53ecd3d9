from typing import Any

import numpy as np
import pytest

from bartizan.attack.aim import Aim, Scores
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box
from bartizan.core.streams import rng
from models import Counting, linear
from worlds import KINDS, WORLDS

WEIGHTS = np.array([2.0, -1.0, 0.0])


def aim(
    model: Any, constraint: Constraint, x: Array, *, queries: int = 500
) -> tuple[Aim, Scores, Oracle]:
    oracle = Oracle(model, y=np.zeros(len(x), dtype=np.int64), access="scores", budget=queries)
    trail = Trail(constraint, x, oracle=oracle)
    scores = Scores(oracle, constraint, x0=x, trail=trail)
    return Aim(scores, rng=rng(0)), scores, oracle


def plane(**bounds: float) -> Constraint:
    attacker = Attacker(name="a", access="scores", norm="L2", eps=0.5)
    return Constraint(Box.uniform(3, **bounds), attacker, np.zeros((1, 3)))


def test_probes_find_the_slopes_of_a_plane() -> None:
    x = np.array([[0.2, 0.2, 0.2], [0.5, 0.1, 0.9]])
    made, scores, oracle = aim(linear(WEIGHTS, offset=-3.0), plane(lower=0, upper=1), x)
    rows = np.arange(2)
    margin = scores.ask(x, rows)
    made.probe(rows, points=x, margin=margin, step=np.full(2, 0.1))
    assert made._gain == pytest.approx(np.tile(0.5 * WEIGHTS, (2, 1)))  # per budget of 0.5
    assert oracle.queries.tolist() == [1 + 6, 1 + 6]


def test_at_a_bound_the_one_way_that_is_left_is_probed() -> None:
    x = np.array([[1.0, 0.0, 0.5]])
    made, scores, oracle = aim(linear(WEIGHTS, offset=-3.0), plane(lower=0, upper=1), x)
    row = np.zeros(1, dtype=np.int64)
    made.probe(row, points=x, margin=scores.ask(x, row), step=np.full(1, 0.1))
    assert made._gain == pytest.approx(0.5 * WEIGHTS[None])
    assert oracle.queries.tolist() == [1 + 4]


@pytest.mark.parametrize(("uphill", "slope"), [(True, -2.0), (False, 0.0)])
def test_where_both_ways_help_the_better_one_is_taken_and_where_none_does_none(
    *, uphill: bool, slope: float
) -> None:
    class Fold:
        """Its margin falls (or rises) on both sides of nothing, twice as fast on the left."""

        classes = (0, 1)
        score_kind = "logit"

        def scores(self, x: Array) -> Array:
            fall = np.where(x[:, 0] > 0, x[:, 0], -2 * x[:, 0])
            return np.stack([5 - fall if uphill else 5 + fall, np.zeros(len(x))], axis=1)

    x = np.zeros((1, 3))
    made, scores, _ = aim(Fold(), plane(), x)
    row = np.zeros(1, dtype=np.int64)
    made.probe(row, points=x, margin=scores.ask(x, row), step=np.full(1, 0.1))
    assert made._gain[0, 0] == pytest.approx(0.5 * slope)


def test_a_shot_at_a_plane_is_as_short_as_can_be_and_stays_in_the_budget() -> None:
    x = np.array([[0.2, 0.2, 0.2]])
    made, scores, oracle = aim(linear(WEIGHTS, offset=-1.0), plane(), x)
    row = np.zeros(1, dtype=np.int64)
    made.probe(row, points=x, margin=scores.ask(x, row), step=np.full(1, 0.1))
    assert made.shoot(row).tolist() == [0]
    best = 0.8 / np.linalg.norm(WEIGHTS)
    assert best <= scores.trail.price[0] < best * 1.01
    assert oracle.queries[0] < 30


def test_what_cannot_be_sent_is_not_asked_about_and_counts_as_no_success() -> None:
    x = np.array([[0.2, 0.2, 0.2]])
    model = Counting(linear(WEIGHTS))
    _, scores, oracle = aim(model, plane(lower=0, upper=1), x)
    margin = scores.ask(np.array([[5.0, 0, 0], [0.3, 0.2, 0.2]]), np.zeros(2, dtype=np.int64))
    assert np.isinf(margin[0])
    assert np.isfinite(margin[1])
    assert oracle.queries.tolist() == [1]


def test_probes_take_a_quarter_of_the_questions_left_at_most() -> None:
    x = np.zeros((1, 3))
    made, scores, oracle = aim(linear(WEIGHTS, offset=-3.0), plane(), x, queries=17)
    row = np.zeros(1, dtype=np.int64)
    made.probe(row, points=x, margin=scores.ask(x, row), step=np.full(1, 0.1))
    assert oracle.queries[0] == 1 + 4


@pytest.mark.parametrize("world", ["line", "bounded", "choices"])  # nothing is rounded or mended
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("with_choices", [False, True])
def test_what_is_promised_within_a_radius_costs_no_more(
    world: str, kind: str, *, with_choices: bool
) -> None:
    home = WORLDS[world]
    constraint = home.constraint(home.attacker(kind, access="scores"))
    model = home.model()
    x, rows = home.x[20:30], np.arange(10)
    made, scores, _ = aim(model, constraint, x)
    margin = scores.ask(x, rows)
    made.probe_choices(rows, margin=margin)
    made.probe(rows, points=x, margin=margin, step=np.ones(10))
    for radius in (0.2, 1.0, 3.0):
        points = made.promised(rows, np.full(10, radius), with_choices=with_choices)
        price = constraint.price(x, points) / constraint.attacker.budget
        assert (price <= radius + 1e-9).all()
        assert constraint.valid(x, points).all()


def test_the_best_option_of_each_choice_is_known_after_probing() -> None:
    home = WORLDS["choices"]
    constraint = home.constraint(home.attacker("L2", access="scores"))
    model = home.model()
    x, rows = home.x[:10], np.arange(10)
    made, scores, _ = aim(model, constraint, x)
    own = (model.scores(x)[:, 0] - model.scores(x)[:, 1])[:, None]
    made.probe_choices(rows, margin=scores.ask(x, rows))
    for place, switch in enumerate(constraint.switches):
        column = int(switch.columns[0])
        margins = []
        for option in range(4):
            changed = x.copy()
            changed[:, column] = option
            value = model.scores(changed)
            margins.append(value[:, 0] - value[:, 1])
        gain = own - np.stack(margins, axis=1)
        assert made._choice_gain[:, place] == pytest.approx(np.maximum(gain.max(axis=1), 0))
        better = gain.max(axis=1) > 0
        assert np.array_equal(made._choice[better, place], gain.argmax(axis=1)[better])
