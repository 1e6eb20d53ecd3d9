"""What inspections of data are told, and what they answer to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult
from bartizan.core.schema import Schema
from bartizan.data.label_book import LabelBook
from bartizan.data.profile import DataProfile
from bartizan.data.rules import Rules


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What is known before the first row is seen."""

    name: str
    schema: Schema
    assumed: bool = False
    """Whether nobody declared the schema and it was inferred, from this data or the reference."""
    target: str | None = None
    rules: Rules = field(default_factory=Rules)
    profile: DataProfile | None = None
    """What data of this kind looks like; none = there is no reference."""
    before: LabelBook | None = None
    """Labels of the last registered version; none = there is none."""
    before_rows: int | None = None
    """Rows of the last registered version."""
    before_at: datetime | None = None
    """When the last version was registered, with a time zone."""
    others: Mapping[str, Iterable[Batch]] = field(default_factory=dict)
    """Data sets by name that must share no row with this one; each can be read again."""
    canaries: pl.DataFrame | None = None
    """Rows that must be in the data, typed like `Batch.frame`."""
    now: datetime
    """With a time zone."""


class Inspection(Protocol):
    """Looks at a data set once, batch by batch, in order, in memory that does not grow with it.

    What must grow with the rows, such as a hash of each, says how many bytes a row it takes.
    """

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        ...

    def result(self) -> CheckResult:
        """What all batches together amount to; called once, after the last."""
        ...


Suits = Callable[..., str]
"""``suits(brief=, sample=, rng=) -> str``: why the first batch shows that a question has no answer
in this data, one sentence; empty where it has one."""
