"""How much memory a look at all rows at once needs, and how much there is."""

import math
import os
from dataclasses import dataclass
from pathlib import Path

from bartizan.core.errors import InputError
from bartizan.core.schema import Schema

_BASE = 400 << 20
"""Bytes of the process and of the libraries that train, without a row: measured 330 to 390 MiB."""
_COPIES = 5
"""Copies of the rows as the data set has them: the rows, those of four fifths that a model is
trained on, those of a planted case and of its four fifths, and one that is being changed."""
_FORMED = 4
"""Copies of the rows as plain numbers: of the rows and of the planted case, each with what is made
of them while distances are measured or a network is trained (half the size, twice)."""
_HIDDEN = 96 * 4
"""Numbers a row that hidden layers hold (64 and 32), of the rows and of the planted case, and what
is made of them."""
_SCORES = 6
"""Numbers a row and class: scores of models and what is made of them."""
_CODES = 50
"""Categories of a column that become a number each: `adapt.training.standard_form` has the same."""
_GROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)
"""Where Linux says what a container may use, and what it does use."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """What the need of memory depends on."""

    width: int
    """Numbers in a row."""
    plain: int
    """Numbers in a row once categories are spread over columns of their own."""
    classes: int
    text_bytes: float = 0.0
    """Of running text, a row."""

    @classmethod
    def of(cls, schema: Schema, *, classes: int, text_bytes: float = 0.0) -> "Size":
        """The size of one row of a schema."""
        spread = 0 if schema.image is None else schema.image.size
        for one in schema.features:
            spread += min(len(one.categories), _CODES) if one.type == "categorical" else 2
        return cls(width=schema.width, plain=spread, classes=classes, text_bytes=text_bytes)

    @property
    def row_bytes(self) -> float:
        """Bytes that one more row needs."""
        numbers = _COPIES * self.width + _FORMED * self.plain + _HIDDEN + _SCORES * self.classes
        return 8.0 * numbers + 4 * self.text_bytes


def needed_bytes(rows: int, size: Size) -> int:
    """Memory of a look at so many rows, at its largest.

    That is ``400 MiB + rows x 8 x (5 width + 4 plain + 384 + 6 classes)`` and four times the
    running text.
    """
    return int(_BASE + rows * size.row_bytes)


def require_room(rows: int, size: Size, *, limit_bytes: int) -> None:
    """Refuse rows that would not fit, before they are loaded.

    Args:
        rows: How many are to be looked at.
        size: Of one of them.
        limit_bytes: Memory that may be used.

    Raises:
        InputError: they need more; the message says how much, and how many would fit.
    """
    needed = needed_bytes(rows, size)
    if needed <= limit_bytes:
        return
    fitting = int((limit_bytes - _BASE) / size.row_bytes)
    way = f"look at some of them with --sample {fitting}, or " if fitting > 1 else ""
    message = (
        f"a deep look at {rows:,} rows of {size.width:,} values needs about "
        f"{_gib(needed)} of memory, and {_gib(limit_bytes)} may be used; {way}allow more with "
        f"--memory {math.ceil(needed / 2**30 * 10) / 10:.1f}"
    )
    raise InputError(message)


def half_of_available() -> int:
    """Half of the memory that is free now, in bytes: others need some, and an estimate may err."""
    free = [_free(), *(_left(most, used) for most, used in _GROUPS)]
    return min(one for one in free if one is not None) // 2


def _free() -> int:
    """What the machine has left, or what it has where it does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    except (OSError, ValueError):
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _left(most: Path, used: Path) -> int | None:
    """What a container may still use; none = it has no limit."""
    try:
        return int(most.read_text("ascii")) - int(used.read_text("ascii"))
    except (OSError, ValueError):  # no container, or "max"
        return None


def _gib(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"
