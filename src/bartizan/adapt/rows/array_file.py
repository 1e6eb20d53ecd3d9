"""Rows of an .npz file: pictures, their labels, and what else is told of each of them.

Arrays that are not about these pictures stay as they are.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from bartizan.adapt.files.arrays import Archive
from bartizan.adapt.images.array_names import beside, paired
from bartizan.adapt.rows.form import RowForm
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.errors import InputError

_ZIP = b"PK\x03\x04"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can tell: equal arrays make equal files."""


@dataclass(frozen=True, kw_only=True)
class ArrayRows:
    """An .npz file."""

    arrays: Mapping[str, AnyArray]
    values: str
    """Name of the pictures."""
    labels: str
    """Name of their labels."""
    form: RowForm = "npz"

    @staticmethod
    def is_one(raw: bytes) -> bool:
        """Whether this is an archive."""
        return raw.startswith(_ZIP)

    @classmethod
    def of(cls, raw: bytes, *, where: str, target: str) -> Self:
        """Read all arrays.

        Raises:
            InputError: the archive is damaged, or has no such labels.
        """
        archive = Archive(raw, where)
        shapes = {name: head.shape for name, head in archive.heads.items()}
        values, labels = paired(shapes, target=target, where=where)
        if shapes[values][0] != shapes[labels][0]:
            message = f"{where}: {values} and {labels} have different numbers of rows"
            raise InputError(message)
        return cls(
            arrays={name: archive.read(name) for name in shapes}, values=values, labels=labels
        )

    @property
    def rows(self) -> int:
        """See `RowFile`."""
        return len(self.arrays[self.labels])

    def spelled(self) -> list[bytes]:
        """See `RowFile`."""
        pairs = zip(self.arrays[self.values], self.arrays[self.labels], strict=True)
        return [value.tobytes() + b"\x1f" + str(label).encode() for value, label in pairs]

    def take(self, rows: Ints) -> Self:
        """See `RowFile`."""
        return self._with({name: self.arrays[name][rows] for name in self._of_rows})

    def joined(self, other: Self) -> Self:
        """See `RowFile`."""
        return self._with(
            {
                name: np.concatenate([self.arrays[name], other.arrays[name]])
                for name in self._of_rows
            }
        )

    def relabelled(self, labels: Mapping[int, str]) -> Self:
        """See `RowFile`."""
        made = self.arrays[self.labels].copy()
        try:
            for row, label in labels.items():
                made[row] = label if made.dtype.kind in "SU" else made.dtype.type(float(label))
        except ValueError as error:
            message = f"a label does not fit the type {made.dtype} of {self.labels!r}: {error}"
            raise InputError(message) from error
        return self._with({self.labels: made})

    def content(self) -> bytes:
        """See `RowFile`."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, values in self.arrays.items():
                member = io.BytesIO()
                np.lib.format.write_array(member, values, allow_pickle=False)
                info = zipfile.ZipInfo(f"{name}.npy", date_time=_EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, member.getvalue())
        return stream.getvalue()

    @property
    def _of_rows(self) -> tuple[str, ...]:
        """Names of the arrays with an entry for each row."""
        shapes = {name: values.shape for name, values in self.arrays.items()}
        return (self.values, self.labels, *beside(shapes, labels=self.labels))

    def _with(self, arrays: Mapping[str, AnyArray]) -> Self:
        return replace(self, arrays={**self.arrays, **arrays})
