"""Reads a folder that holds one sub-folder of pictures for each class."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bartizan.adapt.files.whole import read_file
from bartizan.adapt.images.file import Form, form_of, pixels_of
from bartizan.adapt.images.pixels import LIMIT_BYTES, require_room
from bartizan.adapt.names import listed
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError, SchemaError

_SUFFIXES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class Folder:
    """Pictures of one size."""

    values: AnyArray
    """Shape (n, h, w, c), uint8; in the order of class and file name."""
    labels: tuple[str, ...]
    """Name of each picture's folder."""
    digest: str
    """Of the sorted names and the digests of the files."""
    notes: tuple[str, ...]


def read_folder(folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> Folder:
    """Read every PNG and JPEG file of every sub-folder; the sub-folders are the classes.

    All become 8 bits a value: grey if all of them are grey, else colour. Hidden files are
    passed over.

    Args:
        folder: Holds sub-folders, which hold pictures.
        limit_bytes: Most memory of the rows that will be made of them.

    Raises:
        InputError: a file cannot be read, is no picture, or lies outside through a link; or
            they need too much memory together.
        SchemaError: there are no pictures, pictures without a class, or several sizes.
    """
    paths, notes = _listed(folder)
    names = [path.relative_to(folder).as_posix() for path in paths]
    forms = [form_of(read_file(path), where=str(path)) for path in paths]
    _require_one_size(forms, paths)
    colour = not all(form.grey for form in forms)
    shape = (len(paths), forms[0].height, forms[0].width, 3 if colour else 1)
    require_room(shape, where=str(folder), limit_bytes=limit_bytes)
    values, total = np.empty(shape, dtype=np.uint8), hashlib.sha256()
    for place, path in enumerate(paths):
        raw = read_file(path)
        values[place] = _pixels(raw, path, colour=colour, shape=shape[1:])
        total.update(f"{names[place]}\0{hashlib.sha256(raw).hexdigest()}\n".encode())
    return Folder(
        values=values,
        labels=tuple(path.parent.name for path in paths),
        digest="sha256:" + total.hexdigest(),
        notes=(*notes, *_converted(forms, colour=colour)),
    )


def _pixels(raw: bytes, path: Path, *, colour: bool, shape: tuple[int, ...]) -> AnyArray:
    found = pixels_of(raw, where=str(path), colour=colour)
    if found.shape != shape:
        message = f"{path} has changed while the folder was read; try again"
        raise InputError(message)
    return found


def _listed(folder: Path) -> tuple[list[Path], list[str]]:
    """All pictures, sorted by class and name, and notes on what was left out."""
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        loose = [path for path in inside if path.suffix.lower() in _SUFFIXES]
        classes = [path for path in inside if path.is_dir()]
        found = {path: sorted(path.iterdir()) for path in classes}
    except OSError as error:
        message = f"cannot read {folder}: {error.strerror or error}; check its permissions"
        raise InputError(message) from error
    if loose:
        message = f"{loose[0]} lies in no class; expected one sub-folder of {folder} for each class"
        raise SchemaError(message)
    pictures, others, empty = [], [path for path in inside if path not in classes], []
    for home, paths in found.items():
        seen = [path for path in paths if not path.name.startswith(".")]
        kept = [path for path in seen if path.suffix.lower() in _SUFFIXES]
        others += [path for path in seen if path not in kept]
        empty += [] if kept else [home.name]
        pictures += kept
    _require_inside(folder, [*classes, *pictures])
    if not pictures:
        raise SchemaError(_empty(folder, others))
    notes = [f"sub-folders without pictures were left out: {listed(empty)}"] if empty else []
    names = [str(path.relative_to(folder)) for path in others]
    notes += [f"what is no PNG or JPEG file was left out: {listed(names)}"] if names else []
    return pictures, notes


def _empty(folder: Path, others: list[Path]) -> str:
    """That there are no pictures, and where they may be: a folder of train and test, say."""
    told = (
        f"{folder} holds no pictures; expected one sub-folder for each class, with PNG or JPEG "
        "files in it"
    )
    deeper = next((path.parent for path in others if path.is_dir()), None)
    return told if deeper is None or deeper == folder else f"{told}; did you mean {deeper}?"


def _require_inside(folder: Path, paths: list[Path]) -> None:
    """Refuse links that lead nowhere, or out: the digest would not cover where they lead."""
    home = folder.resolve()
    for path in paths:
        if path.is_symlink() and not path.exists():
            message = f"{path} is a link that leads nowhere; put the file itself there"
            raise InputError(message)
        if path.is_symlink() and not path.resolve().is_relative_to(home):
            message = f"{path} is a link that leads out of {folder}; put the file itself there"
            raise InputError(message)


def _require_one_size(forms: list[Form], paths: list[Path]) -> None:
    first = forms[0]
    for form, path in zip(forms, paths, strict=True):
        if (form.width, form.height) != (first.width, first.height):
            message = (
                f"images are of several sizes: {paths[0]} has {first.width} x {first.height} "
                f"pixels, {path} has {form.width} x {form.height}; bring all to the size that the "
                "model takes, as its training did (such as PIL.Image.resize)"
            )
            raise SchemaError(message)


def _converted(forms: list[Form], *, colour: bool) -> list[str]:
    """Notes on pictures that were changed to be like the others."""
    grey = sum(form.grey for form in forms)
    counts = {
        "grey pictures among colours were made colour": grey if colour else 0,
        "pictures with a palette were made colour": sum(form.mode == "P" for form in forms),
        "CMYK pictures were made RGB": sum(form.mode == "CMYK" for form in forms),
        "pictures were read as they are stored, though their EXIF data says that they are turned; "
        "if the model's training turned them, save them upright": sum(f.turned for f in forms),
    }
    return [f"{count} {what}" for what, count in counts.items() if count]
