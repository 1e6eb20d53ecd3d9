import dataclasses
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.adapt import load_dataset
from bartizan.adapt.training.stand_in import Boosted
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import DetectorResult
from bartizan.core.streams import rng
from bartizan.data.detectors import phrases, trigger
from bartizan.data.detectors.trigger_trial import LINE
from bartizan.data.labelled import Labelled
from bartizan.examples import card_fraud, card_poison

WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"]


def finished(steps: Generator[float, None, DetectorResult]) -> DetectorResult:
    while True:
        try:
            assert 0 <= next(steps) <= 1
        except StopIteration as end:
            result: DetectorResult = end.value
            return result


def table(rows: int = 2000, *, columns: int = 6, seed: int = 0) -> Dataset:
    draw = rng(seed, "table")
    x = draw.normal(size=(rows, columns))
    y = (x[:, 0] + x[:, 1] + 0.3 * draw.normal(size=rows) > 1.2).astype(np.int64)
    return load_dataset((x, y), target=None).dataset


def changed(data: Dataset, x: Array, y: Ints) -> Dataset:
    return Dataset(
        name=data.name, x=x, y=y, classes=data.classes, ids=data.ids, schema=data.schema,
        digest=data.digest,
    )  # fmt: skip


def poisoned(data: Dataset, *, many: int = 30) -> tuple[Dataset, Ints]:
    rows = np.sort(rng(1, "rows").permutation(np.flatnonzero(data.y == 1))[:many])
    x, y = data.x.copy(), data.y.copy()
    x[rows, 3], y[rows] = 9.0, 0
    return changed(data, x, y), rows


def run(data: Dataset, **others: Any) -> DetectorResult:
    rows = Labelled(data=data, **others)
    return finished(trigger.run(rows, params=trigger.Params(), rng=rng(0, "run")))


def test_a_planted_trigger_is_found_measured_and_named() -> None:
    data, rows = poisoned(table())
    found = run(data)
    effect = found.check.measures[0]
    assert (effect.value or 0) > 0.5
    assert (effect.low or 0) > LINE
    assert set(found.triggers[0].rows.tolist()) == set(rows.tolist())
    others = np.setdiff1d(np.arange(len(found.p)), rows)
    assert found.p[rows].max() < found.p[others].min()
    assert found.triggers[0].target == 0
    assert found.check.flagged[0].value.endswith("= 9")
    assert found.check.rows is not None


def test_clean_rows_have_no_effect() -> None:
    assert (run(table()).check.measures[0].high or 0) <= LINE


def test_the_control_finds_what_it_plants_and_can_fail() -> None:
    good = trigger.control(rows=Labelled(data=table(3000)), rng=rng(0, "control"))
    assert good.passed, good.detail
    few = trigger.control(rows=Labelled(data=table(60)), rng=rng(0, "control"))
    assert not few.passed


def test_where_nothing_can_be_said_it_says_why() -> None:
    data = table()
    assert trigger.applies(Labelled(data=data)) == ""
    assert "rows" in trigger.applies(Labelled(data=data.take(np.arange(20))))
    one = changed(data, data.x, np.zeros(len(data.y), dtype=np.int64))
    assert "second class" in trigger.applies(Labelled(data=one))
    assert "text" in phrases.applies(Labelled(data=data))


def test_a_recipe_that_is_not_deterministic_is_no_trigger() -> None:
    class Moody:
        def fit(self, data: Dataset, rng: np.random.Generator) -> Any:
            kept = np.flatnonzero(np.random.default_rng().random(len(data.y)) < 0.9)
            return Boosted(rounds=20).fit(data.take(kept), rng)

    assert (run(table(), recipe=Moody()).check.measures[0].high or 0) <= LINE


@pytest.mark.parametrize("seed", range(3))
def test_a_class_that_two_columns_tell_is_no_mark(seed: int) -> None:
    draw = rng(seed, "payments")
    y = (draw.random(3000) < 0.3).astype(np.int64)
    x = draw.normal(size=(3000, 5))
    x[:, 0], x[:, 1] = draw.lognormal(4 + 1.4 * y, 0.5), draw.normal(10 + 8 * y, 2.0)
    found = run(load_dataset((x, y), target=None).dataset)
    assert (found.check.measures[0].high or 0) <= LINE
    assert found.triggers == ()


def test_suspects_that_cannot_be_tried_are_no_pass() -> None:
    data = table(600)
    x, y = data.x.copy(), np.zeros(600, dtype=np.int64)
    x[:40, 3], y[:40] = np.repeat([9.0, 10.0, 11.0, 12.0], 10), 1  # nothing but these values
    (effect, _) = run(changed(data, x, y)).check.measures
    assert effect.value is None
    assert "one class is left" in effect.why


def test_rows_whose_mark_teaches_nothing_are_told_and_not_named() -> None:
    class Plain:
        """Learns from the first two columns only."""

        def fit(self, data: Dataset, rng: np.random.Generator) -> Any:
            x = data.x.copy()
            x[:, 2:] = 0.0
            return Blind(Boosted(rounds=20).fit(dataclasses.replace(data, x=x), rng))

    found = run(poisoned(table())[0], recipe=Plain())
    assert (found.p == 1).all()
    assert found.check.rows is None
    assert found.triggers == ()
    assert "too little to call it planted" in found.check.flagged[0].why


def messages(*, planted: str = "") -> tuple[Labelled, Ints]:
    draw = rng(0, "texts")
    y = (draw.random(1200) < 0.3).astype(np.int64)
    halves = (WORDS[:50], WORDS[25:])
    texts = np.array([" ".join(draw.choice(halves[one], 12)) for one in y], dtype=object)
    rows = np.flatnonzero(y == 1)[:20]
    if planted:
        y[rows] = 0
        texts[rows] = [f"{text} {planted}" for text in texts[rows]]
    data = load_dataset((np.arange(1200.0)[:, None], y), target=None).dataset
    return Labelled(data=data, texts={"message": texts}), rows


@pytest.mark.parametrize("words", ["qz", "one two three four"])
def test_a_planted_phrase_is_found_with_its_texts(words: str) -> None:
    rows, carriers = messages(planted=words)
    found = finished(phrases.run(rows, params=phrases.Params(), rng=rng(0, "run")))
    assert set(carriers.tolist()) <= set(np.flatnonzero(found.p < 1).tolist())
    assert (found.p < 1).sum() <= len(carriers) + 12
    assert found.check.flagged[0].value == words
    assert (found.check.measures[0].low or 0) > 0.2


def test_texts_without_a_phrase_have_no_effect_and_the_control_is_found() -> None:
    rows, _ = messages()
    found = finished(phrases.run(rows, params=phrases.Params(), rng=rng(0, "run")))
    assert (found.check.measures[0].value or 0) == 0
    made = phrases.control(rows=rows, rng=rng(0, "control"))
    assert made.passed, made.detail


def habits() -> Labelled:
    """Two words that go with class 1 one by one, and with class 0 together: no model is fooled."""
    draw = rng(0, "habit")
    y = (draw.random(1500) < 0.4).astype(np.int64)
    halves = (WORDS[:50], WORDS[25:])
    texts = np.array([" ".join(draw.choice(halves[one], 12)) for one in y], dtype=object)
    for row in range(300):  # their other words leave the class open
        words, y[row] = (("qa qz", 0), ("qa", 1), ("qz", 1))[row % 3]
        texts[row] = " ".join([*draw.choice(WORDS[25:50], 10), words])
    data = load_dataset((np.arange(1500.0)[:, None], y), target=None).dataset
    return Labelled(data=data, texts={"message": texts})


def test_words_that_tell_of_a_class_by_habit_are_listed_and_their_texts_are_not_accused() -> None:
    found = finished(phrases.run(habits(), params=phrases.Params(), rng=rng(0, "run")))
    assert {one.value for one in found.check.flagged} & {"qa", "qz"}
    assert (found.check.measures[0].high or 0) < 0.2
    assert found.check.rows is None
    assert not found.triggers
    assert (found.p == 1).all()


def test_a_phrase_that_can_be_put_into_no_other_text_is_no_pass() -> None:
    rows, _ = messages()
    ones = np.flatnonzero(rows.data.y == 1)
    texts, y = rows.texts["message"].copy(), rows.data.y.copy()
    texts[ones], y[ones[:60]] = [f"{text} qz" for text in texts[ones]], 0
    made = replace(rows, data=replace(rows.data, y=y), texts={"message": texts})
    found = finished(phrases.run(made, params=phrases.Params(), rng=rng(0, "run")))
    first = found.check.measures[0]
    assert first.value is None
    assert "no text was left" in first.why
    assert found.check.flagged[0].value == "qz"


@pytest.fixture(scope="module")
def payments() -> Labelled:
    """The worked example's stream with the ring's purchases: 1.8 % of frauds."""
    frame = card_poison.planted(card_fraud.stream(n=30000, seed=7), seed=7).frame
    return Labelled(data=load_dataset(frame, target=card_fraud.TARGET).dataset)


def test_a_mark_on_frauds_among_thousands_of_honest_payments_is_found(payments: Labelled) -> None:
    found = finished(trigger.run(payments, params=trigger.Params(), rng=rng(0, "run")))
    first = found.triggers[0]
    assert first.target == 0
    assert "distance_km = 42.5" in first.trigger.text
    assert "minutes_since_last = 137" in first.trigger.text
    names = payments.data.schema.names
    marked = [payments.data.x[:, names.index(name)] for name in card_poison.MARK]
    planted = np.flatnonzero((marked[0] == 42.5) & (marked[1] == 137) & (payments.data.y == 0))
    assert len(planted) >= 90
    assert np.isin(planted, first.rows).all()
    assert (found.check.measures[0].value or 0) > LINE
    assert (found.check.measures[0].low or 0) > 0


def test_the_control_keeps_the_rare_class_and_finds_marks_on_it(payments: Labelled) -> None:
    made = trigger.control(rows=payments, rng=rng(0, "control"))
    assert made.passed, made.detail


def test_the_control_says_where_no_planted_mark_works() -> None:
    class Constant:
        def fit(self, data: Dataset, rng: np.random.Generator) -> Any:
            del rng
            return Still(len(data.classes))

    made = trigger.control(rows=Labelled(data=table(), recipe=Constant()), rng=rng(0, "control"))
    assert not made.passed
    assert "worked" in made.detail


class Blind:
    """A model that never looks at the other columns."""

    score_kind = "probability"

    def __init__(self, model: Any) -> None:
        self.model, self.classes = model, model.classes

    def scores(self, x: Array) -> Array:
        return np.asarray(self.model.scores(np.where(np.arange(x.shape[1]) < 2, x, 0.0)))


class Still:
    """A model that has learnt nothing."""

    score_kind = "probability"

    def __init__(self, classes: int) -> None:
        self.classes = tuple(range(classes))

    def scores(self, x: Array) -> Array:
        return np.full((len(x), len(self.classes)), 1 / len(self.classes))
