"""Steps of PGD, one by one."""

import numpy as np
import pytest

from bartizan.attack import pgd
from bartizan.core.attacker import Attacker, NormName
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box
from bartizan.core.streams import rng
from models import CountingSlopes, linear

D = 4
EPS = 0.01


@pytest.mark.parametrize("norm", ["L2", "Linf"])
@pytest.mark.parametrize(("share", "steps"), [(0.25, 10), (1.0, 40), (2.0, 20)])
def test_all_steps_together_reach_two_and_a_half_times_the_radius(
    norm: NormName, share: float, steps: int
) -> None:
    """On a plane they go straight on until the ball ends them, each as long as the others."""
    model = CountingSlopes(linear(np.arange(1.0, D + 1), offset=-10.0))
    x = np.zeros((1, D))
    constraint = Constraint(
        Box.uniform(D), Attacker(name="a", access="gradients", norm=norm, eps=EPS), x[:0]
    )
    oracle = Oracle(model, y=np.zeros(1, dtype=np.int64), access="gradients")
    pgd.run(
        oracle, constraint, x, oracle.y,
        params=pgd.Params(steps=steps, sweep=(share,), polish=False), rng=rng(0),
    )  # fmt: skip
    far = np.array([float(constraint.price(x, seen)[0]) for seen in model.seen])
    radius = share * EPS
    assert len(far) == steps + 1
    wanted = np.minimum(2.5 * radius / steps * np.arange(steps + 1), radius)
    assert far == pytest.approx(wanted, rel=1e-9)
