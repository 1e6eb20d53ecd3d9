import numpy as np
import pytest

from bartizan.core.arrays import AnyArray
from bartizan.core.streams import rng
from bartizan.detect.distinct import KEPT, Distinct


def hashes(count: int, seed: int = 0) -> AnyArray:
    return rng(seed).integers(0, 1 << 64, size=count, dtype=np.uint64)


@pytest.mark.parametrize("count", [0, 1, 2, 100, KEPT - 1])
def test_few_values_are_counted_exactly(count: int) -> None:
    found = Distinct()
    values = hashes(count)
    found.see(values)
    found.see(values[::-1])
    assert found.count() == count


@pytest.mark.parametrize("count", [KEPT, 10_000, 200_000])
def test_many_values_are_estimated_within_the_stated_error(count: int) -> None:
    errors = []
    for seed in range(20):
        found = Distinct()
        found.see(hashes(count, seed))
        errors.append(found.count() / count - 1)
    assert np.sqrt(np.mean(np.square(errors))) < 1.6 / np.sqrt(KEPT - 2)  # chi-square, p < 1e-6
    assert abs(np.mean(errors)) < 4.5 / np.sqrt(20 * (KEPT - 2))


@pytest.mark.parametrize("parts", [1, 3, 500])
def test_the_count_does_not_depend_on_the_parts_or_their_order(parts: int) -> None:
    values = np.repeat(hashes(20_000), 2)
    whole = Distinct()
    whole.see(values)
    found = Distinct()
    for part in np.array_split(rng(1).permutation(values), parts):
        found.see(part)
    assert found.count() == whole.count()
