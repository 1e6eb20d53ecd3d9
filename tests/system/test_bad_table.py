"""`bartizan data check` on tables in which something is wrong, as somebody types it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bartizan.data.rules import Rules
from bartizan.workspace import Workspace, dataset_inputs
from system.command import Ran, Run
from system.test_data import TARGET, orders

GOOD = orders(400)


@pytest.fixture
def check(folder: Path, bartizan: Run) -> Callable[..., Ran]:
    """Check a frame, saved as CSV, or a file."""

    def run(data: pl.DataFrame | str, *more: object, target: str | None = TARGET) -> Ran:
        name = data if isinstance(data, str) else "given.csv"
        if isinstance(data, pl.DataFrame):
            data.write_csv(name)
        label = () if target is None else ("--target", target)
        return bartizan("data", "check", "--data", name, *label, "--json", "--quiet", *more)

    return run


def finding(ran: Ran, entry: str) -> Any:
    """The finding of one entry."""
    (found,) = [one for one in json.loads(ran.out)["findings"] if one["entry"] == entry]
    return found


def places(ran: Ran, entry: str) -> list[tuple[int | None, str]]:
    """Row and column of what it points at."""
    return [(one.get("row"), one.get("column", "")) for one in finding(ran, entry)["flagged"]]


def spoiled(column: str, cells: dict[int, str]) -> pl.DataFrame:
    """Good rows, with some cells of a column spelled otherwise."""
    texts = GOOD[column].cast(pl.String).to_list()
    for row, text in cells.items():
        texts[row] = text
    return GOOD.with_columns(pl.Series(column, texts))


def test_text_among_numbers_is_found_though_nobody_declared_the_column(
    check: Callable[..., Ran],
) -> None:
    ran = check(spoiled("amount", {5: "lots", 300: "12,50"}), "--entry", "data.types")
    assert places(ran, "data.types") == [(5, "amount"), (300, "amount")]
    assert finding(ran, "data.types")["outcome"] == "fail"


def test_a_label_with_a_typo_is_found_though_nobody_said_which_labels_there_are(
    check: Callable[..., Ran],
) -> None:
    words = GOOD.with_columns(pl.col(TARGET).replace_strict({0: "normal", 1: "fraud"}))
    labels = words[TARGET].to_list()
    labels[7], labels[8] = "normla", "Fraud "
    ran = check(words.with_columns(pl.Series(TARGET, labels)), "--entry", "data.categories")
    assert places(ran, "data.categories") == [(7, TARGET), (8, TARGET)]
    assert "did you mean 'normal'?" in ran.out


def test_categories_that_only_this_data_shows_are_not_held_against_its_later_rows(
    check: Callable[..., Ran],
) -> None:
    frame = pl.DataFrame({"kind": ["a", "b"] * 35_000 + ["c"], TARGET: [0, 1] * 35_000 + [0]})
    ran = check(frame, "--entry", "data.categories")
    assert finding(ran, "data.categories")["outcome"] == "pass"


def test_two_other_sets_of_the_same_name_are_both_compared(
    folder: Path, check: Callable[..., Ran]
) -> None:
    for name, frame in (("one", GOOD), ("two", orders(50, first=9000, seed=3))):
        (folder / name).mkdir()
        frame.write_csv(folder / name / "train.csv")
    others = ("--against", "one/train.csv", "--against", "two/train.csv")
    ran = check(GOOD, *others, "--entry", "data.leakage")
    assert finding(ran, "data.leakage")["measures"][0]["value"] == 1.0


def test_canaries_may_leave_out_columns_and_the_label(check: Callable[..., Ran]) -> None:
    GOOD.select("shop", "amount").head(3).write_csv("canaries.csv")
    words = ("--canaries", "canaries.csv", "--entry", "data.canaries")
    assert check(GOOD, *words).code == 0
    ran = check(GOOD.slice(1), *words)
    assert ran.code == 1
    assert finding(ran, "data.canaries")["measures"][0]["value"] == pytest.approx(1 / 3)


def test_canaries_with_a_column_that_the_data_lacks_are_refused(check: Callable[..., Ran]) -> None:
    GOOD.head(3).rename({"shop": "store"}).write_csv("canaries.csv")
    ran = check(GOOD, "--canaries", "canaries.csv")
    assert (ran.code, ran.out) == (2, "")
    assert "canaries.csv: canaries have a column 'store', and the data has none" in ran.err


def test_canaries_without_a_header_are_read_like_the_data(check: Callable[..., Ran]) -> None:
    GOOD.write_csv("bare.csv", include_header=False)
    GOOD.head(3).write_csv("canaries.csv", include_header=False)
    words = ("--no-header", "--canaries", "canaries.csv", "--entry", "data.canaries")
    ran = check("bare.csv", *words, target=None)
    assert finding(ran, "data.canaries")["measures"][0]["n"] == 3
    assert ran.code == 0


def test_a_table_of_nothing_but_labels_is_no_crash(check: Callable[..., Ran]) -> None:
    ran = check(GOOD.select(TARGET))
    assert ran.code in (0, 3)
    assert "crashed" not in ran.out


def test_ten_thousand_classes_are_not_strange_to_themselves(check: Callable[..., Ran]) -> None:
    names = [f"c{row % 10_000}" for row in range(20_000)]
    frame = pl.DataFrame({"x": [row % 97 for row in range(20_000)], TARGET: names})
    frame.write_csv("reference.csv")
    asked = ("data.categories", "data.labels", "data.class-rates")
    ran = check(frame, "--reference", "reference.csv", *(w for e in asked for w in ("--entry", e)))
    assert {finding(ran, entry)["outcome"] for entry in asked} == {"pass"}


def test_a_column_that_a_demand_names_and_nobody_has_is_told_with_those_there_are(
    check: Callable[..., Ran],
) -> None:
    ran = check(GOOD, "--time", "tme", "--max-age", 3, "--source", "shp", "--quota", 0.9)
    (place,) = finding(ran, "data.fresh")["flagged"]
    assert place["why"].startswith("there is no column 'tme'")
    source = finding(ran, "data.sources")
    assert source["outcome"] == "inconclusive"
    assert "'shp' names the source" in source["reason"]
    assert "crashed" not in source["reason"]


def test_a_key_that_rows_are_numbered_by_does_not_make_equal_rows_different(
    check: Callable[..., Ran],
) -> None:
    double = pl.concat([GOOD, GOOD.with_columns((1 - pl.col(TARGET)).alias(TARGET))])
    numbered = double.with_columns(order=pl.int_range(double.height))
    words = ("--unique", "order", "--entry", "data.duplicates")
    assert finding(check(numbered, *words), "data.duplicates")["outcome"] == "fail"


EVIL = "<img src=x onerror=alert(1)>\x1b[31m|`x`]]> :100: \u202e"
"""Drives a terminal, a browser, a table of Markdown, an XML reader; turns the writing round."""


def test_no_output_obeys_what_stands_in_cells_and_names_of_columns(
    folder: Path, check: Callable[..., Ran], bartizan: Run
) -> None:
    renamed = GOOD.rename({"shop": EVIL})
    renamed.write_csv("reference.csv")
    here = pl.int_range(GOOD.height) == 7
    odd = renamed.with_columns(country=pl.when(here).then(pl.lit(EVIL)).otherwise("country"))
    odd.write_csv("odd@#*.csv")
    words = ("--target", TARGET, "--reference", "reference.csv", "--fail-on", "low")
    shown = bartizan("data", "check", "--data", "odd@#*.csv", *words)
    assert shown.code == 1, shown.err
    for text in (shown.out, shown.err):
        assert all(letter.isprintable() or letter == "\n" for letter in text)
    for name in ("report.html", "report.md", "junit.xml"):
        text = (folder / "out" / name).read_text("utf-8")
        assert "<img" not in text
        assert not {"\x1b", "\u202e"} & set(text), name
    ran = check(odd, "--reference", "reference.csv")
    assert [one["value"] for one in finding(ran, "data.categories")["flagged"]] == [EVIL]
    assert json.loads(ran.out) == json.loads((folder / "out/report.json").read_bytes())


def test_a_data_set_is_not_called_what_ids_of_findings_cannot_hold(
    folder: Path, check: Callable[..., Ran]
) -> None:
    ran = check(GOOD, "--name", "a@b")
    assert (ran.code, ran.out) == (2, "")
    assert "expected a name without @, # and *" in ran.err
    GOOD.write_csv("a@b#c*.csv")
    ran = check("a@b#c*.csv", "--entry", "data.types")
    assert finding(ran, "data.types")["id"] == "data.types@a_b_c_"


@pytest.mark.parametrize("first", [2**53, 2**63, 10**25])
def test_whole_numbers_of_any_size_fit_a_column_that_nobody_declared(
    check: Callable[..., Ran], first: int
) -> None:
    frame = pl.DataFrame({"n": [str(first + row) for row in range(50)]})
    ran = check(frame, "--entry", "data.types", target=None)
    assert finding(ran, "data.types")["outcome"] == "pass"


def test_one_row_of_many_is_not_told_as_none(
    folder: Path, check: Callable[..., Ran], bartizan: Run
) -> None:
    many = pl.concat([GOOD] * 10)
    many.write_csv("reference.csv")
    texts = many["country"].to_list()
    texts[17] = "Germny"
    many.with_columns(country=pl.Series(texts)).write_csv("typo.csv")
    words = ("--reference", "reference.csv", "--entry", "data.categories")
    ran = bartizan("data", "check", "--data", "typo.csv", "--target", TARGET, *words)
    assert "is 0.025%; at most" in ran.out
    assert " 0.03% " in ran.out
    assert "0.025\N{NO-BREAK SPACE}%" in (folder / "out/report.html").read_text("utf-8")


def test_examples_hold_the_rows_that_are_flagged_and_none_of_an_earlier_run(
    folder: Path, check: Callable[..., Ran]
) -> None:
    GOOD.write_csv("reference.csv")
    words = ("--reference", "reference.csv", "--entry", "data.types")
    check(spoiled("amount", {5: "lots", 300: "12,50"}), *words)
    path = folder / "out/examples/data.types_given.parquet"
    assert pl.read_parquet(path)["row"].to_list() == [5, 300]
    assert pl.read_parquet(path)["amount"].to_list() == ["lots", "12,50"]
    assert path.parent.stat().st_mode & 0o777 == 0o700
    check(GOOD, *words)
    assert not path.exists()


def test_a_broken_row_far_down_is_named_by_its_line(check: Callable[..., Ran]) -> None:
    rows = ["a,b"] + [f"{row},{row % 7}" for row in range(400_000)]
    rows[399_999] = "1,2,3"
    Path("long.csv").write_text("\n".join(rows) + "\n")
    ran = check("long.csv", "--entry", "data.types", target=None)
    assert (ran.code, ran.out) == (2, "")
    assert "long.csv, line 400000: expected 2 fields" in ran.err
    assert not Path("out").exists()


def test_personal_values_are_in_no_output(
    folder: Path, check: Callable[..., Ran], bartizan: Run
) -> None:
    names = [f"person{row}@example.org" for row in range(GOOD.height)]
    names[3] = names[2]
    frame = GOOD.with_columns(email=pl.Series(names))
    ran = check(frame, "--unique", "email", "--no-examples")
    assert finding(ran, "data.unique")["outcome"] == "fail"
    assert "person" not in ran.out.replace("personal", "")
    for path in folder.glob("out/*"):
        assert b"@example.org" not in path.read_bytes(), path
    assert not (folder / "out/examples").exists()


def test_numbers_of_columns_are_no_curve(folder: Path, check: Callable[..., Ran]) -> None:
    GOOD.write_csv("reference.csv")
    ran = check(GOOD.with_columns(pl.col("amount") * 3), "--reference", "reference.csv")
    drift = finding(ran, "data.drift")
    assert drift["outcome"] == "fail"
    assert drift["series"]
    assert "Drift: adjusted" not in (folder / "out/report.html").read_text("utf-8")
    assert "Drift: adjusted" not in (folder / "out/report.md").read_text("utf-8")


def test_a_clock_that_was_set_back_since_the_registration_is_noticed(folder: Path) -> None:
    later, sooner = datetime(2026, 6, 2, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    frame = GOOD.with_columns(when=pl.lit("2026-05-31"))
    with Workspace(folder / "kept", clock=lambda: later) as ws:
        inputs = dataset_inputs(frame, name="orders", target=TARGET, now=later)
        ws.data.register.add(inputs, source="a test")
    rules = Rules(time="when", max_age_h=100)
    known: dict[str, Any] = {"name": "orders", "target": TARGET, "rules": rules}
    found = {}
    for now in (sooner, later):
        with Workspace(folder / "kept", clock=partial(min, now, later)) as ws:
            (one,) = ws.data.check(frame, entries=["data.fresh"], **known).findings
            found[now] = one.outcome
    assert found == {sooner: "inconclusive", later: "pass"}
