from collections.abc import Callable

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.streams import rng
from bartizan.detect.crowding import (
    PROJECTIONS,
    Crowd,
    centre_and_scale,
    crowded,
    signs,
    standardised,
)


def crowd_of(values: Array, *, seed: int = 0, most: int = 10_000) -> Crowd:
    centre, scale = centre_and_scale(values)
    d = values.shape[1]
    directions = rng(seed, "directions").normal(size=(d, PROJECTIONS)) / np.sqrt(PROJECTIONS)
    points = standardised(values, centre=centre, scale=scale) @ directions
    rows = np.unique(points.round(9), axis=0)
    return crowded(rows, columns=d, most=most, rng=rng(seed, "crowd"))


HONEST: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "normal": lambda draw, n: draw.normal(size=(n, 10)),
    "one dimension": lambda draw, n: draw.normal(size=(n, 1)),
    "two dimensions": lambda draw, n: draw.normal(size=(n, 2)),
    "a line in ten": lambda draw, n: draw.normal(size=(n, 1)) @ draw.normal(size=(1, 10)),
    "long tails": lambda draw, n: draw.standard_cauchy(size=(n, 5)),
    "whole numbers": lambda draw, n: draw.integers(0, 100, (n, 3)).astype(float),
    "grades": lambda draw, n: draw.integers(0, 5, (n, 8)).astype(float),
    "a walk": lambda draw, n: np.cumsum(draw.normal(size=(n, 4)), axis=0),
    "a circle": lambda draw, n: np.stack(
        [f(draw.uniform(0, 6.28, n)) for f in (np.sin, np.cos)], axis=1
    ),
    "groups": lambda draw, n: (
        draw.normal(size=(20, 6))[draw.integers(0, 20, n)] * 5 + draw.normal(size=(n, 6))
    ),
}


@pytest.mark.parametrize("kind", HONEST)
@pytest.mark.parametrize("seed", range(3))
def test_honest_rows_are_not_crowded(kind: str, seed: int) -> None:
    assert crowd_of(HONEST[kind](rng(seed, kind), 3000), seed=seed).share <= 0.005


@pytest.mark.parametrize("jitter", [0.001, 0.01, 0.03])
@pytest.mark.parametrize(("bases", "copies"), [(300, 1), (60, 5), (20, 60)])
def test_copies_with_small_changes_are_found(jitter: float, bases: int, copies: int) -> None:
    draw = rng(0, "copies")
    values = draw.normal(size=(3000, 10))
    again = np.repeat(values[:bases], copies, axis=0)
    again += jitter * draw.normal(size=again.shape)
    found = crowd_of(np.concatenate([values, again]))
    assert found.share >= 0.05


def test_partners_are_the_copies() -> None:
    draw = rng(0, "partners")
    points = draw.normal(size=(2000, PROJECTIONS)) * 3
    points[1000:1100] = points[:100] + 0.001
    found = crowded(points, columns=10, most=5000, rng=draw)
    assert set(found.rows) == set(range(100)) | set(range(1000, 1100))
    pairs = dict(zip(found.rows.tolist(), found.partners[:, 0].tolist(), strict=True))
    assert all(pairs[k] == k + 1000 and pairs[k + 1000] == k for k in range(100))
    assert found.share == pytest.approx(0.1)


def test_a_sample_of_the_rows_gives_the_same_share() -> None:
    draw = rng(0, "sample")
    values = draw.normal(size=(10_000, 10))
    values = np.concatenate([values, values[:1000] + 0.01 * draw.normal(size=(1000, 10))])
    assert crowd_of(values, most=2000).share == pytest.approx(2000 / 11_000, abs=0.03)


@pytest.mark.parametrize("n", [0, 1, 5, 19])
def test_too_few_rows_are_never_crowded(n: int) -> None:
    assert crowd_of(np.zeros((n, 3)) + np.arange(n)[:, None]).share == 0 if n else True
    assert crowded(np.zeros((n, PROJECTIONS)), columns=3, most=10, rng=rng(0)).share == 0


def test_units_are_robust_and_never_zero() -> None:
    draw = rng(0, "units")
    values = np.column_stack(
        [draw.normal(5, 2, 4000), np.ones(4000), np.zeros(4000), np.full(4000, np.nan)]
    )
    values[:5, 2], values[:100, 0] = 1, 1e9
    centre, scale = centre_and_scale(values)
    assert centre[:2] == pytest.approx([5, 1], abs=0.2)
    assert scale[0] == pytest.approx(2, abs=0.2)
    assert (scale > 0).all()
    assert np.isfinite(standardised(values, centre=centre, scale=scale)).all()


def test_equal_categories_fall_together_and_others_lie_apart() -> None:
    hashes = rng(0, "hashes").integers(0, 2**63, 200).astype(np.uint64)
    spots = signs(np.concatenate([hashes, hashes[:1]]))
    assert (spots[0] == spots[-1]).all()
    apart = np.linalg.norm(spots[:100] - spots[100:200], axis=1)
    assert apart.mean() == pytest.approx(np.sqrt(2), abs=0.1)
