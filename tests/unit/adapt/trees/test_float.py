import numpy as np
import pytest

from bartizan.adapt.trees.float import below, single_at_most, single_below
from bartizan.core.arrays import Array

LARGEST = float(np.finfo(np.float32).max)
TINY = float(np.float32(1e-45))
SPECIAL = [0.0, -0.0, 0.5, 1.0, 1 / 3, TINY, -TINY, 1e-40, -1e-40, 1e-60, 16777217.0, LARGEST]
SPECIAL += [-LARGEST, 2.0**127, 1e39, -1e39, 1e300, -1e300, np.inf, -np.inf]


def thresholds() -> Array:
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, size=3000, dtype=np.uint32).view(np.float32)
    doubles = rng.normal(size=1000) * 10.0 ** rng.integers(-44, 38, size=1000)
    return np.concatenate((SPECIAL, bits[np.isfinite(bits)].astype(float), doubles))


def around(found: Array) -> Array:
    """Doubles beside the answers, beside midpoints of float32, and any other; (t, rows)."""
    rng = np.random.default_rng(1)
    with np.errstate(over="ignore", invalid="ignore"):
        single = found.astype(np.float32)
        parts = [found, np.nextafter(found, np.inf), np.nextafter(found, -np.inf)]
        for way in (np.inf, -np.inf):
            other = np.nextafter(single, np.float32(way)).astype(float)
            middle = 0.5 * single.astype(float) + 0.5 * other
            parts += [other, middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)]
    random = rng.normal(size=(3, len(found))) * 10.0 ** rng.integers(-46, 39, size=(3, len(found)))
    return np.concatenate((np.stack(parts), random, -random, np.zeros((1, len(found)))))


def singles(values: Array) -> Array:
    with np.errstate(over="ignore"):
        return values.astype(np.float32).astype(float)


@pytest.mark.parametrize("strict", [False, True])
def test_a_value_is_at_most_the_answer_exactly_if_it_passes_in_single_precision(
    *, strict: bool
) -> None:
    limit = thresholds()
    found = (single_below if strict else single_at_most)(limit)
    x = around(found)
    read = singles(x)
    passes = read < limit if strict else read <= limit
    usable = ~np.isnan(x) & ~np.isneginf(x)  # no row of data is minus infinity
    assert usable.sum() > 10 * len(limit)
    np.testing.assert_array_equal((x <= found)[usable], passes[usable])


def test_below_is_strictly_less_in_double_precision() -> None:
    limit = thresholds()
    found = below(limit)
    for x in (limit, np.nextafter(limit, -np.inf), np.nextafter(limit, np.inf), -limit):
        finite = np.isfinite(x)
        np.testing.assert_array_equal((x <= found)[finite], (x < limit)[finite])


def test_halves_go_to_the_float_with_an_even_last_bit() -> None:
    step = 2.0**-23
    assert single_at_most(1.0) == 1.0 + step / 2
    assert single_at_most(1.0 + step) == np.nextafter(1.0 + 1.5 * step, 0.0)
    assert single_at_most(0.0) == 2.0**-150
    assert single_at_most(LARGEST) == np.nextafter(2.0**128 - 2.0**103, 0.0)
