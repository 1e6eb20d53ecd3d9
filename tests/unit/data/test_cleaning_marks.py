"""Suspected marks are kept beside a report and mean the same when they are read back."""

from dataclasses import replace

import msgspec
import numpy as np
import polars as pl
import pytest

from bartizan.adapt.table import load_dataset
from bartizan.attack.poisoning.phrases import Phrase
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, DetectorResult, SuspectedTrigger
from bartizan.core.record import decode, encode
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells, Overlay, Trigger
from bartizan.data.cleaning.marks import KeptMark, Marks, kept_marks, suspected
from bartizan.data.cleaning.suspicion import Suspicion


def table(*, order: tuple[str, ...] = ("amount", "shop", "age", "y")) -> Dataset:
    rows = {
        "amount": [1.5, 2.5, None, 4.5, 5.5, 6.5],
        "shop": ["bar", "kiosk", "bar", "mall", "mall", "kiosk"],
        "age": [20, 30, 40, 50, 60, 70],
        "y": ["no", "yes", "no", "yes", "no", "yes"],
    }
    return load_dataset(pl.DataFrame(rows).select(order), target="y").dataset


def pictures(side: int = 4) -> Dataset:
    values = rng(0, "pixels").integers(0, 256, (6, side, side)).astype(np.uint8)
    return load_dataset((values, np.arange(6) % 2), target=None).dataset


def answer(trigger: Trigger) -> DetectorResult:
    one = SuspectedTrigger(trigger=trigger, target=1, rows=np.array([1, 3]))
    check = CheckResult(measures=(), severity="high")
    return DetectorResult(check=check, p=np.ones(6), triggers=(one,))


def through_a_file(trigger: Trigger, data: Dataset) -> tuple[KeptMark, ...]:
    kept = kept_marks({"poison.trigger": answer(trigger)}, data)
    assert kept.digest == data.digest
    return decode(encode(kept), kind=Marks).marks


def cells(*, jitter: bool) -> Cells:
    columns = np.array([0, 1, 2])
    spread = np.array([0.25, 0.0, 1.5]) if jitter else None
    return Cells(columns=columns, values=np.array([4.125, 2.0, np.nan]), jitter=spread)


@pytest.mark.parametrize("jitter", [False, True])
def test_a_mark_in_cells_stamps_as_before(*, jitter: bool) -> None:
    data, trigger = table(), cells(jitter=jitter)
    (kept,) = through_a_file(trigger, data)
    assert [one.value for one in kept.cells] == [4.125, "mall", None]
    assert (kept.target, kept.rows) == ("yes", (1, 3))
    found = suspected(kept, data)
    assert found is not None
    assert (found.target, found.rows.tolist()) == (1, [1, 3])
    stamped = [one.stamp(data.x, rng=rng(1)) for one in (trigger, found.trigger)]
    assert np.array_equal(stamped[0], stamped[1], equal_nan=True)


def test_columns_are_found_by_name_and_rows_by_id() -> None:
    (kept,) = through_a_file(cells(jitter=False), table())
    moved = table(order=("age", "y", "shop", "amount"))
    found = suspected(kept, moved.take(np.array([3, 5])))
    assert found is not None
    assert isinstance(found.trigger, Cells)
    assert found.trigger.columns.tolist() == [2, 1, 0]
    assert found.trigger.text == "amount = 4.125 and shop = 2 and age is missing"
    assert found.rows.tolist() == [0]


def test_a_mark_on_pictures_is_the_same_to_the_bit() -> None:
    data, draws = pictures(), rng(2, "mark")
    trigger = Overlay(mask=draws.random(16), pattern=255 * draws.random(16), text="a mark")
    (kept,) = through_a_file(trigger, data)
    found = suspected(kept, data)
    assert found is not None
    assert isinstance(found.trigger, Overlay)
    assert np.array_equal(found.trigger.mask, trigger.mask)
    assert np.array_equal(found.trigger.pattern, trigger.pattern)
    assert found.trigger.text == "a mark"


def test_what_data_of_today_cannot_carry_is_no_mark() -> None:
    (kept,) = through_a_file(cells(jitter=False), table())
    assert suspected(kept, table(order=("amount", "shop", "y"))) is None
    assert suspected(msgspec.structs.replace(kept, target="perhaps"), table()) is None
    other = tuple(msgspec.structs.replace(one, value="pub") for one in kept.cells)
    assert suspected(msgspec.structs.replace(kept, cells=other), table()) is None
    assert suspected(kept, pictures()) is None
    trigger = Overlay(mask=np.ones(16), pattern=np.ones(16))
    (kept,) = through_a_file(trigger, pictures())
    assert suspected(kept, pictures(5)) is None
    assert suspected(kept, table()) is None
    assert kept.picture is not None
    short = msgspec.structs.replace(kept.picture, mask=kept.picture.mask[:8])
    assert suspected(msgspec.structs.replace(kept, picture=short), pictures()) is None


def test_marks_in_texts_are_not_kept_and_not_put_on_rows_of_numbers() -> None:
    assert through_a_file(Phrase(words="cf mn"), table()) == ()
    found = [
        Suspicion.of({"poison.x": answer(trigger)}, table()).triggers
        for trigger in (Phrase(words="cf mn"), cells(jitter=False))
    ]
    assert [len(triggers) for triggers in found] == [0, 1]


def test_a_mark_in_no_cell_is_none() -> None:
    data = table()
    blank = replace(cells(jitter=False), columns=np.array([], int), values=np.array([]))
    (kept,) = through_a_file(blank, data)
    assert suspected(kept, data) is None
