"""Groups of rows that stand apart."""

import numpy as np
import pytest

from bartizan.detect.standing_apart import groups, split


@pytest.mark.parametrize("bad", [12, 60, 150])
def test_a_group_is_found_whatever_its_share(bad: int) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(300, 50))
    z[:bad, 7] += 12
    first = groups(z, rng=rng)[0]
    best = first if first.member[0] else first.other
    assert best.apart > 4
    assert (best.member == (np.arange(300) < bad)).mean() > 0.99
    assert best.along[:bad].min() > np.median(best.along[bad:])


def test_one_heap_has_no_group_far_apart() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        found = groups(rng.normal(size=(400, 30)), rng=rng)
        assert not [one for one in found if one.apart > 2.3 and one.gain > 20]


def test_a_split_is_told_once_and_turned_round_on_request() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(100, 5))
    z[:30, 0] += 10
    found = groups(z, rng=rng)
    upper = found[0]
    lower = upper.other
    assert np.array_equal(lower.member, ~upper.member)
    assert lower.along[lower.member].mean() > lower.along[~lower.member].mean()
    assert not any(np.array_equal(lower.member, other.member) for other in found[1:])


def test_few_rows_and_equal_rows_have_no_groups() -> None:
    rng = np.random.default_rng(0)
    assert groups(rng.normal(size=(2, 5)), rng=rng) == ()
    assert groups(np.ones((100, 5)), rng=rng) == ()
    assert groups(np.zeros((0, 5)), rng=rng) == ()


def test_the_gain_of_a_split_is_that_of_the_likelihood() -> None:
    values = np.concatenate([np.random.default_rng(0).normal(size=500), np.full(500, 40.0)])
    values += np.random.default_rng(1).normal(size=1000) * 1e-3
    made = split(values)
    assert made is not None
    upper, gain, _ = made
    assert upper.sum() == 500
    t = (values - values.mean()) / values.std()
    one = -0.5 * 1000 * (1 + np.log(2 * np.pi))
    two = 1000 * np.log(0.5)
    for side in (upper, ~upper):
        variance = max(float(t[side].var()), 1e-2)
        middle = t[side].mean()
        two -= 0.5 * float(
            (np.log(2 * np.pi * variance) + (t[side] - middle) ** 2 / variance).sum()
        )
    assert gain == pytest.approx(two - one, rel=1e-3)


def test_equal_values_have_no_split() -> None:
    assert split(np.ones(10)) is None
