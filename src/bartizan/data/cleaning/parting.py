"""Takes rows out of a file and puts them back."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bartizan.adapt.rows.file import RowFile
from bartizan.core.arrays import Ints
from bartizan.core.errors import InputError
from bartizan.data.cleaning.manifest import Manifest, root


@dataclass(frozen=True, kw_only=True)
class Parted:
    """A file in two: together they are the whole."""

    kept: RowFile
    """The cleaned rows."""
    aside: RowFile
    """Original rows that left or have another label now, in order."""


def parted(source: RowFile, *, gone: Ints, labels: Mapping[int, str]) -> Parted:
    """Take rows out, and change labels.

    Args:
        source: All rows; not changed.
        gone: Positions that leave, ascending.
        labels: By position, new labels of rows that stay.
    """
    away = np.union1d(gone, np.array(sorted(labels), dtype=np.int64)).astype(np.int64)
    stay = np.delete(np.arange(source.rows), gone)
    return Parted(kept=source.relabelled(labels).take(stay), aside=source.take(away))


def whole(parts: Parted, manifest: Manifest) -> RowFile:
    """Put the rows back where they were.

    Args:
        parts: As `parted` made them.
        manifest: Says where they were.

    Raises:
        InputError: the two files are not what the manifest is about.
    """
    away = {*manifest.quarantined, *(one.row for one in manifest.relabelled)}
    left = manifest.rows - len(manifest.quarantined)
    if left != parts.kept.rows or len(away) != parts.aside.rows:
        message = (
            f"expected {left:,} cleaned rows and {len(away):,} set aside, got "
            f"{parts.kept.rows:,} and {parts.aside.rows:,}; rows were added or removed since"
        )
        raise InputError(message)
    stay = np.delete(np.arange(manifest.rows), np.array(manifest.quarantined, dtype=np.int64))
    places = np.array(sorted(away), dtype=np.int64)
    same = np.flatnonzero(~np.isin(stay, places))
    order = np.argsort(np.concatenate([stay[same], places]), kind="stable")
    found = parts.kept.take(same).joined(parts.aside).take(order)
    if root(found.spelled(), salt=bytes.fromhex(manifest.salt)) != manifest.before:
        message = (
            "the rows that were put together are not those that were cleaned: a file or the "
            "manifest was changed; take the original file"
        )
        raise InputError(message)
    return found
