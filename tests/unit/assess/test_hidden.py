"""A pass that rests on a hidden gradient is taken back; an honest pass stays."""

from itertools import count
from typing import Any

import numpy as np
import pytest

from bartizan.assess import union
from bartizan.assess.findings import Done
from bartizan.assess.hidden import Look, look, suspicion
from bartizan.assess.outcome import Attacked
from bartizan.assess.plan import Planned
from bartizan.assess.profile import Profile
from bartizan.assess.request import Request
from bartizan.attack import fmn, hop_skip_jump, pgd
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.classifier import Classifier, Loss, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult, Entry
from bartizan.core.errors import ModelError
from bartizan.core.finding import Finding
from bartizan.core.report import Report
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


class Turned(Additive):
    """Answers as before, and shows the gradient with its sign turned."""

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, grad = super().value_and_grad(x, loss)
        return value, -grad


class Partial(Additive):
    """Rounds all but two of its numbers to sixteen levels, without a slope."""

    def scores(self, x: Array) -> Array:
        x = x.copy()
        x[:, 2:] = np.rint(x[:, 2:] / 17) * 17
        return super().scores(x)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, grad = super().value_and_grad(x, loss)
        grad[:, 2:] = 0
        return value, grad


class Shy(Additive):
    """Takes whole numbers only."""

    def scores(self, x: Array) -> Array:
        if (x != np.rint(x)).any():
            message = "a fraction"
            raise ModelError(message)
        return super().scores(x)


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
    model: Additive,
    store: Store,
    *,
    schema: Schema = IMAGE,
    eps: float = 0.02,
    entries: tuple[Entry, ...] = (pgd.ENTRY, fmn.ENTRY, hop_skip_jump.ENTRY, union.ENTRY),
    **more: Any,
) -> dict[str, Finding]:
    """Findings against the attacker who decides, by entry."""
    run = asked(model, schema=schema, entries=entries, eps=eps, **more)
    found = assessed(run, store).findings
    return {f.entry: f for f in found if f.attacker == "eve"}


def asked(
    model: Additive,
    *,
    schema: Schema = IMAGE,
    eps: float = 0.02,
    entries: tuple[Entry, ...] = (pgd.ENTRY,),
    time_budget_s: float | None = None,
    **more: Any,
) -> Request:
    """Whether somebody who sees gradients gets past a model."""
    attacker = Attacker(name="eve", access="gradients", norm="Linf", eps=eps, **more)
    return question(
        model, attacker, *entries, data=rows(schema, model), time_budget_s=time_budget_s,
        profile=Profile("small", 40, 150, 100, 8, ""),
    )  # fmt: skip


def assessed(request: Request, store: Store) -> Report:
    """The report of a whole run."""
    run = assessment(request, store)
    for _ in run:
        pass
    return run.report()


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


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Turned, "in 100% of the rows scores change otherwise than the gradient says"),
        (Partial, "numbers whose gradient is zero move the scores in"),
        (Shy, "its gradient could not be looked at: ModelError: a fraction"),
    ],
)
@pytest.mark.parametrize("entry", [pgd.ENTRY, fmn.ENTRY])
def test_no_attack_with_gradients_passes_alone_where_the_gradient_is_not_shown_to_be_right(
    kind: type[Additive], told: str, entry: Entry, store: Store
) -> None:
    model = honest()
    found = judged(kind(model.weights, model.offset), store, entries=(entry,))[entry.id]
    assert found.outcome == "inconclusive"
    assert told in found.reason


def test_an_attack_without_gradients_makes_up_for_numbers_that_the_gradient_leaves_out(
    store: Store,
) -> None:
    model = honest()
    entries = (pgd.ENTRY, hop_skip_jump.ENTRY, union.ENTRY)
    found = judged(Partial(model.weights, model.offset), store, eps=0.005, entries=entries)
    assert found["evasion.union"].outcome == "pass", found["evasion.union"].reason


def test_the_look_is_counted_where_it_was_taken_and_told_in_the_evidence(store: Store) -> None:
    alone = assessed(asked(honest(), entries=(fmn.ENTRY,)), store)
    beside = assessed(asked(honest(), entries=(pgd.ENTRY, fmn.ENTRY, hop_skip_jump.ENTRY)), store)
    said = "about 32 rows: scores change as the gradient says in 32 of 32 rows"
    for record in beside.evidence:
        assert (said in record.probe) == ("hop-skip" not in record.finding)
    told = {e.finding: e.probe for e in alone.evidence}["evasion.fmn@m#eve"]
    spent = [{r.finding: r.queries for r in made.receipts} for made in (alone, beside)]
    extra = spent[0]["evasion.fmn@m#eve"] - spent[1]["evasion.fmn@m#eve"]
    assert extra == int(told.split()[1]) > 0


def test_a_look_is_taken_at_rows_from_everywhere() -> None:
    seen: list[Array] = []

    class Noting(Additive):
        def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
            seen.append(x.copy())
            return super().value_and_grad(x, loss)

    model = honest()
    request = asked(Noting(model.weights, model.offset))
    space = space_of(IMAGE, request.data.x)
    constraint = Constraint(space, request.attackers[0], request.data.x[:0])
    found = look(constraint, np.arange(N), request=request)
    assert found.rows == len(seen[0]) == 32
    assert (seen[0][[0, -1]] == request.data.x[[0, N - 1]]).all()
    assert found.queries >= 32 * 50
    assert found.why == ""
    few = look(constraint, np.arange(3), request=request)
    assert few.rows == 3


def test_a_look_that_the_time_limit_cut_short_lets_nothing_pass() -> None:
    request = asked(honest())
    space = space_of(IMAGE, request.data.x)
    constraint = Constraint(space, request.attackers[0], request.data.x[:0])
    found = look(constraint, np.arange(N), request=request, late=lambda: True)
    assert found.queries == 0
    assert "the time limit cut the look at its gradient short" in found.why
    assert found.why in suspicion([done(pgd.ENTRY, [0.2, np.inf])], found)


@pytest.mark.parametrize("step_s", [0.0, 1.0])
def test_a_look_goes_by_the_clock_of_the_run(step_s: float, store: Store) -> None:
    clock, cut = count(0.0, step_s), step_s > 0
    request = asked(honest(), time_budget_s=20.0)
    run = assessment(request, store, now=lambda: next(clock))
    for step in run:
        if step.what == "attacks":  # the look is done
            break
    probes = "".join(evidence.probe for evidence in run.report().evidence)
    assert ("the time limit cut the look" in probes) == cut
    assert bool(run.report().coverage.interrupted) == cut


def test_a_black_box_that_was_stopped_is_compared_on_the_rows_it_asked_about() -> None:
    white = done(pgd.ENTRY, [np.inf] * 40)
    black = done(hop_skip_jump.ENTRY, [0.05] * 10 + [np.inf] * 30, asked=[5] * 20 + [0] * 20)
    assert "broke 10 of 20 rows" in suspicion([white, black], Look())
    white = done(pgd.ENTRY, [np.inf] * 40, asked=[0] * 10 + [5] * 30)
    assert suspicion([white, black], Look()) == ""  # it was not beaten where it never was
    stopped = done(pgd.ENTRY, [np.inf] * 40, late=True)
    assert suspicion([stopped, black], Look()) == ""  # nor where it had no time


def test_a_loss_that_saturates_for_one_attack_says_nothing_of_another() -> None:
    blind, sighted = done(pgd.ENTRY, [np.inf] * 8, vanished=1.0), done(fmn.ENTRY, [0.2] * 8)
    parts = [blind, sighted]
    assert "gradients were zero" in suspicion(parts, Look(), own=blind.attacked)
    assert suspicion(parts, Look(), own=sighted.attacked) == ""
    assert suspicion(parts, Look()) == ""
    assert "gradients were zero" in suspicion([blind], Look())


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


def done(
    entry: Entry,
    price: list[float],
    *,
    sound: bool = True,
    late: bool = False,
    asked: list[int] | None = None,
    vanished: float = 0.0,
) -> Done:
    """An attack on images by somebody who may change every pixel."""
    n = len(price)
    eve = Attacker(name="eve", access="gradients", norm="Linf", eps=0.1)
    space = space_of(IMAGE, np.zeros((n, D)))
    constraint = Constraint(space, eve, np.zeros((n, D)))
    queries = np.ones(n, dtype=np.int64) if asked is None else np.array(asked)
    found = attacked(
        range(n), price, points=np.zeros((n, D)), queries=queries,
        vanished=np.full(n, vanished), rejected=0,
    )  # fmt: skip
    item = Planned(entry=entry, constraint=constraint, rows=np.arange(n), queries=1)
    control = ControlResult(passed=sound, detail="")
    return Done(item=item, control=control, attacked=found, late=late)


def test_an_image_that_no_budget_reaches_is_a_sign() -> None:
    assert "without any budget 50% of the rows" in suspicion(
        [done(fmn.ENTRY, [0.2, np.inf])], Look()
    )


@pytest.mark.parametrize("late", [True, False])
def test_an_attack_that_was_not_done_properly_reaches_nothing_and_accuses_nobody(
    *,
    late: bool,
) -> None:
    parts = [done(pgd.ENTRY, [0.2, np.inf]), done(fmn.ENTRY, [0.2, np.inf], late=late, sound=late)]
    assert suspicion(parts, Look()) == ""


def test_black_boxes_alone_raise_no_doubt() -> None:
    assert suspicion([done(hop_skip_jump.ENTRY, [0.05, np.inf])], Look()) == ""
    assert suspicion([], Look()) == ""


def test_rows_are_compared_by_their_place_in_the_data_not_by_their_order() -> None:
    n = 40
    white = done(pgd.ENTRY, [0.05] * (n // 2) + [np.inf] * (n // 2))
    black = done(hop_skip_jump.ENTRY, [np.inf] * (n // 2) + [0.05] * (n // 2))
    assert "broke 20 of 40 rows that those with did not" in suspicion([white, black], Look())
    assert black.attacked is not None
    turned = Attacked(**{**vars(black.attacked), "rows": np.arange(n)[::-1]})
    mirrored = Done(item=black.item, control=black.control, attacked=turned)
    assert suspicion([white, mirrored], Look()) == ""  # the same rows as the white box
