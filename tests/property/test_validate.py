"""Two independent implementations agree: the validator, and the constraint attacks work with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.assess.validate import Confirmed, Validator
from bartizan.core.arrays import Array
from models import Yes
from plain import Plain
from property.tables import ROWS, Case, case

RULES = st.sampled_from([(), ("n0 = n1 + n2",), ("n0 <= n1", "n2 >= n0")])
CASES = st.builds(lambda seed, rules: case(seed, relations=rules), st.integers(0, 10**6), RULES)


def confirmed(it: Case, points: Array) -> Confirmed:
    validator = Validator(
        model=Yes(classes=(0, 1)),
        codec=Plain(),
        schema=it.schema,
        attacker=it.constraint.attacker,
        scale=it.constraint.space.scale,
    )
    return validator.confirm(
        it.x0, points, y=np.zeros(ROWS, dtype=np.int64), claimed=np.ones(ROWS, dtype=bool)
    )


@given(it=CASES)
def test_what_the_constraint_calls_valid_is_confirmed_at_the_same_price(it: Case) -> None:
    made = it.repaired
    sure = confirmed(it, made)
    valid = it.constraint.valid(it.x0, made)
    assert np.array_equal(sure.success, valid)
    assert sure.price[valid] == pytest.approx(
        it.constraint.price(it.x0[valid], made[valid]), rel=1e-9, abs=1e-12
    )


@settings(max_examples=200)
@given(it=CASES, seed=st.integers(0, 10**6))
def test_they_reject_the_same_spoilt_rows(it: Case, seed: int) -> None:
    draw = np.random.default_rng(seed)
    made = it.repaired
    column = draw.integers(0, made.shape[1], ROWS)
    change = draw.choice([-100.0, -1.0, -0.5, 0.5, 1.0, 100.0, np.nan], ROWS)
    made[np.arange(ROWS), column] += change
    assert np.array_equal(confirmed(it, made).success, it.constraint.valid(it.x0, made))
