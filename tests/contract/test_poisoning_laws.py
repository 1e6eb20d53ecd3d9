"""Laws that every attack on training data keeps."""

from copy import deepcopy

import numpy as np
import pytest

from bartizan.attack.poisoning.backdoor import differing
from bartizan.attack.poisoning.quota import quota
from bartizan.core.streams import rng
from bartizan.core.trigger import Poisoned
from poison_worlds import RATE, TARGET, Case, N, cases

CASES = cases()
MARKLESS = ("random flips", "targeted flips", "chosen flips", "gradient")
every = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


def poisoned(case: Case, seed: int = 0) -> Poisoned:
    return case.run(case.x, case.y, rng(seed, "poison"))


@every
def test_the_input_is_unchanged(case: Case) -> None:
    x, y = deepcopy(case.x), case.y.copy()
    poisoned(case)
    assert not differing(x, case.x).any()
    assert np.array_equal(y, case.y)


@every
def test_the_same_seed_gives_the_same_result(case: Case) -> None:
    first, again = poisoned(case), poisoned(case)
    assert not differing(first.x, again.x).any()
    assert np.array_equal(first.y, again.y)
    assert np.array_equal(first.rows, again.rows)


@every
def test_another_seed_draws_other_rows(case: Case) -> None:
    same = np.array_equal(poisoned(case).rows, poisoned(case, seed=1).rows)
    assert same is not case.drawn


@every
def test_the_rate_is_met_to_the_row(case: Case) -> None:
    assert len(poisoned(case).rows) == quota(N, rate=RATE) == 10


@every
def test_rows_are_ascending_and_exactly_those_that_differ(case: Case) -> None:
    made = poisoned(case)
    assert made.x.shape == case.x.shape
    assert made.y.shape == case.y.shape
    differ = differing(made.x, case.x) | (made.y != case.y)
    assert np.array_equal(made.rows, np.flatnonzero(differ))


@every
def test_labels_are_classes(case: Case) -> None:
    made = poisoned(case)
    assert made.y.dtype == np.int64
    assert set(made.y) <= set(range(case.classes))


@every
def test_poisoned_rows_have_the_label_of_the_target(case: Case) -> None:
    made = poisoned(case)
    if made.trigger is None:
        assert made.target is None
        assert (made.y[made.rows] != case.y[made.rows]).all()
    else:
        assert made.target == TARGET
        assert (made.y[made.rows] == TARGET).all()


@every
def test_values_stay_within_bounds_and_whole(case: Case) -> None:
    made = poisoned(case)
    if case.bounds is not None:
        assert made.x.min() >= case.bounds[0]
        assert made.x.max() <= case.bounds[1]
    if case.whole:
        assert np.array_equal(made.x, np.rint(made.x))


@pytest.mark.parametrize("name", [one for one in CASES if one not in MARKLESS])
def test_a_mark_can_be_put_on_no_row_and_says_what_it_is(name: str) -> None:
    case = CASES[name]
    trigger = poisoned(case).trigger
    assert trigger is not None
    assert trigger.stamp(case.x[:0], rng=rng(0)).shape == case.x[:0].shape
    assert trigger.text
