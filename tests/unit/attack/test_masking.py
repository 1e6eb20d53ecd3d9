"""Models that hide their gradients are told from models that do not."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from bartizan.attack import fmn, pgd
from bartizan.attack.differences import Compared
from bartizan.attack.masking import Flag, Probe, Signs, probe, signs
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import Loss, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box
from bartizan.core.streams import rng

N, D, EPS = 40, 10, 0.5
NOTHING = np.zeros(8, dtype=bool)
UNTOLD = Compared(agrees=NOTHING, differs=NOTHING)


@dataclass
class Planes:
    """Three logits, or what a defence makes of them."""

    weights: Array = field(default_factory=lambda: rng(0, "planes").normal(size=(D, 3)))
    hidden: Array = field(default_factory=lambda: rng(0, "hidden").normal(size=(D, D)) / 3)
    classes: tuple[int, ...] = (0, 1, 2)
    score_kind: str = "logit"

    def scores(self, x: Array) -> Array:
        return self.logits(x)

    def logits(self, x: Array) -> Array:
        return x @ self.weights

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, slope = loss(self.scores(x))
        return value, self.back(x, slope)

    def back(self, x: Array, slope: Array) -> Array:
        """The derivative by the input, given that by the scores."""
        assert len(x) == len(slope)
        return slope @ self.weights.T


class Network(Planes):
    """A small network with a bend."""

    def logits(self, x: Array) -> Array:
        return np.maximum(x @ self.hidden, 0) @ self.weights + x @ self.weights / 5

    def back(self, x: Array, slope: Array) -> Array:
        bent = (slope @ self.weights.T) * (x @ self.hidden > 0)
        return bent @ self.hidden.T + slope @ self.weights.T / 5


class Detached(Planes):
    """The gradient is cut off."""

    def back(self, x: Array, slope: Array) -> Array:
        return 0 * super().back(x, slope)


class Broken(Planes):
    """The gradient is not a number."""

    def back(self, x: Array, slope: Array) -> Array:
        return np.nan * super().back(x, slope)


class Saturated(Planes):
    """Logarithms of the softmax of logits a thousand times too large, cut at the smallest float."""

    def scores(self, x: Array) -> Array:
        return np.log(np.maximum(self.odds(x), 1e-300))

    def odds(self, x: Array) -> Array:
        logits = 1e3 * self.logits(x)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def back(self, x: Array, slope: Array) -> Array:
        odds = self.odds(x)
        through = np.where(odds > 1e-300, slope, 0.0)
        logits = through - odds * through.sum(axis=1, keepdims=True)
        return 1e3 * logits @ self.weights.T


class Quantised(Planes):
    """Inputs are rounded, and rounding has no slope."""

    def logits(self, x: Array) -> Array:
        return np.round(x * 4) / 4 @ self.weights

    def back(self, x: Array, slope: Array) -> Array:
        return 0 * super().back(x, slope)


@dataclass
class Noisy(Planes):
    """Noise is added to every input."""

    draw: np.random.Generator = field(default_factory=lambda: rng(9, "noise"))

    def logits(self, x: Array) -> Array:
        return (x + 0.05 * self.draw.normal(size=x.shape)) @ self.weights


class Soft(Planes):
    """Probabilities where logits were said."""

    def scores(self, x: Array) -> Array:
        logits = self.logits(x)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def back(self, x: Array, slope: Array) -> Array:
        odds = self.scores(x)
        logits = odds * (slope - (slope * odds).sum(axis=1, keepdims=True))
        return logits @ self.weights.T


def judged(model: Planes, *, eps: float = EPS) -> Signs:
    """White box, an unbounded attack, a probe, and a black box of random signs."""
    x = rng(1, "x").normal(size=(N, D))
    attacker = Attacker(name="a", access="gradients", norm="Linf", eps=eps)
    constraint = Constraint(Box.uniform(D), attacker, x[:0])
    y = decisions(model.scores(x))

    def oracle() -> Oracle:
        return Oracle(model, y=y, access="gradients")  # type: ignore[arg-type]  # its kind is a plain text

    white = pgd.run(oracle(), constraint, x, y, params=pgd.Params(), rng=rng(0))
    free = fmn.run(oracle(), constraint, x, y, params=fmn.Params(), rng=rng(0))
    seen = probe(oracle(), constraint, x, rng=rng(3, "probe"))
    black = np.full(N, np.inf)
    for offset in eps * rng(2, "black").choice([-1.0, 1.0], (200, D)):
        black[decisions(model.scores(x + offset)) != y] = eps
    assert white.vanished is not None
    return signs(white.price, white.vanished, budget=eps, black=black, free=free.price, probed=seen)


@pytest.mark.parametrize("make", [Planes, Network])
@pytest.mark.parametrize("eps", [0.05, EPS])
def test_honest_models_raise_no_flag(make: Callable[[], Planes], eps: float) -> None:
    found = judged(make(), eps=eps)
    assert found.flags == ()
    assert found.vanished == 0
    assert found.compared == N


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (Detached, {"vanished", "beaten", "unreached"}),
        (Broken, {"vanished", "beaten", "unreached"}),
        (Saturated, {"vanished", "beaten"}),
        (Quantised, {"vanished", "beaten", "unreached"}),
        (Noisy, {"restless"}),
        (Soft, {"soft"}),
    ],
)
def test_hidden_gradients_are_flagged(make: Callable[[], Planes], wanted: set[Flag]) -> None:
    assert wanted <= set(judged(make()).flags)


def test_a_loss_that_still_rises_at_the_last_step_is_flagged() -> None:
    steps = np.arange(40.0)[:, None]
    shapes = {"rising": steps + np.zeros(8), "settled": np.minimum(steps, 20) + np.zeros(8)}
    for name, value in shapes.items():
        probed = Probe(value=value, restless=NOTHING, soft=False, compared=UNTOLD, unseen=NOTHING)
        found = signs(np.full(8, np.inf), np.zeros(8), budget=1.0, probed=probed)
        assert ("rising" in found.flags) == (name == "rising")


def test_rows_that_broke_on_the_way_say_nothing_about_rising() -> None:
    value = np.full((40, 3), np.nan)
    value[:5] = np.arange(5.0)[:, None]
    probed = Probe(
        value=value, restless=np.zeros(3, dtype=bool), soft=False, compared=UNTOLD, unseen=NOTHING
    )
    assert signs(np.ones(3), np.zeros(3), budget=1.0, probed=probed).rising == 0


@pytest.mark.parametrize(("hits", "flagged"), [(0, False), (2, False), (3, True)])
def test_one_lucky_black_box_hit_is_no_sign_and_three_in_256_are(
    hits: int, *, flagged: bool
) -> None:
    """Exactly: 95 % sure that the black box breaks more than 0.2 % of what the white box left."""
    price = np.full(256, np.inf)
    black = np.where(np.arange(256) < hits, 0.5, np.inf)
    found = signs(price, np.zeros(256), budget=1.0, black=black)
    assert found.beaten == hits
    assert ("beaten" in found.flags) == flagged
    dearer = signs(price, np.zeros(256), budget=0.4, black=black)
    assert dearer.beaten == 0


def test_without_the_other_attacks_only_gradients_are_judged() -> None:
    found = signs(np.ones(4), np.array([0.0, 0.4, 0.9, 1.0]), budget=1.0)
    assert found.flags == ("vanished",)
    assert found.blind == 0.5
    assert (found.beaten, found.unreached, found.rising, found.restless) == (None,) * 4


def test_no_rows_raise_no_flag() -> None:
    none = np.zeros(0)
    assert signs(none, none, budget=1.0, black=none, free=none).flags == ()


def test_a_probe_keeps_to_the_queries_that_are_left() -> None:
    x, model = rng(1, "x").normal(size=(N, D)), Planes()
    attacker = Attacker(name="a", access="gradients", norm="L2", eps=1e-6)
    constraint = Constraint(Box.uniform(D), attacker, x[:0])
    for budget in (0, 1, 7):
        oracle = Oracle(model, y=decisions(model.scores(x)), access="gradients", budget=budget)  # type: ignore[arg-type]  # its kind is a plain text
        seen = probe(oracle, constraint, x, rng=rng(3, "probe"))
        assert oracle.queries.max() <= budget
        assert not seen.restless.any()
        assert np.isfinite(seen.value).sum() == max(budget - 2, 0) * N


@pytest.mark.parametrize(
    ("told", "differing", "flagged"),
    [(32, 8, False), (32, 9, True), (32, 32, True), (8, 4, True), (4, 3, False), (0, 0, False)],
)
def test_a_foreign_gradient_shows_in_more_than_a_quarter_of_the_rows_that_can_be_compared(
    told: int, differing: int, *, flagged: bool
) -> None:
    """Of 32 rows; three that differ are few, however many there were to compare."""
    rows = np.arange(32)
    compared = Compared(agrees=(rows >= differing) & (rows < told), differs=rows < differing)
    none = np.zeros(32, dtype=bool)
    probed = Probe(
        value=np.zeros((40, 32)), restless=none, soft=False, compared=compared, unseen=none
    )
    found = signs(np.full(32, np.inf), np.zeros(32), budget=1.0, probed=probed)
    assert found.flags == (("foreign",) if flagged else ())


@pytest.mark.parametrize("beside", [False, True])
def test_what_the_gradient_leaves_out_counts_where_no_black_box_stands_beside(
    *, beside: bool
) -> None:
    probed = Probe(
        value=np.zeros((40, 8)), restless=NOTHING, soft=False, compared=UNTOLD, unseen=~NOTHING
    )
    black = np.full(8, np.inf) if beside else None
    found = signs(np.full(8, np.inf), np.zeros(8), budget=1.0, black=black, probed=probed)
    assert found.flags == (() if beside else ("unseen",))
    nowhere = np.full(8, np.nan)  # a black box that was stopped at once
    found = signs(np.full(8, np.inf), np.zeros(8), budget=1.0, black=nowhere, probed=probed)
    assert found.flags == ("unseen",)
    assert found.compared == 0


def test_rows_that_a_black_box_never_reached_are_not_compared() -> None:
    black = np.array([0.5] * 4 + [np.inf] * 4 + [np.nan] * 248)
    found = signs(np.full(256, np.inf), np.zeros(256), budget=1.0, black=black)
    assert (found.beaten, found.compared) == (4, 8)
    assert found.beaten_low == pytest.approx(0.1929, abs=1e-4)  # Clopper and Pearson, 4 of 8


@pytest.mark.parametrize(("reached", "raised"), [(0, True), (19, True), (20, False)])
def test_a_black_box_makes_up_for_what_is_unseen_where_it_got_to_half_of_the_rows(
    reached: int, *, raised: bool
) -> None:
    n = 40
    none, all_ = np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    seen = Probe(
        value=np.full((40, n), np.nan), restless=none, soft=False,
        compared=Compared(all_, none), unseen=all_,
    )  # fmt: skip
    black = np.where(np.arange(n) < reached, np.inf, np.nan)
    found = signs(np.full(n, np.inf), np.zeros(n), budget=0.1, black=black, probed=seen)
    assert ("unseen" in found.flags) == raised
