"""`bartizan data clean --from`: what an earlier check says is believed only as far as it goes."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from bartizan.adapt.table import load_dataset
from bartizan.core.errors import InputError
from bartizan.core.record import decode, encode
from bartizan.core.report import Gap, Report
from bartizan.data.cleaning.people import groups_of
from bartizan.workspace import Workspace, clean_verbs
from bartizan.workspace.clean_order import Cleaned
from system.command import Ran, Run
from system.poisoned import ENTRY, FLIPPED, save_check, save_table

ROWS = Path("out/examples/poison.labels_shop.parquet")
Edit = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture
def clean(bartizan: Run, folder: Path) -> Run:
    """Clean a table from what a check has found."""
    save_check(folder / "out", save_table(folder))

    def run(*arguments: object, target: str = "fraud") -> Ran:
        known = ("--data", "shop.csv", "--target", target, "--from", "out", "--quiet")
        return bartizan("data", "clean", *known, *arguments)

    return run


def edit_report(**changes: object) -> None:
    """Write another report."""
    path = Path("out/report.json")
    report = decode(path.read_bytes(), kind=Report)
    path.write_bytes(encode(msgspec.structs.replace(report, **changes)))


def refused(ran: Ran, told: str) -> None:
    """Nothing was done, and it is said why."""
    assert ran.code == 2
    assert told in " ".join(ran.err.split())
    assert not Path("clean").exists()


def test_a_detector_that_there_is_not_is_named(bartizan: Run, clean: Run) -> None:
    told = "there is no detector of poison 'poison.label'; did you mean 'poison.labels'?"
    refused(clean("--entry", "poison.label"), told)
    refused(clean("--entry", ENTRY, "--entry", "poison.label"), told)
    refused(clean("--entry", "data.duplicates"), "no detector of poison 'data.duplicates'")
    now = ("--data", "shop.csv", "--target", "fraud", "--quiet", "--entry", "poison.label")
    refused(bartizan("data", "clean", *now), told)


def test_a_detector_that_the_check_did_not_run_clears_nothing(clean: Run) -> None:
    told = "did not run poison.trigger; it ran poison.labels. Leave --entry poison.trigger out"
    refused(clean("--entry", "poison.trigger"), told)
    report = decode(Path("out/report.json").read_bytes(), kind=Report)
    gap = Gap(what="poison.latent, poison.patches", why="Rows are not pictures.")
    edit_report(coverage=msgspec.structs.replace(report.coverage, gaps=(gap,)))
    told = "did not run poison.patches: Rows are not pictures.; it ran poison.labels"
    refused(clean("--entry", "poison.patches"), told)


def test_a_check_in_which_no_detector_looked_clears_nothing(bartizan: Run, clean: Run) -> None:
    check = ("--data", "shop.csv", "--target", "fraud", "--out", "out", "--quiet")
    assert bartizan("data", "check", *check).code != 2
    refused(clean(), "no detector of poison looked at the data of out/report.json")
    refused(clean("--entry", ENTRY), "check with --deep")


def test_a_check_of_other_labels_is_refused(clean: Run) -> None:
    told = "out/report.json is about the labels in 'fraud', and --target says 'group'"
    refused(clean(target="group"), told)
    edit_report(subjects=())
    refused(clean(), "out/report.json is about no data")


def test_a_detector_that_failed_the_data_and_names_no_row_leaves_it_open(clean: Run) -> None:
    report = decode(Path("out/report.json").read_bytes(), kind=Report)
    bare = tuple(msgspec.structs.replace(one, flagged=()) for one in report.findings)
    edit_report(findings=bare)
    ROWS.unlink()
    ran = clean()
    assert ran.code == 3
    told = "open poison.labels: planted by a test. It names no row, so that none leaves"
    assert told in " ".join(ran.out.split())


def some_rows_as(kind: pl.DataType, value: object) -> Edit:
    """Other row numbers."""
    return lambda frame: frame.with_columns(row=pl.lit(value, dtype=kind))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda rows: rows.head(0), "names no row, and its finding points at some"),
        (lambda rows: rows.drop("row"), "there must be a column `row` of whole numbers"),
        (lambda rows: rows.with_columns(pl.col("row") + 0.5), "`row` of whole numbers"),
        (lambda rows: rows.with_columns(pl.col("row").cast(pl.String)), "`row` of whole numbers"),
        (some_rows_as(pl.Int64(), None), "`row` must name each row once, from 0"),
        (some_rows_as(pl.Int64(), 5), "`row` must name each row once, from 0"),
        (lambda rows: rows.with_columns(-pl.col("row")), "`row` must name each row once, from 0"),
        (lambda rows: some_rows_as(pl.UInt64(), 2**63)(rows.head(1)), "cannot be read"),
        (lambda rows: rows.with_columns(pl.col("row") + 10**6), "row 1000005 is flagged and has"),
        (lambda rows: rows.with_columns(p=pl.lit("a")), "`p` must hold numbers"),
        (lambda rows: rows.with_columns(p=pl.lit(7.0)), "`p` must be from 0 to 1"),
        (lambda rows: rows.with_columns(suggested=pl.lit(5)), "`suggested` must hold labels"),
    ],
)
def test_rows_that_no_check_wrote_are_refused(clean: Run, edit: Edit, told: str) -> None:
    edit(pl.read_parquet(ROWS)).write_parquet(ROWS)
    refused(clean(), told)


def test_a_file_that_is_no_table_of_rows_is_refused(clean: Run) -> None:
    ROWS.write_bytes(b"PAR1 and then nothing PAR1")
    refused(clean(), "out/examples/poison.labels_shop.parquet cannot be read")


def test_what_a_detector_need_not_say_may_be_missing(clean: Run) -> None:
    pl.read_parquet(ROWS).select(pl.col("row").cast(pl.UInt32)).write_parquet(ROWS)
    ran = clean()
    assert ran.code == 0, ran.err
    assert pl.read_csv("clean/quarantine.csv")["p"].null_count() == len(FLIPPED)
    assert not Path("clean/suggestions.csv").exists()


@pytest.mark.parametrize("checked", [Path("out"), None])
def test_a_file_that_is_written_anew_while_detectors_look_loses_no_row(
    folder: Path, monkeypatch: pytest.MonkeyPatch, checked: Path | None
) -> None:
    """Row numbers of the new content would take other rows out of the old one."""
    data = save_table(folder)
    save_check(folder / "out", data)
    moved = pl.read_csv(data).reverse()
    name = "dataset_inputs" if checked is None else "labelled_rows"
    real = getattr(clean_verbs, name)

    def late(*given: object, **known: object) -> object:
        moved.write_csv(data)
        return real(*given, **known)

    monkeypatch.setattr(clean_verbs, name, late)
    with Workspace(folder / "ws") as ws, pytest.raises(InputError, match="changed while it was"):
        clean_it(ws, data, checked=checked)
    assert not Path("clean").exists()


def clean_it(ws: Workspace, data: Path, *, checked: Path | None) -> Cleaned:
    """Clean what is there."""
    return ws.data.clean(data, target="fraud", out="clean", checked=checked, entries=(ENTRY,))


def test_groups_are_not_read_from_a_file_that_was_written_anew(folder: Path) -> None:
    data = save_table(folder)
    rows = load_dataset(data, target="fraud").dataset
    assert groups_of(data, "group", data=rows, positive=None, header=True).names == ("f", "m")
    pl.read_csv(data).head(20).write_csv(data)
    with pytest.raises(InputError, match="changed while it was read, so that nobody knows whose"):
        groups_of(data, "group", data=rows, positive=None, header=True)


def test_rows_of_a_check_are_those_that_leave(clean: Run) -> None:
    assert clean("--entry", ENTRY).code == 0
    assert np.array_equal(pl.read_csv("clean/quarantine.csv")["row"].to_numpy(), FLIPPED)
