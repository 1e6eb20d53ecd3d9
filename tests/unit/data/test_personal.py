import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections.personal import ENTRY, Params, Personal, applies, control
from unit.data.cutting import NOW, brief_of, cut, inspect

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
KEY = "gh" + "p_" + "a1B2" * 9
MAIL = "anna@" + "example.org"


def table(rows: int = 3000, **more: list[Any]) -> pl.DataFrame:
    draw = rng(0, "table")
    made = {
        "id": np.arange(rows),
        "v": draw.normal(size=rows),
        "c": ["red", "green", "blue"] * (rows // 3),
    }
    return pl.DataFrame(made).with_columns(**{k: pl.Series(v) for k, v in more.items()})


def mails(rows: int = 3000, *, every: int = 1) -> list[str]:
    return [f"u{i}@" + "example.org" if i % every == 0 else "none" for i in range(rows)]


def test_an_undeclared_column_fails_and_is_named_without_its_values() -> None:
    found = inspect(ENTRY, table(m=mails()))
    assert found.measures[0].value == pytest.approx(0.25)
    assert found.severity == "medium"
    (flag,) = found.flagged
    assert (flag.row, flag.column, flag.value) == (None, "m", "")
    assert flag.why == "e-mail addresses in 100.0% of 3,000 cells"
    assert "example.org" not in str(msgspec.to_builtins(found.flagged)) + str(found.remarks)


def test_one_address_and_one_key_among_thousands_of_cells_are_enough() -> None:
    text = ["some words"] * 3000
    text[2500] = f"write to {MAIL} or use {KEY}"
    found = inspect(ENTRY, table(text=text))
    assert [flag.why for flag in found.flagged] == [
        "keys or tokens of services in 1 of 3,000 cells",
        "e-mail addresses in 1 of 3,000 cells",
    ]
    assert found.severity == "high"


@pytest.mark.parametrize(
    "value",
    [
        "https://anna:" + "geheim@example.org/x",
        "see https://example.org/a?b=1&access_token=" + "0123456789abcdef",
        "AK" + "IA" + "IOSFODNN7EXAMPLE",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    ],
)
def test_secrets_are_found_even_where_the_column_is_declared_personal(value: str) -> None:
    schema = Schema(
        features=(Feature(name="t", type="categorical", categories=("a",), personal=True),)
    )
    looking = Personal(Brief(name="d", schema=schema, now=NOW), params=Params(), seed=1)
    raw = pl.DataFrame({"t": [value]})
    looking.see(Batch(start=0, raw=raw, frame=raw))
    assert looking.result().measures[0].value == 1


def test_a_declared_column_is_no_finding_but_advice() -> None:
    schema = Schema(
        features=(Feature(name="m", type="categorical", categories=("a",), personal=True),)
    )
    looking = Personal(Brief(name="d", schema=schema, now=NOW), params=Params(), seed=1)
    raw = pl.DataFrame({"m": mails(50)})
    looking.see(Batch(start=0, raw=raw, frame=raw))
    found = looking.result()
    assert [m.value for m in found.measures] == [0, 1]
    assert "pseudonyms" in found.remarks[0]


@pytest.mark.parametrize("seed", range(5))
def test_random_numbers_of_a_card_s_length_are_no_cards(seed: int) -> None:
    draw = rng(seed, "numbers")
    numbers = [int(n) for n in draw.integers(4 * 10**15, 5 * 10**15, 3000)]
    assert inspect(ENTRY, table(n=numbers), seed=seed).measures[0].value == 0


def test_numbers_of_cards_are_found_where_they_are_stored_as_numbers() -> None:
    def complete(first: int) -> int:
        digits = [int(d) * (2 - i % 2) for i, d in enumerate(str(first))]
        return first * 10 + -sum(d - 9 * (d > 9) for d in digits) % 10

    numbers = pl.DataFrame({"n": [complete(400000000000000 + 7919 * i) for i in range(100)]})
    looking = Personal(brief_of(numbers), params=Params(), seed=0)
    looking.see(Batch(start=0, raw=numbers, frame=numbers))
    found = looking.result()
    assert found.flagged[0].why.startswith("payment card numbers in 100.0% of 100 distinct values")
    assert found.severity == "high"


def alike(left: CheckResult, right: CheckResult) -> bool:
    return (left.measures, left.flagged, left.remarks) == (
        right.measures,
        right.flagged,
        right.remarks,
    )


def test_the_result_does_not_depend_on_how_rows_are_cut() -> None:
    phones = [f"+49 30 {1000000 + i}" if i % 7 else None for i in range(6000)]
    full = table(6000, m=mails(6000, every=50), p=phones)
    whole = inspect(ENTRY, full, size=10_000)
    assert len(whole.flagged) == 2
    for size in (100, 999):
        assert alike(inspect(ENTRY, full, size=size), whole)


def test_bad_input_is_no_trouble() -> None:
    empty = table().head(0)
    assert inspect(ENTRY, empty).measures[0].value is None
    odd = pl.DataFrame({"a": [None, "", "x" * 10_000_000], "b": [None, None, None]})
    assert inspect(ENTRY, odd.with_columns(pl.col("b").cast(pl.String))).measures[0].value == 0
    nested = pl.DataFrame(
        {"l": [[1], [2]], "n": [None, None], "t": [b"a", b"b"], "f": [True, None]}
    )
    looking = Personal(Brief(name="d", schema=Schema(), now=NOW), params=Params(), seed=0)
    looking.see(Batch(start=0, raw=nested, frame=nested))
    assert "no column" in looking.result().measures[0].why


def test_a_million_distinct_values_are_kept_as_a_sample() -> None:
    raw = pl.DataFrame({"a": pl.int_range(1_000_000, eager=True).cast(pl.String)})
    looking = Personal(Brief(name="d", schema=Schema(), now=NOW), params=Params(), seed=0)
    for start in range(0, 1_000_000, 250_000):
        looking.see(Batch(start=start, raw=raw.slice(start, 250_000), frame=raw.head(0)))
    assert looking._samples["a"].height == Params().sample
    assert looking.result().measures[0].value == 0


def test_images_are_left_to_their_own_inspection() -> None:
    image = Image(height=2, width=2, channels=1)
    assert "data.images" in applies(Brief(name="d", schema=Schema(image=image), now=NOW))
    assert not applies(brief_of(table()))


@pytest.mark.parametrize("seed", range(10))
def test_the_control_finds_its_case(seed: int) -> None:
    shown = control(brief=brief_of(table()), sample=next(cut(table())), rng=rng(seed))
    assert shown.passed, shown.detail
    numbers = table().select("v")
    assert control(brief=brief_of(numbers), sample=next(cut(numbers)), rng=rng(seed)).passed


def test_the_control_fails_without_rows() -> None:
    none = table().head(0)
    sample = Batch(start=0, raw=none, frame=none)
    assert not control(brief=brief_of(table()), sample=sample, rng=rng(0)).passed


@pytest.mark.data
@pytest.mark.parametrize("name", ["adult/adult-train", "german-credit/german"])
def test_public_tables_raise_no_alarm(name: str) -> None:
    path = DATA / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip(f"no {path}; set BARTIZAN_DATA to the folder of public data")
    assert inspect(ENTRY, pl.read_csv(path, has_header=False)).measures[0].value == 0
