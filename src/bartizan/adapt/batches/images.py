"""Files of pictures as batches: facts about each file, and pixels where it can be unpacked."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.files.whole import read_file
from bartizan.adapt.images.file import form_of
from bartizan.adapt.images.reading import FOLDER_TARGET
from bartizan.adapt.images.safety import LIMIT_BYTES, ImageFacts, facts_of
from bartizan.adapt.names import listed
from bartizan.core.errors import InputError, SchemaError
from bartizan.core.schema import Image, Schema
from bartizan.formats.picture_end import picture_format

_SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".webp", ".tif", ".tiff")
_BATCH_ROWS = 256
"""Files opened between two batches."""
_BATCH_BYTES = 64 << 20
"""Most bytes of pixels in a batch: 64 MiB."""
_NO_IMAGE = Image(height=1, width=1, channels=1)
"""The form of images where not one file could be opened."""


class ImageBatches:
    """A folder of pictures that can be read several times, batch by batch.

    Unlike `bartizan.adapt.images.folder`, it goes on where a file is broken or hostile, and says
    so.
    """

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        """List the files and read their heads, which show the form that most of them have.

        Args:
            folder: Holds pictures, or sub-folders of pictures, whose names are the classes.
            limit_bytes: Largest file that is opened.

        Raises:
            InputError: there is no such folder, or it cannot be read.
            SchemaError: it holds no file that is or claims to be a picture.
        """
        self._folder, self._limit = folder, limit_bytes
        self._paths, others = _listed(folder)
        if not self._paths:
            message = (
                f"{folder} holds no picture; expected PNG or JPEG files, or sub-folders of them"
            )
            raise SchemaError(message)
        self.name = folder.resolve().name
        classed = any(path.parent != folder for path in self._paths)
        self.target: str | None = FOLDER_TARGET if classed else None
        """The column of classes; none where pictures lie in no sub-folder."""
        self.assumed = False
        """The files show what they are; there are no columns to declare."""
        self.digest: str | None = None
        """`sha256:` of names and bytes, after all were read once."""
        image = self._usual()
        self.schema = Schema(image=image)
        rows = _BATCH_BYTES // max(image.size, 1)
        self._rows = max(1, min(_BATCH_ROWS, rows))
        left = [str(path.relative_to(folder)) for path in others]
        self.notes: tuple[str, ...] = (
            (f"what neither is nor claims to be a picture was left out: {listed(left)}",)
            if left
            else ()
        )

    def with_schema(self, schema: Schema) -> "ImageBatches":
        """The same pictures: their files say what they are."""
        del schema
        return self

    def __iter__(self) -> Iterator[Batch]:
        """All files, in the order of class and name."""
        total = hashlib.sha256()
        for start in range(0, len(self._paths), self._rows):
            paths = self._paths[start : start + self._rows]
            yield self._batch(start, paths, total=total)
        self.digest = f"sha256:{total.hexdigest()}"

    def _batch(self, start: int, paths: list[Path], *, total: "hashlib._Hash") -> Batch:
        image = self.schema.image or _NO_IMAGE
        pixels = np.zeros((len(paths), *image.shape), dtype=np.uint8)
        facts = [self._facts(path, total=total) for path in paths]
        decoded = [False] * len(paths)
        for place, one in enumerate(facts):
            if one.pixels is not None and one.pixels.shape == image.shape:
                pixels[place], decoded[place] = one.pixels, True
        raw = pl.DataFrame(
            [
                {"file": str(path.relative_to(self._folder)), **_row(one), "decoded": fits}
                for path, one, fits in zip(paths, facts, decoded, strict=True)
            ],
            schema=_COLUMNS,
        )
        labels = [path.parent.name if path.parent != self._folder else None for path in paths]
        frame = pl.DataFrame({FOLDER_TARGET: labels}, schema={FOLDER_TARGET: pl.String})
        return Batch(
            start=start,
            raw=raw,
            frame=frame if self.target else frame.select(),
            pixels=pixels,
        )

    def _facts(self, path: Path, *, total: "hashlib._Hash") -> ImageFacts:
        raw = self._bytes(path)
        content = raw if isinstance(raw, bytes) else b""
        total.update(f"{path.relative_to(self._folder)}\0{len(content)}\0".encode())
        total.update(content)
        if isinstance(raw, ImageFacts):
            return raw
        image = self.schema.image or _NO_IMAGE
        return facts_of(raw, name=path.name, colour=image.channels == 3)

    def _bytes(self, path: Path) -> bytes | ImageFacts:
        """The content, or what keeps from reading it."""
        if path.is_symlink() and not path.resolve().is_relative_to(self._folder.resolve()):
            why = "is a link that leads out of the folder"
            return ImageFacts(format="link", size_bytes=0, problem=why, hostile=True)
        try:
            if path.stat().st_size == 0:
                return b""
            return read_file(path, limit_bytes=self._limit)
        except (InputError, OSError) as error:
            why = f"cannot be read: {error}".replace(f"{path} ", "it ")
            return ImageFacts(format="unread", size_bytes=0, problem=why)

    def _usual(self) -> Image:
        """The form that most pictures have; ties go to the larger one."""
        sizes: Counter[tuple[int, int]] = Counter()
        colour = 0
        for path in self._paths:
            raw = self._bytes(path)
            try:
                form = form_of(raw, where=str(path)) if isinstance(raw, bytes) and raw else None
            except InputError:
                form = None
            if form is not None:
                sizes[form.height, form.width] += 1
                colour += not form.grey
        if not sizes:
            return _NO_IMAGE
        height, width = max(sizes, key=lambda size: (sizes[size], size))
        return Image(height=height, width=width, channels=3 if colour else 1)


_COLUMNS: dict[str, Any] = {
    "file": pl.String,
    "format": pl.String,
    "width": pl.Int64,
    "height": pl.Int64,
    "mode": pl.String,
    "bytes": pl.Int64,
    "problem": pl.String,
    "hostile": pl.Boolean,
    "personal": pl.String,
    "decoded": pl.Boolean,
}
"""Facts about a file, as `Batch.raw` has them; `decoded` where `Batch.pixels` holds it."""


def _row(facts: ImageFacts) -> dict[str, object]:
    return {
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "mode": facts.mode,
        "bytes": facts.size_bytes,
        "problem": facts.problem,
        "hostile": facts.hostile,
        "personal": facts.personal,
    }


def _listed(folder: Path) -> tuple[list[Path], list[Path]]:
    """Pictures of the folder and of its sub-folders, sorted, and files that are none."""
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        homes = [path for path in inside if path.is_dir() and not path.is_symlink()]
        files = [path for path in inside if path not in homes]
        for home in homes:
            files += sorted(p for p in home.iterdir() if not p.name.startswith("."))
    except OSError as error:
        message = f"cannot read {folder}: {error.strerror or error}; name a folder of pictures"
        raise InputError(message) from error
    pictures = [path for path in files if _claimed(path)]
    return pictures, [path for path in files if path not in set(pictures)]


def _claimed(path: Path) -> bool:
    """Whether a file is a picture by its name or by its content."""
    if path.suffix.lower() in _SUFFIXES:
        return not path.is_dir()
    if path.is_symlink() or not path.is_file():  # a pipe would wait for ever
        return False
    try:
        with path.open("rb") as file:
            return picture_format(file.read(16)) in ("png", "jpeg", "gif", "webp")
    except OSError:
        return False
