import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.batch import Batch
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections.confusables import ENTRY, Params, Spellings, applies, control
from unit.data.cutting import NOW, brief_of, cut, inspect

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
FAKE = "p\u0430ypal"


def shops(*values: str | None, repeat: int = 50) -> pl.DataFrame:
    return pl.DataFrame({"shop": list(values) * repeat, "price": [1.0] * len(values) * repeat})


def test_a_disguised_value_is_counted_in_every_row_that_has_it() -> None:
    found = inspect(ENTRY, shops("paypal", "visa", FAKE, "amex"))
    assert found.measures[0].value == pytest.approx(0.25)
    assert found.rows is not None
    assert found.rows.tolist() == list(range(2, 200, 4))
    assert found.flagged[0].value == "p\\u0430ypal"


def test_two_values_of_one_skeleton_are_told_though_each_alone_is_honest() -> None:
    found = inspect(ENTRY, shops("co", "co", "\u0441\u043e", "de"))
    assert found.measures[0].value == pytest.approx(0.25)
    assert found.measures[1].value == 0
    assert "looks like another value" in found.flagged[0].why


def test_forms_that_normalise_to_one_value_are_twins() -> None:
    assert inspect(ENTRY, shops("caf\u00e9", "cafe\u0301")).measures[0].value == 0.5
    assert inspect(ENTRY, shops("a b", "a\u00a0b")).measures[0].value == 0.5


@pytest.mark.parametrize(
    "values",
    [
        ("\u0434\u0430", "\u043d\u0435\u0442", None),
        ("\u662f", "\u5426"),
        ("\u0646\u0639\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f"),
        ("I1", "l1", "O0", "00"),  # plain ASCII is taken at its word
        ("", " ", None),
    ],
)
def test_honest_values_pass(values: tuple[str | None, ...]) -> None:
    assert inspect(ENTRY, shops(*values)).measures[0].value == 0


def test_the_result_does_not_depend_on_how_rows_are_cut() -> None:
    table = shops("paypal", FAKE, "co", "\u0441\u043e", "x\u200by", None, "a\x00", "don\x92t")
    table = table.with_columns(other=pl.col("shop").shift(1))
    whole = inspect(ENTRY, table, size=10_000)
    for size in (1, 7, 64):
        part = inspect(ENTRY, table, size=size)
        assert part.measures == whole.measures
        assert part.flagged == whole.flagged
        assert np.array_equal(part.rows, whole.rows)  # type: ignore[arg-type]  # rows there


def test_damage_of_encodings_is_counted_and_no_deception() -> None:
    found = inspect(ENTRY, shops("don\x92t", "ok"))
    assert [m.value for m in found.measures] == [0, 0, 0.5]


def test_values_of_personal_and_of_undeclared_columns_are_not_shown() -> None:
    schema = Schema(
        features=(Feature(name="who", type="categorical", categories=("a",), personal=True),)
    )
    brief = Brief(name="d", schema=schema, now=NOW)
    raw = pl.DataFrame({"who": [FAKE], "more": [FAKE]})
    looking = Spellings(brief, params=Params())
    looking.see(Batch(start=0, raw=raw, frame=raw.select("who")))
    assert [one.value for one in looking.result().flagged] == ["", ""]


def test_a_column_of_too_many_values_is_not_compared_and_says_so() -> None:
    table = pl.DataFrame({"a": [f"v{i}" for i in range(100)] + ["\u0441\u043e", "co"]})
    few = Spellings(brief_of(table), params=Params(categories=50))
    for batch in cut(table, size=10):
        few.see(batch)
    found = few.result()
    assert found.measures[0].value == 0
    assert "not compared" in found.remarks[0]


def test_ten_megabytes_in_one_cell_and_empty_tables_are_no_trouble() -> None:
    assert inspect(ENTRY, shops("x" * 10_000_000 + "\u202e", repeat=1)).measures[0].value == 1
    assert inspect(ENTRY, shops(repeat=0)).measures[0].value is None


def test_a_million_distinct_values_pass_in_flat_memory() -> None:
    table = pl.DataFrame({"a": pl.int_range(1_000_000, eager=True).cast(pl.String) + "\u00e9"})
    looking = Spellings(Brief(name="d", schema=Schema(), now=NOW), params=Params())
    looking.see(Batch(start=0, raw=table, frame=table))
    assert looking.result().measures[0].value == 0


def test_images_hold_no_text() -> None:
    image = Image(height=2, width=2, channels=1)
    assert "images" in applies(Brief(name="d", schema=Schema(image=image), now=NOW))
    assert not applies(brief_of(shops("a")))


def test_the_control_finds_its_case_and_fails_without_rows() -> None:
    table = shops("paypal", "visa")
    brief = brief_of(table)
    assert control(brief=brief, sample=next(cut(table)), rng=rng(0)).passed
    numbers = pl.DataFrame({"n": [1, 2]})
    sample = Batch(start=0, raw=numbers, frame=numbers)
    assert control(brief=brief_of(numbers), sample=sample, rng=rng(0)).passed
    none = Batch(start=0, raw=table.head(0), frame=table.head(0))
    assert not control(brief=brief, sample=none, rng=rng(0)).passed


@pytest.mark.data
def test_a_public_table_raises_no_alarm() -> None:
    path = DATA / "adult/adult-train.csv.gz"
    if not path.exists():
        pytest.skip(f"no {path}; set BARTIZAN_DATA to the folder of public data")
    assert inspect(ENTRY, pl.read_csv(path, has_header=False)).measures[0].value == 0
