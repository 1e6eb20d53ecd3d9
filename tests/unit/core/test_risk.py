"""Likelihood, impact, detection: which comes first."""

from itertools import product

import pytest

from bartizan.core.errors import Error
from bartizan.core.risk import PRIORITIES, STEPS, Factors

_CELLS = tuple(product(range(1, STEPS + 1), repeat=3))


def _factors(likelihood: int, impact: int, detection: int) -> Factors:
    return Factors(likelihood=likelihood, impact=impact, detection=detection)


@pytest.mark.parametrize("cell", _CELLS)
def test_a_step_up_in_one_factor_never_lowers_the_priority_or_the_rank(
    cell: tuple[int, int, int],
) -> None:
    here = _factors(*cell)
    for place in range(3):
        up = [step + (place == at) for at, step in enumerate(cell)]
        if max(up) <= STEPS:
            above = _factors(*up)
            assert PRIORITIES.index(above.priority) >= PRIORITIES.index(here.priority)
            assert above.rank > here.rank


@pytest.mark.parametrize("cell", _CELLS)
def test_what_is_at_stake_bounds_the_priority(cell: tuple[int, int, int]) -> None:
    likelihood, impact, _ = cell
    priority = _factors(*cell).priority
    if impact == STEPS:
        assert priority != "low"
    if impact == STEPS and likelihood >= 3:
        assert priority == "high"
    if impact <= 2:
        assert priority != "high"


def test_equal_products_can_have_different_priorities() -> None:
    nuisance, disaster = _factors(5, 1, 4), _factors(4, 5, 1)
    assert nuisance.product == disaster.product
    assert (nuisance.priority, disaster.priority) == ("medium", "high")


def test_thirty_products_stand_for_all_cells() -> None:
    # the count that the reference measured, and the reason why products do not rank
    assert len({_factors(*cell).product for cell in _CELLS}) == 30


@pytest.mark.parametrize("wrong", [0, 6])
def test_steps_off_the_scale_are_refused(wrong: int) -> None:
    with pytest.raises(Error, match="from 1 to 5"):
        _factors(wrong, 1, 1)
