"""What every check on poisoned training data does, with poison whose damage is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.damage.check import damage
from bartizan.assess.damage.control import planted
from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.measures import CELLS, FLIPPED, Kind
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.ways import Way
from bartizan.core.arrays import AnyArray
from bartizan.core.classifier import Recipe
from bartizan.core.entry import CheckResult, Study, finished
from bartizan.core.errors import ConfigError, InputError
from bartizan.core.finding import Measure
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells, Poisoned
from unit.assess.damage.blobs import Constant, Noting, Raising, Restless, clumps, study

FEW = Params(rate=0.1, others=(0.3,), seeds=3, rows=400, held=300)
MARK = Cells(columns=np.array([2]), values=np.array([500.0]), names=("x2",))


def flips(place: Ground, *_: object) -> tuple[Way, ...]:
    """Labels turned over at random, which a look-up of the nearest row repeats."""
    train = place.train

    def poison(rate: float, stream: np.random.Generator) -> Poisoned:
        rows = np.sort(stream.choice(len(train.y), round(rate * len(train.y)), replace=False))
        y = train.y.copy()
        y[rows] = 1 - y[rows]
        return Poisoned(x=train.x, y=y, rows=rows)

    return (Way.unmarked("flips", poison),)


def marks(place: Ground, *_: object) -> tuple[Way, ...]:
    """A value far from all others, and one that says nothing."""
    train, target = place.train, place.target(0.1)

    def poison(mark: Any, rate: float, stream: np.random.Generator) -> Poisoned:
        pool = np.flatnonzero(train.y != target)
        rows = np.sort(stream.choice(pool, round(rate * len(train.y)), replace=False))
        x, y = train.x.copy(), train.y.copy()
        x[rows] = mark.stamp(x[rows], rng=stream)
        y[rows] = target
        return Poisoned(x=x, y=y, rows=rows, trigger=mark, target=target)

    def idle(mark: Any, rate: float, stream: np.random.Generator) -> Poisoned:
        return Poisoned(x=train.x, y=train.y, rows=np.zeros(0, dtype=int), trigger=mark)

    return (
        Way.marked("far", draw=lambda _: MARK, poison=poison),
        Way.marked("idle", draw=lambda _: MARK, poison=idle),
    )


TRAIN, DATA = clumps(400, seed=1), clumps(300, seed=2)
PLANS = {"accuracy-loss": (FLIPPED, flips), "net-success": (CELLS, marks)}


def checked(
    subject: Study, plan: Any = flips, *, kind: Kind = FLIPPED, params: Params = FEW, seed: int = 5
) -> CheckResult:
    return finished(damage(subject, kind=kind, plan=plan, params=params, rng=rng(seed)))


def measure(result: CheckResult, name: str) -> Measure:
    return next(one for one in result.measures if one.name == name)


def test_a_look_up_of_the_nearest_row_loses_what_is_flipped() -> None:
    """The nearest row is a flipped one as often as any row is: a tenth, then three tenths."""
    result = checked(study(TRAIN, DATA))
    first = result.measures[0]
    assert first.name == "accuracy-loss-at-10-percent"
    assert first.value == pytest.approx(0.1, abs=0.04)
    assert (first.low or 0) < 0.1 < (first.high or 0)
    (curve,) = (one for one in result.series if one.name == "flips")
    assert curve.x == (0.1, 0.3)
    assert curve.y[0] == first.value
    assert curve.y[1] == pytest.approx(0.3, abs=0.06)


def test_a_mark_far_from_all_rows_wins_all_of_them_and_an_idle_one_none() -> None:
    result = checked(study(TRAIN, DATA), marks, kind=CELLS)
    first = result.measures[0]
    assert first.name == "net-success-at-10-percent"
    assert first.value == 1.0
    assert measure(result, "net-success-far").value == 1.0
    assert measure(result, "net-success-idle").value == 0.0
    assert abs(measure(result, "accuracy-loss").value or 0) < 0.02
    assert result.severity == "medium"


def test_success_that_clean_models_give_too_is_none() -> None:
    """The mark moves every row beyond the other class: clean models fall for it as well."""

    def natural(place: Ground, *_: object) -> tuple[Way, ...]:
        target = place.target(0.1)
        mark = Cells(columns=np.array([0]), values=np.array([100.0 * target]))
        one = marks(place)[0]
        made = replace(one.begin(rng(0)), mark=mark)
        return (Way(name="natural", begin=lambda _: made),)

    result = checked(study(TRAIN, DATA), natural, kind=CELLS)
    assert measure(result, "clean-success").value == 1.0
    assert result.measures[0].value == 0.0


@pytest.mark.parametrize("name", PLANS)
def test_a_model_that_no_row_has_a_part_in_cannot_be_damaged(name: str) -> None:
    kind, plan = PLANS[name]
    result = checked(study(TRAIN, DATA, Constant()), plan, kind=kind)
    assert result.measures[0].value is None
    assert "not shown to tell the classes apart" in result.measures[0].why
    assert all(not one.value for one in result.measures if one.name.startswith(name))


def test_a_clean_model_and_poisoned_ones_a_seed_way_and_rate_are_trained() -> None:
    recipe = Noting()
    checked(study(TRAIN, DATA, recipe), marks, kind=CELLS)
    assert len(recipe.given) == 3 * (1 + 2 * 2)
    clean = [data for data in recipe.given if np.array_equal(data.x, TRAIN.x)]
    assert len(clean) == 3 * (1 + 2)


def test_without_a_curve_only_the_rate_that_decides_is_tried() -> None:
    recipe = Noting()
    result = checked(study(TRAIN, DATA, recipe), params=replace(FEW, curve=False))
    assert len(recipe.given) == 3 * 2
    assert not result.series
    assert "3 seeds are a first look only" in result.remarks[0]


def test_progress_is_told_for_every_model() -> None:
    steps = damage(study(TRAIN, DATA), kind=FLIPPED, plan=flips, params=FEW, rng=rng(0))
    assert list(steps) == pytest.approx([0.0, *(np.arange(1, 10) / 9)])


class StoppedError(Exception):
    """The user had enough."""


@dataclass
class Memory:
    """Keeps pieces; gives up after some."""

    limit: int
    pieces: dict[str, Mapping[str, AnyArray]] = field(default_factory=dict)

    def __call__(self, name: str, make: Any) -> Mapping[str, AnyArray]:
        if name not in self.pieces:
            if len(self.pieces) == self.limit:
                raise StoppedError
            self.pieces[name] = make()
        return self.pieces[name]


@pytest.mark.parametrize("name", PLANS)
def test_a_stopped_run_goes_on_where_it_was_and_says_the_same(name: str) -> None:
    kind, plan = PLANS[name]
    memory, recipe = Memory(limit=4), Noting()
    subject = study(TRAIN, DATA, recipe, kept=memory)
    with pytest.raises(StoppedError):
        checked(subject, plan, kind=kind)
    memory.limit = 100
    resumed = checked(subject, plan, kind=kind)
    assert resumed == checked(study(TRAIN, DATA, Noting()), plan, kind=kind)
    assert len(recipe.given) == len(memory.pieces)
    assert sum(a.nbytes for piece in memory.pieces.values() for a in piece.values()) < 3000


def test_equal_seeds_say_the_same_and_others_not() -> None:
    subject = study(TRAIN, DATA)
    assert checked(subject) == checked(subject)
    assert checked(subject, seed=6) != checked(subject)


def test_a_recipe_that_makes_another_model_each_time_is_averaged_and_its_spread_shown() -> None:
    result = checked(study(TRAIN, DATA, Restless()))
    assert (measure(result, "clean-spread").value or 0) > 0.01
    first, calm = result.measures[0], checked(study(TRAIN, DATA)).measures[0]
    assert first.value == pytest.approx(0.1, abs=0.1)
    assert (first.high or 0) - (first.low or 0) > (calm.high or 0) - (calm.low or 0)


def test_a_recipe_that_fails_is_a_reason_and_no_crash() -> None:
    result = checked(study(TRAIN, DATA, Raising()))
    assert result.measures[0].value is None
    assert result.measures[0].why == "it could not be tried: this recipe needs a licence"


def test_without_a_recipe_the_check_says_so() -> None:
    assert "name a recipe" in checked(study(TRAIN, DATA, None)).measures[0].why


@pytest.mark.parametrize("recipe", [None, Raising()])
def test_the_measure_without_a_value_is_the_one_that_decides(recipe: Recipe | None) -> None:
    (only,) = checked(study(TRAIN, DATA, recipe)).measures
    assert only.name == "accuracy-loss-at-10-percent"


def test_a_way_that_the_rows_do_not_allow_is_left_out_and_told() -> None:
    def some(place: Ground, *_: object) -> tuple[Way, ...]:
        def none(stream: np.random.Generator) -> Cells:
            message = "no column can carry a mark"
            raise InputError(message)

        first = marks(place)[0]
        return (first, Way.marked("other", draw=none, poison=lambda *_: first.begin(rng(0))))  # type: ignore[arg-type]  # never called

    result = checked(study(TRAIN, DATA), some, kind=CELLS)
    assert result.measures[0].value == 1.0
    assert "Not tried: other, as no column can carry a mark." in result.remarks


def test_a_rate_that_the_rows_do_not_allow_is_left_out_of_the_curve() -> None:
    def scarce(place: Ground, *_: object) -> tuple[Way, ...]:
        inner = flips(place)[0].begin(rng(0))

        def poison(rate: float, stream: np.random.Generator) -> Poisoned:
            if rate > 0.2:
                message = "there are too few"
                raise InputError(message)
            return inner.poison(rate, stream)

        return (Way.unmarked("scarce", poison),)

    recipe = Noting()
    result = checked(study(TRAIN, DATA, recipe), scarce)
    assert result.measures[0].value == pytest.approx(0.1, abs=0.04)
    assert not result.series
    assert len(recipe.given) == 6
    assert "Not tried: scarce at 30.0%, as there are too few." in result.remarks


def test_a_pass_holds_for_every_way_and_a_failure_allows_for_the_choice_among_them() -> None:
    def four(place: Ground, *rest: object) -> tuple[Way, ...]:
        return tuple(replace(flips(place)[0], name=f"way {number}") for number in range(4))

    def first_of(place: Ground, *rest: object) -> tuple[Way, ...]:
        return four(place)[:1]

    alone, many = (checked(study(TRAIN, DATA), plan) for plan in (first_of, four))
    parts = [one for one in many.measures if one.name.startswith("accuracy-loss-way")]
    first = many.measures[0]
    assert len(parts) == 4
    assert first.value == max(one.value or 0 for one in parts)
    assert first.high == max(one.high or 0 for one in parts)
    assert first.low == max(one.low or 0 for one in parts)
    assert parts[0].value == alone.measures[0].value
    assert (parts[0].low or 0) < (alone.measures[0].low or 0)


def test_a_thousand_classes_take_seconds() -> None:
    train, data = clumps(3000, seed=1, k=1000), clumps(1500, seed=2, k=1000)

    def next_class(place: Ground, *_: object) -> tuple[Way, ...]:
        def poison(rate: float, stream: np.random.Generator) -> Poisoned:
            rows = np.sort(stream.choice(len(place.train.y), 300, replace=False))
            y = place.train.y.copy()
            y[rows] = (y[rows] + 1) % 1000
            return Poisoned(x=place.train.x, y=y, rows=rows)

        return (Way.unmarked("next class", poison),)

    result = checked(study(train, data), next_class, params=replace(FEW, rows=3000, held=1500))
    assert result.measures[0].value == pytest.approx(0.1, abs=0.05)


def test_the_remarks_say_what_was_planted_and_what_the_curve_does_not_say() -> None:
    told = " ".join(checked(study(TRAIN, DATA), marks, kind=CELLS).remarks)
    assert "3 models were trained on 400 rows as they are, and 12 with 10 %, 30 %" in told
    assert "far: x2 = 500, which clean models take for it in 0.0% of these rows" in told
    assert "not that there is any" in told


@pytest.mark.parametrize(
    "wrong", [{"seeds": 1}, {"rate": 0.0}, {"others": (1.0,)}], ids=["seeds", "rate", "others"]
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        replace(FEW, **wrong)


def test_the_control_fails_a_check_that_poisons_nothing() -> None:
    def idle(study: Study, *, params: Any, rng: np.random.Generator) -> Any:
        def ways(place: Ground, *_: object) -> tuple[Way, ...]:
            return marks(place)[1:]

        return damage(study, kind=CELLS, plan=ways, params=params, rng=rng)

    control = planted(idle, FEW, least=0.5)
    told = control(constraint=None, data=clumps(500), recipe=None, rng=rng(0))
    assert not told.passed
    assert "is 0% for a model that believes its rows" in told.detail


def test_the_control_fails_a_check_that_sees_damage_everywhere() -> None:
    def alarmed(study: Study, *, params: Any, rng: np.random.Generator) -> Any:
        found = yield from damage(study, kind=CELLS, plan=marks, params=params, rng=rng)
        measures = tuple(replace_value(one) for one in found.measures)
        return replace(found, measures=measures)

    def replace_value(one: Measure) -> Measure:
        return Measure(name=one.name, value=1.0)

    control = planted(alarmed, FEW, least=0.5)
    assert not control(constraint=None, data=clumps(500), recipe=None, rng=rng(0)).passed
