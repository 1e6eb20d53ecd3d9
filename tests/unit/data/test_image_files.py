from pathlib import Path

import polars as pl
import pytest

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.batches.images import ImageBatches
from bartizan.adapt.images.safety import facts_of
from bartizan.core.entry import CheckResult
from bartizan.core.schema import Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections.image_files import ENTRY, Params, applies, control
from bartizan.data.inspections.image_planted import picture
from bartizan.data.inspections.near_duplicates import ENTRY as NEAR
from unit.adapt.batches.test_images import encoded, folder, telling, zipped
from unit.data.cutting import NOW

CLEAN = {f"cat/{k}.png": encoded(seed=k) for k in range(8)}


def brief_of(batches: ImageBatches) -> Brief:
    return Brief(name="i", schema=batches.schema, target=batches.target, now=NOW)


def looked(home: Path, *, size: int = 100) -> CheckResult:
    batches = ImageBatches(home)
    looking = ENTRY.run(brief_of(batches), params=Params(), rng=rng(0))
    for batch in batches:
        for at in range(0, batch.rows, size):
            part = Batch(start=batch.start + at, raw=batch.raw.slice(at, size), frame=batch.frame)
            looking.see(part)
    found: CheckResult = looking.result()
    return found


def test_a_clean_folder_passes(tmp_path: Path) -> None:
    found = looked(folder(tmp_path, CLEAN))
    assert [m.value for m in found.measures] == [0] * 5
    assert found.flagged == ()


def test_faults_are_counted_and_the_hostile_ones_come_first(tmp_path: Path) -> None:
    bad = {
        "cat/x.png": b"",
        "cat/y.png": encoded(seed=9) + zipped(),
        "cat/z.jpg": encoded("JPEG", exif=telling()),
        "cat/w.png": encoded(side=9),
    }
    home = folder(tmp_path, CLEAN | bad)
    found = looked(home)
    assert [m.value for m in found.measures] == pytest.approx(
        [3 / 12, 1 / 12, 1 / 12, 1 / 12, 2 / 12]
    )
    assert found.severity == "high"
    assert found.flagged[0].value == "cat/y.png"
    assert found.rows is not None
    assert found.rows.tolist() == [9, 10, 11]
    for size in (1, 5):
        assert looked(home, size=size).measures == found.measures
        assert looked(home, size=size).flagged == found.flagged


def test_arrays_of_images_are_no_files_and_no_pass() -> None:
    schema = Schema()
    assert "no images" in applies(Brief(name="d", schema=schema, now=NOW))
    looking = ENTRY.run(Brief(name="d", schema=schema, now=NOW), params=Params(), rng=rng(0))
    looking.see(Batch(start=0, raw=pl.DataFrame({"y": ["a"]}), frame=pl.DataFrame({"y": ["a"]})))
    assert "array" in looking.result().measures[0].why


def test_the_control_finds_its_case_and_fails_without_files(tmp_path: Path) -> None:
    batches = ImageBatches(folder(tmp_path, CLEAN))
    sample = next(iter(batches))
    assert control(brief=brief_of(batches), sample=sample, rng=rng(0)).passed
    bare = Batch(start=0, raw=sample.frame, frame=sample.frame)
    assert not control(brief=brief_of(batches), sample=bare, rng=rng(0)).passed


def test_the_planted_picture_is_honest_but_for_its_passenger() -> None:
    assert facts_of(picture(), name="a.png").problem == ""


def test_near_duplicates_are_found_in_folders(tmp_path: Path) -> None:
    files = {f"cat/{k}.png": encoded(seed=k) for k in range(60)}
    batches = ImageBatches(folder(tmp_path, files))
    shown = NEAR.control(brief=brief_of(batches), sample=next(iter(batches)), rng=rng(0))
    assert shown.passed, shown.detail
