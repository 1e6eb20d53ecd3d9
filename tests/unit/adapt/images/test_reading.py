import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bartizan.adapt import ImageCodec, Table, bind, load_dataset, load_model
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import (
    InputError,
    ModelError,
    NonFiniteError,
    SchemaError,
    ShapeError,
    UsageError,
)
from bartizan.core.record import digest
from bartizan.core.schema import Feature, Schema
from unit.adapt.images.test_idx import idx

N, H, W = 12, 6, 5
DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))


def images(n: int = N) -> AnyArray:
    return np.random.default_rng(n).integers(0, 256, (n, H, W), dtype=np.uint8)


X, Y = images(), np.arange(N) % 3


def check(table: Table, *, x: AnyArray = X, classes: tuple[Any, ...] = (0, 1, 2)) -> None:
    """The rows are these images, bit for bit."""
    assert isinstance(table.codec, ImageCodec)
    assert np.array_equal(table.codec.laid_out(table.dataset.x), x)
    assert table.dataset.classes == classes
    assert table.dataset.ids.tolist() == list(range(len(x)))


@pytest.fixture
def npz(tmp_path: Path) -> Callable[..., Path]:
    def write(**arrays: Any) -> Path:
        path = tmp_path / "signs.npz"
        np.savez_compressed(path, **arrays)
        return path

    return write


def test_an_archive_is_read_and_its_digest_is_that_of_the_file(npz: Callable[..., Path]) -> None:
    path = npz(x=X, y=Y, track=np.arange(N))
    table = load_dataset(path, target="y")
    check(table)
    assert (table.dataset.name, table.dataset.digest) == ("signs", digest(path.read_bytes()))
    check(load_dataset(str(path), target=None))


def test_the_target_chooses_the_split(npz: Callable[..., Path]) -> None:
    path = npz(x_train=images(9), y_train=Y[:9], x_test=X, y_test=Y)
    check(load_dataset(path, target="y_test"))
    check(load_dataset(path, target="y_train"), x=images(9))
    with pytest.raises(SchemaError, match="several sets"):
        load_dataset(path, target=None)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (Y[:, None], (0, 1, 2)),
        (Y.astype(np.float32), (0, 1, 2)),
        (Y.astype(">i2"), (0, 1, 2)),
        (np.array(["stop", "go", "wait"])[Y], ("go", "stop", "wait")),
        (np.array([b"stop", b"go", "é".encode()])[Y], ("go", "stop", "é")),
    ],
)
def test_labels_of_every_kind(
    npz: Callable[..., Path], labels: AnyArray, classes: tuple[Any, ...]
) -> None:
    check(load_dataset(npz(x=X, y=labels), target="y"), classes=classes)


def test_labels_that_are_none_are_refused(npz: Callable[..., Path]) -> None:
    with pytest.raises(ShapeError, match=r"argmax\(axis=1\)"):
        load_dataset(npz(x=X, y=np.eye(3)[Y]), target="y")
    with pytest.raises(SchemaError, match="UTF-8"):
        load_dataset(npz(x=X, y=np.array([b"\xff"] * N)), target="y")
    with pytest.raises(SchemaError, match="fractions"):
        load_dataset(npz(x=X, y=Y + 0.5), target="y")
    with pytest.raises(ShapeError, match="12 and 11 labels"):
        load_dataset(npz(x=X, y=Y[1:]), target="y")


def test_images_without_a_label_are_left_out_and_the_others_keep_their_ids() -> None:
    labels = np.where(np.arange(N) == 4, np.nan, Y)
    data = load_dataset((X, labels), target=None).dataset
    assert data.ids.tolist() == [*range(4), *range(5, N)]
    assert len(data.x) == N - 1
    assert "1 of 12 rows have no label and were left out" in data.notes


def test_rows_of_numbers_in_an_archive_are_no_images(npz: Callable[..., Path]) -> None:
    with pytest.raises(ShapeError, match=r"array 'x': expected images of shape .* got \(12, 30\)"):
        load_dataset(npz(x=X.reshape(N, -1), y=Y), target="y")


def test_objects_in_an_archive_are_refused(npz: Callable[..., Path]) -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [X[0], X[1, 1:]]
    with pytest.raises(SchemaError, match="several sizes must be brought to one size"):
        load_dataset(npz(x=ragged, y=Y[:2]), target="y")
    with pytest.raises(SchemaError, match=r"'y' is an array of Python objects, .* astype\(str\)"):
        load_dataset(npz(x=X, y=np.array(["a", "b"] * (N // 2), dtype=object)), target="y")


def test_no_images_and_no_labels_are_told_as_such() -> None:
    with pytest.raises(SchemaError, match="the images holds no image"):
        load_dataset((X[:0], Y[:0]), target=None)


@pytest.mark.parametrize("suffix", ["npy", "csv", "csv.gz"])
def test_an_array_file_has_its_labels_beside_it(tmp_path: Path, suffix: str) -> None:
    path, beside = tmp_path / "shots.npy", tmp_path / f"marks.{suffix}"
    np.save(path, X)
    text = pl.DataFrame({"mark": Y}).write_csv().encode()
    if suffix == "npy":
        np.save(beside, Y)
    else:
        beside.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    table = load_dataset(path, target=beside.name)
    check(table)
    assert table.dataset.name == "shots"
    before = table.dataset.digest
    beside.write_bytes(beside.read_bytes().replace(b"0", b"3", 1) if suffix == "csv" else b"x")
    if suffix == "csv":
        assert load_dataset(path, target=beside.name).dataset.digest != before


def test_labels_beside_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "shots.npy", X)
    with pytest.raises(UsageError, match=r"shots\.npy holds images without labels"):
        load_dataset(tmp_path / "shots.npy", target=None)
    with pytest.raises(InputError, match=r"there is no file .*lables\.npy"):
        load_dataset(tmp_path / "shots.npy", target="lables.npy")
    (tmp_path / "two.csv").write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(SchemaError, match="expected one column, the labels, got 2"):
        load_dataset(tmp_path / "shots.npy", target="two.csv")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_labels_are_found_by_name_or_named(tmp_path: Path, pack: type[bytes]) -> None:
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(pack(idx(X)))
    labels = pack(idx(Y.astype(np.uint8)))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(labels)
    (tmp_path / "other").write_bytes(labels)
    check(load_dataset(path, target=None))
    check(load_dataset(path, target="other"))
    assert load_dataset(path, target=None).dataset.name == "t10k-images-idx3-ubyte"


def test_idx_labels_of_another_number_are_refused(tmp_path: Path) -> None:
    (tmp_path / "images-idx3").write_bytes(idx(X))
    (tmp_path / "labels-idx1").write_bytes(idx(Y.astype(np.uint8)[1:]))
    with pytest.raises(ShapeError, match="12 and 11 labels"):
        load_dataset(tmp_path / "images-idx3", target=None)


def test_arrays_are_read_in_any_layout_and_have_a_digest() -> None:
    colour = np.stack([X, X // 2, 255 - X], axis=3)
    check(load_dataset((X, Y), target=None))
    check(load_dataset((colour, Y), target=None), x=colour)
    first = np.ascontiguousarray(colour.transpose(0, 3, 1, 2))
    check(load_dataset((first, Y), target=None), x=first)
    last, turned = (load_dataset((x, Y), target=None).dataset for x in (colour, first))
    assert np.array_equal(last.x, turned.x)
    again = load_dataset((X.copy(), Y.tolist()), target=None).dataset.digest
    assert load_dataset((X, Y), target=None).dataset.digest == again
    digests = {again, last.digest, turned.digest}
    assert len(digests | {load_dataset((X, 2 - Y), target=None).dataset.digest}) == 4


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="target=None"):
        load_dataset((X, Y), target="y")
    with pytest.raises(ShapeError, match="12 and 3 labels"):
        load_dataset((X, Y[:3]), target=None)
    with pytest.raises(NonFiniteError, match="image 0"):
        load_dataset((np.full((2, 3, 3), np.nan), [0, 1]), target=None)
    with pytest.raises(InputError, match="as arrays"):
        load_dataset((X, [[1], [2, 3]]), target=None)


def test_a_schema_of_the_other_kind_is_refused() -> None:
    form = load_dataset((X, Y), target=None).dataset.schema
    assert load_dataset((X, Y), target=None, schema=form).dataset.schema == form
    with pytest.raises(SchemaError, match="the schema describes images, the data is a table"):
        load_dataset((X.reshape(N, -1), Y), target=None, schema=form)
    with pytest.raises(SchemaError, match="describes columns"):
        load_dataset((X, Y), target=None, schema=Schema(features=(Feature(name="a"),)))


def test_a_function_gets_the_source_s_type_and_layout_first() -> None:
    seen: list[tuple[Any, ...]] = []

    def model(x: AnyArray) -> AnyArray:
        seen.append((x.dtype.name, x.shape[1:]))
        return np.eye(3)[x.reshape(len(x), -1)[:, 0].astype(int) % 3] * 2.5

    table = load_dataset((X, X[:, 0, 0] % 3), target=None)
    bound = bind(load_model(model), table)
    assert seen[0] == seen[-1] == ("uint8", (H, W))  # tried first, and used in the end
    assert bound.width == H * W
    assert np.array_equal(bound.scores(table.dataset.x).argmax(axis=1), X[:, 0, 0] % 3)


@pytest.mark.parametrize("wanted", [(H, W, 1), (H * W,)])
def test_a_function_that_refuses_it_gets_other_layouts(wanted: tuple[int, ...]) -> None:
    def model(x: AnyArray) -> AnyArray:
        if x.shape[1:] != wanted:
            raise ValueError
        return np.eye(3)[x.reshape(len(x), -1)[:, 0].astype(int) % 3] * 2.5

    table = load_dataset((X, X[:, 0, 0] % 3), target=None)
    answers = bind(load_model(model), table).scores(table.dataset.x)
    assert np.array_equal(answers.argmax(axis=1), X[:, 0, 0] % 3)


def test_a_function_that_refuses_every_layout_is_told() -> None:
    def model(x: AnyArray) -> AnyArray:
        raise ValueError("never")  # noqa: EM101 (somebody else's model)

    with pytest.raises(ModelError, match="never"):
        bind(load_model(model), load_dataset((X, Y), target=None))


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "target", "n", "form"),
    [
        ("gtsrb/gtsrb_32x32_every3rd.npz", "y", 8879, (32, 32, 3)),
        ("fashion-mnist/fashion_mnist_20k_10k.npz", "y_test", 10_000, (28, 28, 1)),
        ("mnist-t10k/t10k-images-idx3-ubyte.gz", None, 10_000, (28, 28, 1)),
    ],
)
def test_public_data_sets_are_read(
    file: str, target: str | None, n: int, form: tuple[int, int, int]
) -> None:
    if not (DATA / file).exists():
        pytest.skip(f"the public data sets are not in {DATA}; set BARTIZAN_DATA")
    data = load_dataset(DATA / file, target=target).dataset
    assert len(data.x) == n
    assert data.schema.image is not None
    assert (data.schema.image.shape, data.schema.image.whole) == (form, True)
    assert data.classes == tuple(range(43 if "gtsrb" in file else 10))
    assert (data.x.min(), data.x.max()) == (0, 255)
