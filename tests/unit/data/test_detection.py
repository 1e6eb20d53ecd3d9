import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from msgspec import structs
from PIL import Image
from sklearn.tree import DecisionTreeClassifier

from bartizan.adapt.batches.reading import open_batches
from bartizan.adapt.table import load_dataset
from bartizan.attack.poisoning.phrases import Phrase
from bartizan.core.entry import SuspectedTrigger
from bartizan.core.errors import Error, InputError, ModelError, SchemaError
from bartizan.data.inspection import Brief
from bartizan.data.inspections import duplicates
from bartizan.data.labelled import Labelled
from bartizan.data.portrait import suspects
from bartizan.data.request import Deep, Request
from bartizan.data.rules import Rules
from bartizan.data.verification import Verification
from bartizan.data.whole_rows import Whole
from bartizan.store import Store
from unit.data.detecting import NOW, ROOM, TOOL, Sign, detector, ended, looked, table


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.temporary() as store:
        yield store


def test_a_detector_is_shown_all_rows_and_its_answer_becomes_a_finding(store: Store) -> None:
    sign = Sign()
    run = looked(table(), sign, store)
    report = ended(run)
    (finding,) = report.findings
    assert finding.id == "poison.sign@rows"
    assert finding.outcome == "fail"
    assert [one.row for one in finding.flagged] == [3, 31]
    assert run.rows()["poison.sign@rows"].tolist() == [3, 31]
    marked = run.marked()["poison.sign@rows"]
    assert marked.suggested == (0, 0)
    assert marked.p.tolist() == [0.001, 0.001]
    assert report.evidence[0].rows == 40
    assert report.evidence[0].params["recipe"] == "stand-in"
    assert report.evidence[0].control == "planted in 40 rows"
    (rows,) = sign.seen
    assert rows.data.x.tolist() == table().select("a", "b").to_numpy().tolist()
    assert rows.data.classes == (0, 1)


def test_ids_are_those_of_the_source_where_rows_are_left_out(store: Store) -> None:
    frame = table(wrong=(31,)).with_columns(
        y=pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise(pl.col("y"))
    )
    run = looked(frame, Sign(), store)
    report = ended(run)
    assert run.rows()["poison.sign@rows"].tolist() == [31]
    assert any("left 5 of 40 rows out" in note for note in report.warnings)


@pytest.mark.parametrize("word", ["NaN", "null"])
def test_a_word_for_a_missing_number_among_labels_that_are_numbers_is_no_label(
    store: Store, tmp_path: Path, word: str
) -> None:
    labels = pl.when(pl.int_range(pl.len()) < 5).then(pl.lit(word)).otherwise(pl.col("y"))
    path, sign = tmp_path / "rows.csv", Sign()
    table(wrong=(31,)).with_columns(y=labels.cast(pl.String)).write_csv(path)
    report = ended(looked(path, sign, store))
    (rows,) = sign.seen
    assert rows.data.classes == (0, 1)
    assert rows.data.y.min() == 0
    assert rows.data.ids.tolist() == list(range(5, 40))
    assert [one.row for one in report.findings[0].flagged] == [31]
    assert any("left 5 of 40 rows out" in note for note in report.warnings)
    assert report.evidence[0].rows == 35


def refused(run: Verification, kind: type[Error]) -> str:
    """Why no detector looked at the rows: its finding has no verdict, and says so."""
    report = ended(run)
    (finding,) = [one for one in report.findings if one.entry == "poison.sign"]
    assert finding.outcome == "inconclusive"
    assert isinstance(run.refused, kind)
    assert finding.reason == str(run.refused)
    assert f"no detector looked at the rows: {finding.reason}" in report.warnings
    assert run.answers() is None
    return finding.reason


def test_labels_of_which_only_one_is_none_for_missing_are_refused(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    words = ["1", "nan"] * 20
    table().with_columns(y=pl.Series(words)).write_csv(path)
    assert "all have the label '1'" in refused(looked(path, Sign(), store), SchemaError)


def test_a_sample_keeps_every_class_and_the_report_says_what_was_not_looked_at(
    store: Store,
) -> None:
    sign = Sign()
    report = ended(looked(table(), sign, store, sample=12))
    (rows,) = sign.seen
    assert len(rows.data.y) == 12
    assert np.bincount(rows.data.y).tolist() == [8, 4]
    assert (np.diff(rows.data.ids) > 0).all()
    assert any("12 of 40 rows" in note and "not looked at" in note for note in report.warnings)
    assert report.evidence[0].rows == 12
    assert report.evidence[0].params["sample"] == 12


def test_the_same_seed_draws_the_same_sample(store: Store) -> None:
    first, again = Sign(), Sign()
    ended(looked(table(), first, store, sample=12))
    ended(looked(table(), again, store, sample=12))
    assert first.seen[0].data.ids.tolist() == again.seen[0].data.ids.tolist()


def test_rows_that_do_not_fit_into_memory_are_refused_with_what_would_fit(store: Store) -> None:
    run = looked(table(n=4000, wrong=()), Sign(), store, limit_bytes=410 << 20)
    told = refused(run, InputError)
    assert re.search(r"needs about 0\.4 GiB.*--sample \d+.*--memory", told)
    fitting = int(told.split("--sample ")[1].split(",")[0])
    sign = Sign()
    run = looked(table(n=4000, wrong=()), sign, store, limit_bytes=410 << 20, sample=fitting)
    assert ended(run).outcome == "pass"
    assert len(sign.seen[0].data.y) == fitting


def test_without_its_planted_case_there_is_no_verdict_but_what_was_seen_is_shown(
    store: Store,
) -> None:
    run = looked(table(), Sign(finds=False), store)
    (finding,) = ended(run).findings
    assert finding.outcome == "inconclusive"
    assert finding.reason.startswith("it missed the case planted for it: planted in 40 rows. What")
    assert [one.row for one in finding.flagged] == [3, 31]
    assert run.rows()["poison.sign@rows"].tolist() == [3, 31]


def test_a_detector_without_an_answer_is_a_gap(store: Store) -> None:
    report = ended(looked(table(), Sign(why="There are no texts."), store))
    assert not report.findings
    assert [(one.what, one.why) for one in report.coverage.gaps] == [
        ("poison.sign", "There are no texts.")
    ]


def test_a_detector_that_breaks_is_inconclusive_and_the_next_goes_on(store: Store) -> None:
    pairs = [detector("broken", sign=Sign(breaks="no")), detector("fine")]
    report = ended(both(pairs, store))
    assert [one.outcome for one in report.findings] == ["inconclusive", "fail"]
    assert report.findings[0].reason == "it crashed: ValueError: no"
    assert all(receipt.wall_s >= 0 for receipt in report.receipts)


def both(pairs: list[Any], store: Store) -> Verification:
    batches = open_batches(table(), target="y", name="rows")
    deep = Deep(
        entries=tuple(entry for entry, _ in pairs),
        applies={entry.id: applies for entry, applies in pairs},
        limit_bytes=ROOM,
    )
    brief = Brief(name="rows", schema=batches.schema, target="y", now=NOW)
    request = Request(brief=brief, batches=batches, entries=(), deep=deep)
    return Verification(request, store=store, tool=TOOL, clock=lambda: NOW)


def test_a_run_that_is_stopped_keeps_the_findings_that_are_done(store: Store) -> None:
    run = both([detector("fine"), detector("stopped", sign=Sign(stops=True))], store)
    with pytest.raises(KeyboardInterrupt):
        ended(run)
    assert run.came.startswith("all rows were read")
    run.interrupt("stopped by Ctrl-C")
    report = run.report()
    assert [one.outcome for one in report.findings] == ["fail", "not-run"]
    assert list(run.rows()) == ["poison.fine@rows"]


def test_progress_names_each_detector_and_ends_at_the_whole(store: Store) -> None:
    run = both([detector("first"), detector("second")], store)
    steps = [step for step in run if step.total]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total == 2000
    assert "Labels that are not the sign of a: looking at 40 rows" in [s.what for s in steps]


def test_who_sent_a_row_keys_and_running_text_are_no_features(store: Store) -> None:
    n = 40
    frame = table().with_columns(
        id=pl.int_range(n) + 1000,
        who=pl.Series(["ann", "bob", None, "ann"] * 10),
        note=pl.Series([f"please call me back about order number {i}" for i in range(n)]),
    )
    batches = open_batches(frame, target="y", name="rows")
    sign = Sign()
    entry, applies = detector(sign=sign)
    schema = batches.schema
    features = tuple(structs.replace(one, identifier=one.name == "id") for one in schema.features)
    brief = Brief(
        name="rows",
        schema=structs.replace(schema, features=features),
        target="y",
        rules=Rules(source="who"),
        now=NOW,
    )
    batches = batches.with_schema(brief.schema)
    deep = Deep(entries=(entry,), applies={entry.id: applies}, limit_bytes=ROOM)
    ended(
        Verification(
            Request(brief=brief, batches=batches, entries=(), deep=deep),
            store=store,
            tool=TOOL,
        )
    )
    (rows,) = sign.seen
    assert rows.data.schema.names == ("a", "b")
    assert rows.sources is not None
    assert rows.sources[:4].tolist() == [0, 1, 2, 0]
    assert rows.source_names == ("ann", "bob", "(no source)")
    assert rows.texts["note"][1] == "please call me back about order number 1"


def test_categories_that_the_first_rows_lack_are_known_and_unfit_cells_are_missing(
    store: Store, tmp_path: Path
) -> None:
    kinds = ["x", "z"] * 19 + ["late", "x"]
    frame = table().with_columns(kind=pl.Series(kinds), b=pl.col("b").cast(pl.String))
    path = tmp_path / "rows.csv"
    frame.write_csv(path)
    lines = path.read_text().splitlines()
    cells = lines[30].split(",")
    lines[30] = ",".join([cells[0], "oops", *cells[2:]])
    path.write_text("\n".join(lines))
    sign = Sign()
    ended(looked(path, sign, store))
    (rows,) = sign.seen
    kind = rows.data.schema.features[2]
    assert kind.categories == ("x", "z", "late")
    assert rows.data.x[38, 2] == 2
    assert np.isnan(rows.data.x[29, 1])


@pytest.mark.parametrize("labels", [[1] * 40, [None] * 40], ids=["one class", "no label"])
def test_rows_of_one_class_are_refused(labels: list[Any], store: Store) -> None:
    frame = table().with_columns(y=pl.Series(labels, dtype=pl.Int64))
    assert "two classes" in refused(looked(frame, Sign(), store), SchemaError)


def test_two_rows_of_a_class_and_a_thousand_classes_are_looked_at(store: Store) -> None:
    few = table(wrong=()).with_columns(y=pl.int_range(40) // 38)
    sign = Sign()
    ended(looked(few, sign, store, sample=10))
    assert np.bincount(sign.seen[0].data.y).tolist() == [8, 2]
    many = table(n=3000, wrong=()).with_columns(y=pl.int_range(3000) % 1000)
    sign = Sign()
    ended(looked(many, sign, store, sample=2500))
    assert (np.bincount(sign.seen[0].data.y, minlength=1000) >= 2).all()


def test_labels_are_spelled_as_the_data_spells_them(store: Store) -> None:
    spellings: list[tuple[list[Any], tuple[Any, ...]]] = [
        (["no", "yes"] * 20, ("no", "yes")),
        ([False, True] * 20, ("False", "True")),
        ([7, 10] * 20, (7, 10)),
        ([0.0, 1.0] * 20, (0, 1)),
    ]
    for labels, classes in spellings:
        sign = Sign()
        ended(looked(table().with_columns(y=pl.Series(labels)), sign, store))
        assert sign.seen[0].data.classes == classes


@pytest.mark.parametrize(
    ("personal", "told"),
    [((), '"qz tq" somewhere in the text'), (("message",), "words in message (personal)")],
)
def test_words_of_a_personal_text_are_not_told(personal: tuple[str, ...], told: str) -> None:
    made = load_dataset(table(), target="y")
    rows = Labelled(data=made.dataset, texts={"message": np.full(40, "words", dtype=object)})
    whole = Whole(rows=rows, codec=made.codec, personal=frozenset(personal))
    mark = SuspectedTrigger(trigger=Phrase(words="qz tq"), target=1, rows=np.arange(4))
    assert [one.mark for one in suspects((mark,), whole)] == [told]


def test_personal_values_are_not_shown(store: Store) -> None:
    batches = open_batches(table(), target="y", name="rows")
    features = tuple(structs.replace(one, personal=True) for one in batches.schema.features)
    schema = structs.replace(batches.schema, features=features)
    entry, applies = detector()
    deep = Deep(entries=(entry,), applies={entry.id: applies}, limit_bytes=ROOM)
    brief = Brief(name="rows", schema=schema, target="y", now=NOW)
    request = Request(brief=brief, batches=batches.with_schema(schema), entries=(), deep=deep)
    (finding,) = ended(Verification(request, store=store, tool=TOOL)).findings
    assert [one.value for one in finding.flagged] == ["", ""]
    assert [one.mark for one in finding.suspects] == ["a = (personal)"]


def test_pictures_are_shown_small_with_the_mark_before_and_after(store: Store) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(30) % 2
    values = rng.integers(1, 255, (30, 200, 100, 3)).astype(np.uint8)
    values[:, 0, 0, 0] = y  # above 0 for class 1
    values[4, 0, 0, 0] = 9
    (finding,) = ended(looked((values, y), Sign(), store)).findings
    (place,) = finding.flagged
    assert place.row == 4
    assert place.picture.startswith("data:image/png;base64,")
    (suspect,) = finding.suspects
    assert suspect.mark == "a mark on the picture"
    assert suspect.target == "1"
    assert suspect.views is not None
    assert _size(place.picture) == (33, 66)


def _size(uri: str) -> tuple[int, int]:
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as picture:
        return picture.size


def learn(x: Any, y: Any, seed: int) -> Any:
    assert x.columns == ["a", "b"]
    return DecisionTreeClassifier(max_depth=2, random_state=seed).fit(x.to_numpy(), y)


_LUCK = np.random.default_rng(0)


def gamble(x: Any, y: Any, seed: int) -> Any:
    return learn(x, _LUCK.permutation(y), seed)


def refuse(x: Any, y: Any, seed: int) -> Any:
    del y, seed
    message = f"cannot learn from {x['a'][0]}"
    raise ValueError(message)


def test_the_users_own_recipe_trains(store: Store) -> None:
    sign = Sign()
    report = ended(looked(table(), sign, store, recipe=learn))
    (rows,) = sign.seen
    assert rows.recipe is not None
    assert rows.out_of_fold.shape == (40, 2)
    assert (rows.out_of_fold.argmax(axis=1) == rows.data.y).mean() > 0.8
    assert report.warnings == ()
    assert report.evidence[0].params["recipe"] == "learn"


def test_a_recipe_that_is_not_deterministic_is_told(store: Store) -> None:
    report = ended(looked(table(n=400), Sign(), store, recipe=gamble))
    assert any("not deterministic" in note for note in report.warnings)


def test_a_recipe_that_raises_is_refused_with_what_it_said(store: Store) -> None:
    sign = Sign()
    told = refused(looked(table(), sign, store, recipe=refuse), ModelError)
    assert re.search(r"refuse.*ValueError: cannot learn from 1\.0", told)
    assert not sign.seen


@pytest.mark.parametrize("more", [{"recipe": refuse}, {"limit_bytes": 1 << 20}])
def test_what_inspections_found_stands_where_the_deep_look_is_refused(
    store: Store, more: dict[str, Any]
) -> None:
    entry, applies = detector()
    batches = open_batches(table(), target="y", name="rows")
    run = Verification(
        Request(
            brief=Brief(name="rows", schema=batches.schema, target="y", now=NOW),
            batches=batches,
            entries=(duplicates.ENTRY,),
            deep=Deep(
                entries=(entry,),
                applies={entry.id: applies},
                **{"limit_bytes": ROOM, **more},
            ),
        ),
        store=store,
        tool=TOOL,
        clock=lambda: NOW,
    )
    report = ended(run)
    assert [one.outcome for one in report.findings] == ["pass", "inconclusive"]
    assert report.outcome == "inconclusive"
    assert report.coverage.rows_total == 40
    assert report.subjects[0].digest == batches.digest


def test_a_source_that_changed_before_the_deep_look_ends_the_run(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    table().write_csv(path)
    run = looked(path, Sign(), store)
    steps = iter(run)
    while not next(steps).what.startswith("reading all rows"):
        pass
    table(n=60).write_csv(path)
    with pytest.raises(InputError, match="changed"):
        next(steps)
    assert run.refused is None


def test_where_there_is_text_alone_detectors_of_numbers_say_so(store: Store) -> None:
    words = [f"please call me back about order number {i}" for i in range(40)]
    frame = pl.DataFrame({"note": words, "y": [0, 1] * 20})
    report = ended(looked(frame, Sign(), store))
    (gap,) = report.coverage.gaps
    assert (gap.what, gap.why) == (
        "poison.sign",
        "There are no columns of numbers or categories.",
    )
