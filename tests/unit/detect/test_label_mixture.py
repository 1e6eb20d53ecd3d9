import numpy as np
from scipy.optimize import check_grad

from bartizan.core.streams import rng
from bartizan.detect.label_mixture import Mixture


def test_the_slope_is_that_of_the_likelihood() -> None:
    draws = rng(1)
    evidence = tuple(draws.dirichlet(np.ones(4), size=30) for _ in range(2))
    y = draws.integers(4, size=30)
    taken = np.array([0.01, 0.02, 0.03, 0.0])
    for mixture in (
        Mixture(evidence=evidence, y=y),
        Mixture(evidence=evidence, y=y, taken=taken, soft=0.03),
    ):
        told = draws.normal(size=2 + 1 + 8)
        slip = check_grad(
            lambda t, m=mixture: m.surprise(t)[0], lambda t, m=mixture: m.surprise(t)[1], told
        )
        assert slip < 1e-4
