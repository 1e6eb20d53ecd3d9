"""A pass that rests on a hidden gradient is taken back; an honest pass stays."""

from typing import Any

import numpy as np
import pytest

from bartizan.assess import union
from bartizan.assess.findings import Done
from bartizan.assess.hidden import suspicion
from bartizan.assess.outcome import Attacked
from bartizan.assess.plan import Planned
from bartizan.attack import fmn, hop_skip_jump, pgd
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.classifier import Classifier, Loss, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult, Entry
from bartizan.core.finding import Finding
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.space import space_of
from bartizan.core.streams import rng
from bartizan.store import Store
from models import Additive, linear
from unit.assess.asked import assessment, attacked, question

D, N = 16, 80
IMAGE = Schema(image=Image(height=4, width=4, channels=1))
TABLE = Schema(features=tuple(Feature(name=f"x{j}", min=0, max=255) for j in range(D)))
SIGNS = "Signs of a hidden gradient"


class Detached(Additive):
    """Answers as before, and shows a gradient of zero."""

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, grad = super().value_and_grad(x, loss)
        return value, 0 * grad


def rows(schema: Schema, model: Classifier) -> Dataset:
    """Rows that the model gets right, and far from its border."""
    x = rng(0, "hidden").integers(0, 256, (4 * N, D)).astype(float)
    scores = model.scores(x)
    x = x[np.argsort(-np.abs(scores[:, 1] - scores[:, 0]))[:N]]
    return Dataset(
        name="rows", x=x, y=decisions(model.scores(x)), classes=model.classes,
        ids=np.arange(N), schema=schema, digest="sha256:0",
    )  # fmt: skip


def honest() -> Additive:
    """A plane through the middle of the rows."""
    weights = rng(1, "hidden").normal(size=D) / 255  # logits of a few units do not saturate
    return linear(weights, offset=-127.5 * float(weights.sum()))


def judged(
    model: Additive, store: Store, *, schema: Schema = IMAGE, eps: float = 0.02, **more: Any
) -> dict[str, Finding]:
    """Findings against the attacker who decides, by entry."""
    attacker = Attacker(name="eve", access="gradients", norm="Linf", eps=eps, **more)
    entries = (pgd.ENTRY, fmn.ENTRY, hop_skip_jump.ENTRY, union.ENTRY)
    request = question(model, attacker, *entries, data=rows(schema, model))
    run = assessment(request, store)
    for _ in run:
        pass
    return {f.entry: f for f in run.report().findings if f.attacker == "eve"}


def test_an_honest_model_that_holds_passes(store: Store) -> None:
    found = judged(honest(), store)
    assert {f.outcome for f in found.values()} == {"pass"}, [f.reason for f in found.values()]
    assert not any(SIGNS in remark for f in found.values() for remark in f.remarks)


def test_no_attack_with_gradients_and_no_union_passes_where_they_are_zero(store: Store) -> None:
    model = honest()
    found = judged(Detached(model.weights, model.offset), store)
    for name in ("evasion.pgd", "evasion.fmn", "evasion.union"):
        assert found[name].outcome == "inconclusive"
        assert "gradients were zero or no numbers in 100% of the rows" in found[name].reason
        assert any(SIGNS in remark for remark in found[name].remarks)
    assert found["evasion.hop-skip-jump"].outcome == "pass"  # it asks for no gradient


def test_what_is_broken_stays_broken_whatever_the_gradient_looks_like(store: Store) -> None:
    model = honest()
    found = judged(Detached(model.weights, model.offset), store, eps=0.9)
    assert found["evasion.union"].outcome == "fail"
    assert "attacks without gradients broke" in found["evasion.pgd"].reason


@pytest.mark.parametrize("schema", [TABLE, IMAGE])
def test_where_the_attacker_has_no_way_an_unreached_row_is_no_sign(
    schema: Schema, store: Store
) -> None:
    fixed = {f"x{j}": Reach(mutable=False) for j in range(2, D)}
    found = judged(honest(), store, schema=schema, features=fixed)
    assert {f.outcome for f in found.values()} == {"pass"}, [f.reason for f in found.values()]


def done(entry: Entry, price: list[float], *, sound: bool = True, late: bool = False) -> Done:
    """An attack on images by somebody who may change every pixel."""
    n = len(price)
    eve = Attacker(name="eve", access="gradients", norm="Linf", eps=0.1)
    space = space_of(IMAGE, np.zeros((n, D)))
    constraint = Constraint(space, eve, np.zeros((n, D)))
    found = attacked(range(n), price, points=np.zeros((n, D)), vanished=np.zeros(n), rejected=0)
    item = Planned(entry=entry, constraint=constraint, rows=np.arange(n), queries=1)
    control = ControlResult(passed=sound, detail="")
    return Done(item=item, control=control, attacked=found, late=late)


def test_an_image_that_no_budget_reaches_is_a_sign() -> None:
    assert "without any budget 50% of the rows" in suspicion([done(fmn.ENTRY, [0.2, np.inf])], None)


@pytest.mark.parametrize("how", [{"late": True}, {"sound": False}])
def test_an_attack_that_was_not_done_properly_reaches_nothing_and_accuses_nobody(
    how: dict[str, bool],
) -> None:
    parts = [done(pgd.ENTRY, [0.2, np.inf]), done(fmn.ENTRY, [0.2, np.inf], **how)]
    assert suspicion(parts, None) == ""


def test_black_boxes_alone_raise_no_doubt() -> None:
    assert suspicion([done(hop_skip_jump.ENTRY, [0.05, np.inf])], None) == ""
    assert suspicion([], None) == ""


def test_rows_are_compared_by_their_place_in_the_data_not_by_their_order() -> None:
    n = 40
    white = done(pgd.ENTRY, [0.05] * (n // 2) + [np.inf] * (n // 2))
    black = done(hop_skip_jump.ENTRY, [np.inf] * (n // 2) + [0.05] * (n // 2))
    assert "broke 20 of 40 rows that those with did not" in suspicion([white, black], None)
    assert black.attacked is not None
    turned = Attacked(**{**vars(black.attacked), "rows": np.arange(n)[::-1]})
    mirrored = Done(item=black.item, control=black.control, attacked=turned)
    assert suspicion([white, mirrored], None) == ""  # the same rows as the white box
