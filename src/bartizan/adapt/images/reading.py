"""Labelled images, whatever they are kept in."""

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.files.arrays import MAGIC, Archive, read_npy
from bartizan.adapt.files.whole import read_file
from bartizan.adapt.images.array_names import paired
from bartizan.adapt.images.folder import read_folder
from bartizan.adapt.images.idx import is_idx, read_idx
from bartizan.adapt.images.pixels import require_room
from bartizan.adapt.tables import frames
from bartizan.adapt.tables.reading import read_table
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError, SchemaError, ShapeError, UsageError
from bartizan.core.record import digest

FOLDER_TARGET = "folder"
"""The target of a folder of images, whose classes are its sub-folders."""
_ENDINGS = (".gz", ".npz", ".npy", ".idx")
"""Left out of a data set's name."""
_HEAD_BYTES = 4
"""As many as tell IDX from text."""


@dataclass(frozen=True, kw_only=True)
class ImageSource:
    """Images as read, before anything is known about them."""

    values: AnyArray
    labels: pl.Series
    name: str
    where: str
    """What messages call it."""
    digest: str
    """`sha256:` of the files, or of the arrays."""
    notes: tuple[str, ...] = ()


def read_images(source: Any, *, target: str | None, has_header: bool = True) -> ImageSource | None:
    """Read images, if these are images.

    Args:
        source: Path of an .npz, .npy or IDX file, of a folder with one sub-folder for each
            class; or arrays (X, y) with X of shape (n, h, w) or with an axis of channels.
        target: The labels: the name of an array in an .npz file; of a file beside an .npy or
            IDX file; nothing for arrays, and nothing or `folder` for a folder.
        has_header: Whether the first line of a text file of labels names its column.

    Returns:
        None where the source is something else, such as a table.

    Raises:
        InputError: they cannot be read, or images and labels do not fit.
        UsageError: the target is missing, or there is no place for one.
    """
    if isinstance(source, tuple):
        return _from_pair(source, target=target)
    if not isinstance(source, str | PathLike):
        return None
    path = Path(source)
    if path.is_dir():
        return _from_folder(path, target=target)
    head = _head(path)
    if _is_npz(path, head=head):
        return _from_npz(path, target=target)
    if head == MAGIC[:_HEAD_BYTES] or is_idx(head):
        return _from_pair_of_files(path, target=target, has_header=has_header)
    return None


def _head(path: Path) -> bytes:
    """The first bytes, unpacked if need be; nothing where another reader will complain."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
        if head.startswith(b"\x1f\x8b"):
            head = zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES)
    except (OSError, zlib.error):
        return b""
    return head[:_HEAD_BYTES]


def _is_npz(path: Path, *, head: bytes) -> bool:
    """Whether a file is a zip archive of arrays; one that is cut off goes by its name."""
    if head != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return path.suffix.lower() == ".npz"


def _from_pair(source: tuple[Any, ...], *, target: str | None) -> ImageSource | None:
    if len(source) != 2 or getattr(source[0], "ndim", 2) < 3:
        return None
    if target is not None:
        message = "expected (X, y) with target=None, or a file of images with a target"
        raise UsageError(message)
    try:
        values, told = (np.asarray(part) for part in source)
    except (TypeError, ValueError, RuntimeError) as error:  # tensors elsewhere, ragged labels
        message = f"expected images and labels as arrays in this machine's memory ({error})"
        raise InputError(message) from error
    labels = _labels(told, where="the labels")
    total = hashlib.sha256(f"{values.shape} {values.dtype.str} {told.dtype.str}".encode())
    total.update(np.ascontiguousarray(values).tobytes())
    total.update("\x1f".join(map(str, labels.to_list())).encode())
    stamp = "sha256:" + total.hexdigest()
    return _source(values, labels, name="data", where="the images", stamp=stamp)


def _from_folder(path: Path, *, target: str | None) -> ImageSource:
    if target not in (None, FOLDER_TARGET):
        message = (
            f"expected a file, but {path} is a directory; name the file itself, or, for a folder "
            f"with one sub-folder of images for each class, say target {FOLDER_TARGET!r}"
        )
        raise UsageError(message)
    found = read_folder(path)
    return ImageSource(
        values=found.values,
        labels=pl.Series(FOLDER_TARGET, found.labels),
        name=path.resolve().name,
        where=str(path),
        digest=found.digest,
        notes=found.notes,
    )


def _from_npz(path: Path, *, target: str | None) -> ImageSource:
    raw = read_file(path)
    archive = Archive(raw, str(path))
    shapes = {name: head.shape for name, head in archive.heads.items()}
    images, labels = paired(shapes, target=target, where=str(path))
    where = f"{path}, array {images!r}"
    require_room(shapes[images], where=where)
    told = _labels(archive.read(labels), where=f"{path}, array {labels!r}")
    values = archive.read(images)
    return _source(values, told, name=_stem(path), where=where, stamp=digest(raw))


def _from_pair_of_files(path: Path, *, target: str | None, has_header: bool) -> ImageSource:
    """Images in one file, their labels in another beside it."""
    raw = read_file(path)
    values = _array(raw, path)
    beside = _beside(path, target=target)
    told = read_file(beside)
    if _head(beside) == MAGIC[:_HEAD_BYTES] or is_idx(_head(beside)):
        labels = _labels(_array(told, beside), where=str(beside))
    else:
        labels = _column(beside, has_header=has_header)
    stamp = digest(f"{digest(raw)}\n{digest(told)}".encode())
    return _source(values, labels, name=_stem(path), where=str(path), stamp=stamp)


def _array(raw: bytes, path: Path) -> AnyArray:
    if raw.startswith(MAGIC):
        return read_npy(raw, where=str(path))
    return read_idx(raw, where=str(path))


def _beside(path: Path, *, target: str | None) -> Path:
    """The file of labels: the one named, or the one that MNIST would name."""
    if target is not None:
        return path.parent / target
    name = path.name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1")
    if name == path.name:
        message = (
            f"{path} holds images without labels; name the file of labels beside it with "
            "target=... (--target), such as labels.npy or labels.csv"
        )
        raise UsageError(message)
    return path.parent / name


def _column(path: Path, *, has_header: bool) -> pl.Series:
    """The labels of a table with one column."""
    frame = read_table(path, has_header=has_header).frame
    if frame.width != 1:
        message = f"{path}: expected one column, the labels, got {frame.width}; save it by itself"
        raise SchemaError(message)
    return frame.to_series()


def _labels(values: AnyArray, *, where: str) -> pl.Series:
    """Labels, shape (n,) or (n, 1), as a column."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        hint = "; where they are one-hot, hand over their argmax(axis=1)" * (values.ndim == 2)
        message = f"{where}: expected one label an image, shape (n,), got {values.shape}{hint}"
        raise ShapeError(message)
    if values.dtype.kind == "S":
        try:
            values = np.char.decode(values, "utf-8")
        except UnicodeDecodeError as error:
            message = f"{where}: the labels are no UTF-8 text ({error}); save them as numbers"
            raise SchemaError(message) from error
    if values.dtype.kind in "iuf":
        values = values.astype(values.dtype.newbyteorder("="))
    return frames.to_series(values, name="target")[0]


def _source(
    values: AnyArray, labels: pl.Series, *, name: str, where: str, stamp: str
) -> ImageSource:
    if values.ndim > 0 and len(values) != len(labels):
        message = (
            f"{where}: expected one label an image, got {len(values)} and {len(labels)} labels"
        )
        raise ShapeError(message)
    if values.ndim > 0 and not len(values):
        message = f"{where} holds no image; expected labelled images"
        raise SchemaError(message)
    return ImageSource(values=values, labels=labels, name=name, where=where, digest=stamp)


def _stem(path: Path) -> str:
    while path.suffix.lower() in _ENDINGS and path.stem:
        path = path.with_suffix("")
    return path.name
