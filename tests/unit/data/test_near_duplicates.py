import gzip
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray
from bartizan.core.entry import CheckResult
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections import near_tables
from bartizan.data.inspections.near_duplicates import ENTRY, Params, applies, control, suits
from timing import within
from unit.data.cutting import NOW, brief_of, cut, inspect

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))


def share(found: CheckResult) -> float:
    value = found.measures[0].value
    assert value is not None
    return value


def table(rows: int = 3000, *, seed: int = 0) -> pl.DataFrame:
    draw = rng(seed, "table")
    made = {f"v{k}": draw.normal(size=rows) for k in range(8)}
    made |= {"colour": draw.choice(["red", "green", "blue"], rows)}
    return pl.DataFrame(made | {"y": draw.choice(["no", "yes"], rows)})


def poisoned(rows: int = 3000, *, copies: int = 150) -> pl.DataFrame:
    """As BadNets does it: rows used again, a little changed, with the label of the attacker."""
    clean = table(rows)
    jitter = [pl.col(f"v{k}") + 0.01 * rng(k, "j").normal(size=copies) for k in range(8)]
    return pl.concat([clean, clean.head(copies).with_columns(*jitter, y=pl.lit("yes"))])


def test_clean_rows_pass() -> None:
    assert share(inspect(ENTRY, table(), target="y")) == 0


def test_rows_used_again_with_small_changes_are_found() -> None:
    found = inspect(ENTRY, poisoned(), target="y")
    assert share(found) == pytest.approx(300 / 3150, rel=0.1)
    assert found.rows is not None
    assert np.isin(np.arange(3000, 3150), found.rows).mean() > 0.95
    assert np.isin(np.arange(150, 3000), found.rows).mean() < 0.01
    assert found.severity == "high"
    assert "another label" in found.flagged[0].why


def test_equal_rows_count_once() -> None:
    assert share(inspect(ENTRY, pl.concat([table()] * 3), target="y")) == 0


def test_the_result_does_not_depend_on_how_rows_are_cut() -> None:
    full = poisoned(5000)
    whole = inspect(ENTRY, full, size=100_000, target="y")
    for size in (611, 4096, 5000):
        part = inspect(ENTRY, full, size=size, target="y")
        assert (part.measures, part.flagged) == (whole.measures, whole.flagged)
        assert np.array_equal(part.rows, whole.rows)  # type: ignore[arg-type]  # rows there


WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"]


def letters(rows: int = 1000) -> pl.DataFrame:
    draw = rng(0, "letters")
    texts = [" ".join(draw.choice(WORDS, draw.integers(8, 30))) for _ in range(rows)]
    return pl.DataFrame({"text": texts, "y": draw.choice(["ham", "spam"], rows)})


def test_texts_with_one_word_changed_are_found_and_others_are_not() -> None:
    clean = letters()
    assert share(inspect(ENTRY, clean, target="y")) == 0
    again = clean.head(50).with_columns(pl.col("text") + " ok")
    found = inspect(ENTRY, pl.concat([clean, again]), target="y")
    assert share(found) == pytest.approx(100 / 1050, rel=0.05)


def test_texts_are_found_however_rows_are_cut() -> None:
    clean = letters()
    full = pl.concat([clean, clean.head(50).with_columns(pl.col("text") + " ok")])
    results = [inspect(ENTRY, full, size=size, target="y") for size in (10, 333, 5000)]
    assert len({(one.measures, one.flagged) for one in results}) == 1


def test_bad_texts_are_no_trouble() -> None:
    texts = ["x " * 5_000_000, "", None, "short", *letters(30)["text"]]
    found = inspect(ENTRY, pl.DataFrame({"text": texts}))
    assert share(found) == 0
    assert inspect(ENTRY, pl.DataFrame({"text": [None, "", "a"] * 5})).measures[0].why


def show(pixels: AnyArray, labels: list[str] | None = None, *, size: int = 1000) -> CheckResult:
    n, h, w, c = pixels.shape
    schema = Schema(image=Image(height=h, width=w, channels=c))
    brief = Brief(name="i", schema=schema, target="y", now=NOW)
    looking = ENTRY.run(brief, params=Params(), rng=rng(0))
    frame = pl.DataFrame({"y": labels or ["a"] * n})
    for start in range(0, n, size):
        part = frame.slice(start, size)
        batch = Batch(start=start, raw=part, frame=part, pixels=pixels[start : start + size])
        looking.see(batch)
    found: CheckResult = looking.result()
    return found


def images(n: int = 500) -> AnyArray:
    coarse = rng(0, "images").integers(0, 256, (n, 7, 7, 3)).astype(np.uint8)
    return np.repeat(np.repeat(coarse, 4, axis=1), 4, axis=2)


def test_images_with_a_sticker_are_found_and_their_labels_compared() -> None:
    clean = images()
    assert share(show(clean)) == 0
    again = clean[:50].copy()
    again[:, -3:, -3:] = 255
    labels = ["a"] * 500 + ["b"] * 50
    found = show(np.concatenate([clean, again]), labels)
    assert share(found) == pytest.approx(100 / 550, rel=0.1)
    assert found.severity == "high"
    assert found.measures == show(np.concatenate([clean, again]), labels, size=7).measures


def test_images_that_could_not_be_opened_are_passed_over() -> None:
    pixels = np.concatenate([images(50), np.zeros((50, 28, 28, 3), dtype=np.uint8)])
    schema = Schema(image=Image(height=28, width=28, channels=3))
    looking = ENTRY.run(Brief(name="i", schema=schema, now=NOW), params=Params(), rng=rng(0))
    raw = pl.DataFrame({"decoded": [True] * 50 + [False] * 50})
    looking.see(Batch(start=0, raw=raw, frame=raw.select(), pixels=pixels))
    assert looking.result().measures[0].n == 50


def test_nothing_to_look_at_is_no_pass() -> None:
    assert inspect(ENTRY, table(0), target="y").measures[0].value is None
    categories = pl.DataFrame({"a": ["x", "y"] * 100})
    assert "neither numbers nor texts" in inspect(ENTRY, categories).measures[0].why
    assert "No column holds" in applies(brief_of(categories))
    assert applies(brief_of(table())) == applies(brief_of(letters())) == ""
    schema = Schema(image=Image(height=2, width=2, channels=1))
    looking = ENTRY.run(Brief(name="i", schema=schema, now=NOW), params=Params(), rng=rng(0))
    assert looking.result().measures[0].value is None


def test_gaps_constants_and_infinities_are_no_trouble() -> None:
    odd = table(200).with_columns(
        v0=pl.lit(None, dtype=pl.Float64), v1=pl.lit(1.0), v2=pl.lit(float("inf"))
    )
    assert share(inspect(ENTRY, odd, target="y")) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_control_finds_its_case_in_tables_and_texts(seed: int) -> None:
    for made in (table(seed=seed), letters()):
        sample = next(cut(made, size=3000, target="y"))
        shown = control(brief=brief_of(made, target="y"), sample=sample, rng=rng(seed))
        assert shown.passed, shown.detail


def test_the_control_fails_where_rows_are_too_few_or_too_dense() -> None:
    few = next(cut(table(10), target="y"))
    assert not control(brief=brief_of(table(10), target="y"), sample=few, rng=rng(0)).passed
    values = np.repeat(rng(0, "dense").normal(size=40), 100)
    dense = pl.DataFrame({"v": values + 0.01 * rng(1, "dense").normal(size=4000)})
    sample = next(cut(dense, size=4000))
    assert not control(brief=brief_of(dense), sample=sample, rng=rng(0)).passed


def test_identifiers_are_not_compared() -> None:
    schema = Schema(features=(Feature(name="id", identifier=True),))
    assert "No column" in applies(Brief(name="d", schema=schema, now=NOW))


def public(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no {path}; set BARTIZAN_DATA to the folder of public data")
    return path


@pytest.mark.data
@pytest.mark.parametrize("name", ["adult/adult-train", "german-credit/german"])
def test_public_tables_raise_no_alarm(name: str) -> None:
    rows = pl.read_csv(public(f"{name}.csv.gz"), has_header=False)
    assert share(inspect(ENTRY, rows, size=50_000)) == 0


@pytest.mark.data
def test_hand_written_digits_raise_no_alarm() -> None:
    raw = gzip.decompress(public("mnist-t10k/t10k-images-idx3-ubyte.gz").read_bytes())
    assert share(show(np.frombuffer(raw[16:], np.uint8).reshape(-1, 28, 28, 1))) == 0


@pytest.mark.data
def test_campaigns_of_spam_are_found_in_seconds() -> None:
    path = public("sms-spam/sms.tsv.gz")
    names = ["y", "text"]
    rows = pl.read_csv(path, has_header=False, separator="\t", quote_char=None, new_columns=names)
    found = within(3, lambda: inspect(ENTRY, rows, target="y"))
    assert 0.03 < share(found) < 0.1


def lattice(rows: int = 2000) -> pl.DataFrame:
    """One amount in cents: neighbours are as near as copies."""
    return pl.DataFrame({"v": rng(0, "lattice").normal(100, 30, rows).round(2)})


def asked(made: pl.DataFrame) -> str:
    sample = next(cut(made, size=5000, target="y" if "y" in made.columns else None))
    return suits(brief=brief_of(made), sample=sample, rng=rng(0, "asked"))


def test_where_honest_rows_lie_as_near_as_copies_nothing_can_be_told() -> None:
    assert "as near to each other as copies" in asked(lattice())


def test_where_copies_can_be_told_the_question_is_asked() -> None:
    assert asked(table()) == asked(letters()) == asked(poisoned()) == ""


def test_no_poisoner_gets_rid_of_the_question_by_copying_more() -> None:
    clean = table(1000)
    jitter = [pl.col(f"v{k}") + 0.01 * rng(k, "j").normal(size=1000) for k in range(8)]
    assert asked(pl.concat([clean, clean.with_columns(*jitter)])) == ""


def test_a_table_of_a_few_rows_is_asked_and_stays_open() -> None:
    assert asked(table(10)) == ""


def test_of_very_many_rows_a_random_part_is_kept_however_they_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near_tables, "KEPT", 1500)
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(4000, 6))
    rows[2000:] = rows[:2000] + generator.normal(scale=0.01, size=(2000, 6))
    names = [f"c{i}" for i in range(6)]
    frame = pl.DataFrame(rows, schema=names)
    schema = Schema(features=tuple(Feature(name=name) for name in names))
    brief = Brief(name="t", schema=schema, now=NOW)
    found = []
    for size in (500, 4000):
        whole = Batch(start=0, raw=frame, frame=frame)
        look = near_tables.NearTable(brief, opening=whole, most=10_000, rng=rng(0, "near"))
        for start in range(0, 4000, size):
            part = frame.slice(start, size)
            look.see(Batch(start=start, raw=part, frame=part))
            assert len(look.points()[0]) <= 3000 + size
        found.append(look.found())
    first, second = (np.sort(one.rows) for one in found)
    assert first.tolist() == second.tolist()
    assert found[0].looked <= 1500
    pairs = np.isin((first + 2000) % 4000, first).mean()
    assert pairs > 0.9  # what is found are rows whose copy was kept too
    assert 0.2 < found[0].share < 0.6  # of 1,500 kept of 4,000, three in eight have theirs
