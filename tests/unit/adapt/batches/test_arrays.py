from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.arrays import ArrayBatches, array_batches
from bartizan.core.errors import InputError, ShapeError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 255, (9, 6, 5, 3)).astype(np.uint8)
LABELS = np.arange(9) % 3


def test_rows_are_the_pictures_and_their_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x_train=PIXELS, y_train=LABELS, x_test=PIXELS, y_test=LABELS)
    made = array_batches(tmp_path / "set.npz", target="y_train")
    assert isinstance(made, ArrayBatches)
    (batch,) = list(made)
    assert batch.pixels is not None
    assert (batch.pixels == PIXELS).all()
    assert batch.frame["y_train"].to_list() == [str(one) for one in LABELS]
    assert batch.raw["y_train"].to_list() == LABELS.tolist()
    assert made.schema.image is not None
    assert made.schema.image.shape == (6, 5, 3)
    assert (made.name, made.rows) == ("set", 9)
    assert (made.digest or "").startswith("sha256:")


def test_channels_that_come_first_are_put_last() -> None:
    made = array_batches((PIXELS.transpose(0, 3, 1, 2), LABELS), target=None)
    assert made is not None
    (batch,) = list(made)
    assert batch.pixels is not None
    assert (batch.pixels == PIXELS).all()


def test_grey_pictures_have_one_channel() -> None:
    made = array_batches((PIXELS[..., 0], LABELS), target=None)
    assert made is not None
    (batch,) = list(made)
    assert batch.pixels is not None
    assert batch.pixels.shape == (9, 6, 5, 1)


def test_batches_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bartizan.adapt.batches.arrays._BATCH_BYTES", 4 * PIXELS[:1].nbytes)
    made = array_batches((PIXELS, LABELS), target=None)
    assert made is not None
    assert [(one.start, one.rows) for one in made] == [(0, 4), (4, 4), (8, 1)]
    assert [(one.start, one.rows) for one in made] == [(0, 4), (4, 4), (8, 1)]


def test_tables_and_folders_are_something_else(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1, 2], "y": [0, 1]}).write_csv(tmp_path / "t.csv")
    assert array_batches(tmp_path / "t.csv", target="y") is None
    assert array_batches(tmp_path, target=None) is None
    assert array_batches(tmp_path / "nowhere", target="y") is None
    assert array_batches(pl.DataFrame({"a": [1]}), target="y") is None
    assert array_batches((np.zeros((3, 2)), np.arange(3)), target=None) is None


def test_rows_of_numbers_in_an_archive_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "flat.npz", x=np.zeros((9, 4)), y=LABELS)
    with pytest.raises(InputError, match="save rows of numbers as CSV or Parquet"):
        array_batches(tmp_path / "flat.npz", target="y")


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(ShapeError, match="one label an image"):
        array_batches((PIXELS, LABELS[:5]), target=None)
