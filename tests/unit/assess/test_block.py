from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.block import Block, BlockResult, attack
from bartizan.assess.validate import Validator
from bartizan.attack import coordinate
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Access
from bartizan.core.classifier import decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle
from models import Additive
from worlds import WORLDS

WORLD = WORLDS["mixed"]
MODEL = WORLD.model()


@dataclass(frozen=True)
class Plain:
    """Decodes to steps of a size; none = as it is."""

    step: float = 0.0

    def decode(self, x: Array) -> Any:
        return x

    def round(self, x: Array) -> Array:
        if not self.step:
            return x
        x = x.copy()
        x[:, 1:4] = np.round(x[:, 1:4] / self.step) * self.step
        return x


def validator(model: Any = MODEL, *, step: float = 0.0, access: Access = "scores") -> Validator:
    return Validator(
        model=model, codec=Plain(step), schema=WORLD.schema,
        attacker=WORLD.attacker("L2", access=access), scale=WORLD.space.scale,
    )  # fmt: skip


def block(first: int = 8, *, run: Any = coordinate.run, **more: Any) -> Block:
    x = WORLD.x[first : first + 8]
    parts: dict[str, Any] = {
        "key": f"k{first}", "stream": ("assess", "coordinate", first), "seed": 1, "run": run,
        "params": coordinate.Params(), "x": x, "y": decisions(MODEL.scores(x)), "target": None,
        "constraint": WORLD.constraint(WORLD.attacker("L2", access="scores")), "queries": 200,
    }  # fmt: skip
    return Block(**{**parts, **more})


def same(left: BlockResult, right: BlockResult) -> bool:
    one, other = left.arrays(), right.arrays()
    return all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_what_a_block_finds_is_confirmed() -> None:
    result = attack(block(), validator())
    assert result.success.any()
    assert not result.error
    assert np.isfinite(result.price[result.success]).all()
    assert (result.decided[result.success] >= 0).all()
    assert (result.queries <= 200).all()
    assert result.calls > 0
    assert 0 <= result.model_s <= result.wall_s


def test_a_block_gives_the_same_bytes_alone_and_after_another_one() -> None:
    alone = attack(block(), validator())
    attack(block(16), validator())
    assert same(attack(block(), validator()), alone)


def test_another_stream_or_seed_gives_other_bytes() -> None:
    one = attack(block(), validator())
    assert not same(attack(block(stream=("assess", "other")), validator()), one)
    assert not same(attack(block(seed=2), validator()), one)


@pytest.mark.parametrize(
    "error", [ValueError("no"), ZeroDivisionError("by zero"), MemoryError(), IndexError(3)]
)
def test_a_crash_inside_an_entry_is_a_result_with_its_reason(error: Exception) -> None:
    def crash(*_: Any, **__: Any) -> AttackResult:
        raise error

    result = attack(block(run=crash), validator())
    assert result.error == f"{type(error).__name__}: {error}"
    assert result.points.shape == (0, WORLD.x.shape[1])
    assert result.success.shape == (0,)


def test_somebody_who_stops_the_run_is_not_a_crash() -> None:
    def stop(*_: Any, **__: Any) -> AttackResult:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attack(block(run=stop), validator())


def test_what_was_asked_before_a_crash_is_counted() -> None:
    def crash(oracle: Oracle, _: Constraint, x: Array, y: Ints, **__: Any) -> AttackResult:
        oracle.wrong(x[:5], np.arange(5))
        raise ValueError

    result = attack(block(run=crash), validator())
    assert result.error
    assert (result.asked, result.calls) == (5, 1)
    assert attack(block(), validator()).asked > 8


def test_a_result_that_is_taken_over_knows_what_it_cost() -> None:
    result = attack(block(), validator())
    again = BlockResult.restored(result.arrays())
    assert again.asked == result.asked
    assert again.taken_over
    assert again.calls == 0


def test_a_model_that_breaks_down_is_a_crash_too() -> None:
    class Broken(Additive):
        def scores(self, x: Array) -> Array:
            message = f"cannot score {len(x)} rows"
            raise RuntimeError(message)

    broken = Broken(MODEL.weights, MODEL.offset, MODEL.tables)
    assert attack(block(), validator(broken)).error.startswith("RuntimeError: cannot score")


def liar(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
    """Asks twice, and claims everything for one question."""
    rows = np.arange(len(x))
    oracle.wrong(x, rows)
    oracle.wrong(x, rows)
    sure, one = np.ones(len(x), dtype=bool), np.ones(len(x), dtype=np.int64)
    return AttackResult(x.copy(), sure, np.zeros(len(x)), one, one)


def test_nothing_that_an_attack_says_of_itself_is_believed() -> None:
    result = attack(block(run=liar), validator())
    assert result.claimed.all()
    assert not result.success.any()
    assert np.isinf(result.price).all()
    assert (result.queries == 2).all()
    assert (result.needed == -1).all()


def test_a_row_never_needed_more_questions_than_were_asked() -> None:
    def boast(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **more: Any) -> Any:
        found = coordinate.run(oracle, constraint, x, y, **more)
        return replace(found, needed=found.needed * 10**6)

    result = attack(block(run=boast), validator())
    assert (result.needed > 0).any()
    assert (result.needed <= result.queries).all()


def test_an_attack_that_answers_for_other_rows_than_it_was_given_has_crashed() -> None:
    def fewer(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
        return replace(liar(oracle, constraint, x, y), points=x[1:])

    def silent(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
        return replace(liar(oracle, constraint, x, y), needed=y[:0])

    assert "expected `points` for 8 rows" in attack(block(run=fewer), validator()).error
    assert "expected `needed` for 8 rows" in attack(block(run=silent), validator()).error


def dear(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
    """Finds a point that costs a little more than the budget; rounding brings it within."""
    rows = np.arange(len(x))
    points = x.copy()
    points[:, 4] += 0.401 * constraint.space.scale[4]
    points = constraint.repair(x, points)
    sure = oracle.wrong(points, rows)
    price = np.where(sure, constraint.price(x, points), np.inf)
    return AttackResult(points, sure, price, oracle.queries, np.full(len(x), -1))


def test_a_row_that_rounding_brings_within_the_budget_needed_what_it_asked() -> None:
    class Shy(Additive):
        """Changes its mind as soon as the fifth column moves."""

        def scores(self, x: Array) -> Array:
            return np.stack([np.zeros(len(x)), x[:, 4] - 45.0], axis=1)

    model = Shy(MODEL.weights, MODEL.offset)

    class Coarse(Plain):
        def round(self, x: Array) -> Array:
            x = x.copy()
            x[:, 4] = np.floor(x[:, 4])
            return x

    x = np.floor(WORLD.x[~np.isnan(WORLD.x[:, 4])])
    x = x[(x[:, 4] < 45) & (x[:, 4] > 30) & ~np.isnan(x).any(axis=1)][:6]
    y = np.zeros(len(x), dtype=np.int64)
    result = attack(block(run=dear, x=x, y=y), replace(validator(model), codec=Coarse()))
    within = result.price <= 0.4
    assert within.any()
    assert (result.needed[within] == result.queries[within]).all()


def test_after_the_deadline_a_block_ends_with_what_it_has() -> None:
    full = attack(block(), validator())
    late = attack(block(deadline=0.0), validator())
    assert not late.error
    assert late.queries.sum() < full.queries.sum() / 2
    assert same(attack(block(deadline=1e18), validator()), full)


def test_a_result_comes_back_from_the_store_as_it_was() -> None:
    result = attack(block(), validator())
    back = BlockResult.restored(result.arrays())
    assert same(back, result)
    assert (back.calls, back.model_s, back.wall_s, back.error) == (0, 0.0, 0.0, "")


def test_times_are_not_among_the_repeatable_results() -> None:
    assert not {"wall_s", "model_s", "calls"} & set(attack(block(), validator()).arrays())
