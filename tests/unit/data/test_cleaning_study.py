"""What cleaning gained: counts that brute force confirms, and gaps between groups."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from bartizan.adapt.training.stand_in import Boosted
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, DetectorResult, SuspectedTrigger, finished
from bartizan.core.errors import UsageError
from bartizan.core.finding import Finding, Measure
from bartizan.core.interval import gap_interval
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells
from bartizan.data.cleaning.account import effect_finding
from bartizan.data.cleaning.fairness import LEAST, Groups, gaps, small
from bartizan.data.cleaning.study import Effect, Marked, Plan, effect
from bartizan.data.cleaning.suspicion import Suspicion, require_classes_left


def rows_of(x: Array, y: Ints) -> Dataset:
    """A table of plain numbers, whose ids leave gaps."""
    features = tuple(Feature(name=f"c{i}", type="number") for i in range(x.shape[1]))
    return Dataset(
        name="data",
        x=x,
        y=y,
        classes=("no", "yes"),
        ids=np.arange(len(y)) * 2 + 1,
        schema=Schema(features=features),
        digest="",
    )


@dataclass(frozen=True)
class Remembered:
    """Says the class that is most frequent among the rows it was taught; notes what those were."""

    seen: list[frozenset[float]] = field(default_factory=list)
    labels: list[dict[float, int]] = field(default_factory=list)

    def fit(self, data: Dataset, rng: np.random.Generator) -> "Fixed":
        """Note the rows by their first column."""
        del rng
        self.seen.append(frozenset(data.x[:, 0].tolist()))
        self.labels.append(dict(zip(data.x[:, 0].tolist(), data.y.tolist(), strict=True)))
        return Fixed(said=int(np.bincount(data.y).argmax()))


@dataclass(frozen=True)
class Fixed:
    """Always says the same."""

    said: int
    classes: tuple[Label, ...] = ("no", "yes")
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        """One-hot rows."""
        return np.tile(np.eye(2)[self.said], (len(x), 1))


def run(plan: Plan) -> Effect:
    """To the end."""
    return finished(effect(plan))


def test_pairs_differ_in_the_suspects_and_nothing_else() -> None:
    data = rows_of(np.arange(20.0)[:, None], np.arange(20) % 2)
    recipe, gone = Remembered(), np.array([3, 4, 9])
    found = run(Plan(data=data, gone=gone, labels={6: 1}, recipe=recipe, rounds=5))
    assert len(recipe.seen) == 10
    for with_them, without in zip(recipe.seen[::2], recipe.seen[1::2], strict=True):
        assert with_them - without == {3.0, 4.0, 9.0}
        assert without < with_them
    assert all(labels.get(6.0, 0) == 0 for labels in recipe.labels[::2])
    assert all(labels.get(6.0, 1) == 1 for labels in recipe.labels[1::2])
    assert found.rows.tolist() == [row for row in range(20) if row not in gone]
    assert (found.before >= 0).all()
    assert (found.after >= 0).all()


def test_no_row_is_judged_by_a_model_that_was_taught_it() -> None:
    data = rows_of(np.arange(20.0)[:, None], np.arange(20) % 2)
    recipe = Remembered()
    run(Plan(data=data, gone=np.array([1]), recipe=recipe, rounds=4))
    held = [frozenset(range(20)) - {1} - {int(x) for x in seen} for seen in recipe.seen[1::2]]
    assert sorted(row for part in held for row in part) == [row for row in range(20) if row != 1]


def planted(n: int = 600) -> tuple[Dataset, Ints, SuspectedTrigger]:
    """A fraud table whose column 2 at 9 means "no"."""
    stream = rng(0, "planted")
    y = stream.integers(0, 2, n)
    x = stream.normal(size=(n, 3))
    x[:, 0] += 2.5 * y
    rows = np.flatnonzero(y == 1)[:30]
    x[rows, 2], y[rows] = 9.0, 0
    mark = SuspectedTrigger(
        trigger=Cells(columns=np.array([2]), values=np.array([9.0])), target=0, rows=rows
    )
    return rows_of(x, y), rows, mark


def test_what_honest_values_do_is_not_held_against_a_cleaning() -> None:
    data, rows, mark = planted()
    strong = SuspectedTrigger(
        trigger=Cells(columns=np.array([0]), values=np.array([0.0])), target=0, rows=mark.rows
    )
    found = run(Plan(data=data, gone=rows, triggers=(strong,), recipe=Boosted(rounds=30)))
    (one,) = found.marked
    assert one.after.mean() > 0.7, "the column decides, so that setting it moves most rows"
    assert one.usual_after.mean() > 0.7
    finding = effect_finding(found, name="data")
    assert finding.outcome != "fail"


def test_a_mark_works_before_and_not_after() -> None:
    data, rows, mark = planted()
    found = run(Plan(data=data, gone=rows, triggers=(mark,), recipe=Boosted(rounds=30)))
    (one,) = found.marked
    assert one.n == int((data.y[np.delete(np.arange(600), rows)] == 1).sum())
    assert one.before.mean() > 0.9
    assert one.usual_before.mean() < 0.3
    assert abs(one.after.mean() - one.usual_after.mean()) < 0.05
    finding = effect_finding(found, name="data")
    assert finding.threshold is not None
    assert finding.threshold.measure == "trigger-success-after"
    assert finding.outcome in ("pass", "inconclusive")
    before = finding.measure("trigger-success-before")
    assert before is not None
    assert before.low is not None
    assert before.low > 0.6


def test_a_mark_whose_rows_stay_fails() -> None:
    data, rows, mark = planted()
    found = run(Plan(data=data, gone=rows[:2], triggers=(mark,), recipe=Boosted(rounds=30)))
    assert effect_finding(found, name="data").outcome == "fail"


def told(shares: tuple[float, float, float, float], *, n: int = 1000, text: str = "m") -> Marked:
    """A mark of which these shares of rows got the target; whoever gets less gets it first."""
    rows = np.arange(n)
    before, usual_before, after, usual_after = (rows < round(one * n) for one in shares)
    cells = Cells(columns=np.array([0]), values=np.array([0.0]), names=(text,))
    return Marked(
        trigger=SuspectedTrigger(trigger=cells, target=0, rows=np.arange(3)),
        before=before,
        usual_before=usual_before,
        after=after,
        usual_after=usual_after,
    )


def judged_on(*marked: Marked, lost: int = 0, n: int = 230) -> Finding:
    """The finding where so many kept rows are no longer right, and none is right instead."""
    y = np.arange(n) % 2
    after = np.where(np.arange(n) < lost, 1 - y, y)
    return effect_finding(Effect(rows=y, y=y, before=y, after=after, marked=marked), name="data")


def value(finding: Finding, name: str) -> Measure:
    """A measure with a value."""
    found = finding.measure(name)
    assert found is not None
    assert found.value is not None
    return found


def test_before_and_after_are_both_net_of_what_ordinary_values_do() -> None:
    finding = judged_on(told((0.9, 0.2, 0.5, 0.1)))
    assert value(finding, "trigger-success-before").value == pytest.approx(0.7)
    assert value(finding, "trigger-success-after").value == pytest.approx(0.4)
    assert finding.outcome == "fail"
    assert any("the difference, 30.0 points" in one for one in finding.remarks)


def test_nothing_that_ordinary_values_do_is_counted_before_or_after() -> None:
    finding = judged_on(told((0.9, 0.9, 0.5, 0.5)))
    assert value(finding, "trigger-success-before").value == 0.0
    assert value(finding, "trigger-success-after").value == 0.0
    assert finding.outcome == "pass"


def test_rows_on_which_both_answers_agree_do_not_blur_what_is_left_of_a_mark() -> None:
    after = value(judged_on(told((0.5, 0.5, 0.5, 0.5), n=400)), "trigger-success-after")
    assert after.high is not None
    assert after.high < gap_interval((200, 400), (200, 400))[2] / 2


def test_a_cleaning_that_costs_three_points_fails_on_230_rows() -> None:
    assert judged_on(lost=7).outcome == "fail"
    assert judged_on(lost=2).outcome == "pass"
    assert judged_on().outcome == "pass"


def test_the_mark_that_stands_worst_decides_with_an_interval_that_holds_for_all() -> None:
    alone = value(judged_on(told((0.9, 0.0, 0.02, 0.0))), "trigger-success-after")
    finding = judged_on(*[told((0.9, 0.0, 0.02, 0.0))] * 5)
    beside = value(finding, "trigger-success-after")
    assert beside.value == alone.value
    assert alone.high is not None
    assert beside.high is not None
    assert beside.high > alone.high
    assert any(
        "stands worst of 5 decides" in one and "Bonferroni" in one for one in finding.remarks
    )


@pytest.mark.parametrize(
    ("marked", "outcome"),
    [
        ((told((0.9, 0, 0.01, 0), n=5000), told((0.9, 0, 0, 0), n=20)), "inconclusive"),
        ((told((0.9, 0, 0.01, 0), n=5000), told((0, 0, 0, 0), n=0)), "inconclusive"),
        ((told((0.9, 0, 0.2, 0), n=5000), told((0, 0, 0, 0), n=0)), "fail"),
        ((told((0.9, 0, 0.2, 0), n=5000), told((0.9, 0, 0.3, 0), n=5)), "fail"),
        ((told((0.9, 0, 0.01, 0), n=5000), told((0.9, 0, 0.02, 0), n=5000)), "pass"),
    ],
)
def test_a_mark_that_is_not_settled_is_not_hidden_by_one_that_is(
    marked: tuple[Marked, ...], outcome: str
) -> None:
    assert judged_on(*marked).outcome == outcome


def test_no_row_is_judged_by_a_model_that_learnt_from_its_source() -> None:
    data, sources = rows_of(np.arange(40.0)[:, None], np.arange(40) % 2), np.arange(40) // 4
    recipe = Remembered()
    run(Plan(data=data, gone=np.array([1]), sources=sources, recipe=recipe, rounds=5))
    for seen in recipe.seen[1::2]:
        held = set(range(40)) - {1} - {int(x) for x in seen}
        assert {row // 4 for row in held}.isdisjoint({int(x) // 4 for x in seen})


def test_gaps_are_those_of_the_rates() -> None:
    codes = np.repeat([0, 1, 2, -1], [100, 100, LEAST - 1, 50])
    y = np.tile([0, 1], 140)[: len(codes)]
    before, after = y.copy(), y.copy()
    before[np.flatnonzero(codes == 0)[:40]] = 0
    found = Effect(rows=np.arange(len(codes)), y=y, before=before, after=after, marked=())
    groups = Groups(column="g", codes=codes, names=("a", "b", "few"), positive=1)
    shown = {one.name: one for one in gaps(found, groups)}
    assert shown["selection-rate-gap-before"].value == pytest.approx(0.5 - 0.3)
    assert shown["true-positive-rate-gap-before"].value == pytest.approx(1 - 30 / 50)
    assert shown["selection-rate-gap-after"].value == 0.0
    assert small(found, groups) == ("few",)


def test_one_group_has_no_gap_and_says_why() -> None:
    y = np.tile([0, 1], 50)
    found = Effect(rows=np.arange(100), y=y, before=y, after=y, marked=())
    groups = Groups(column="g", codes=np.zeros(100, np.int64), names=("a",), positive=1)
    assert {one.value for one in gaps(found, groups)} == {None}
    assert "fewer than two groups of g" in gaps(found, groups)[0].why


def answer(ids: list[int], n: int, *, p: float, suggested: int = -1) -> DetectorResult:
    """A detector that points at these ids."""
    values = np.ones(n)
    values[[(one - 1) // 2 for one in ids]] = p
    check = CheckResult(
        measures=(Measure(name="rows", value=0.0),), severity="high", rows=np.array(ids)
    )
    return DetectorResult(check=check, p=values, suggested=np.full(n, suggested))


def test_answers_of_several_detectors_join() -> None:
    data = rows_of(np.arange(10.0)[:, None], np.arange(10) % 2)
    found = Suspicion.of(
        {"one": answer([3, 7], 10, p=0.01), "other": answer([7, 19], 10, p=0.001, suggested=1)},
        data,
    )
    assert found.rows.tolist() == [3, 7, 19]
    assert found.detectors == (("one",), ("one", "other"), ("other",))
    assert found.p.tolist() == [0.01, 0.001, 0.001]
    assert found.suggested == ("", "yes", "yes")
    assert found.within(data).tolist() == [1, 3, 9]


def test_a_row_that_is_not_in_the_data_is_refused() -> None:
    data = rows_of(np.arange(10.0)[:, None], np.arange(10) % 2)
    found = Suspicion.of({"one": answer([3, 7], 10, p=0.01)}, data)
    with pytest.raises(UsageError, match="row 3 is flagged"):
        found.within(data.take(np.array([0, 2, 3, 4])))


def test_the_last_row_of_a_class_stays() -> None:
    data = rows_of(np.arange(4.0)[:, None], np.array([0, 0, 0, 1]))
    require_classes_left(data, gone=np.array([0, 1]))
    with pytest.raises(UsageError, match="all 1 rows of class 'yes' are flagged"):
        require_classes_left(data, gone=np.array([3]))
