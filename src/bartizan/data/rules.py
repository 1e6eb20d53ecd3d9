"""What a person demands of a data set beyond its schema."""

from typing import Annotated

from msgspec import Meta

from bartizan.core.record import UserInput

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
Rows = Annotated[int, Meta(ge=2, le=10**9)]


class Rules(UserInput, frozen=True, kw_only=True):
    """Demands on one data set."""

    unique: tuple[tuple[str, ...], ...] = ()
    """Columns whose values, taken together, occur once: ``[["id"], ["account", "day"]]``."""
    time: str | None = None
    """Column that says when a row came to be: dates, times, or seconds since 1970."""
    max_age_h: Positive | None = None
    """Hours since the newest row, at most."""
    source: str | None = None
    """Column that says who contributed a row."""
    quota: Share | None = None
    """Share of all rows that one source may contribute, at most."""
    rate: Positive | None = None
    """How many times its share in the reference one source may contribute, at most."""
    growth: Positive | None = None
    """How many times the rows of the last registered version there may be, at most."""
    canaries: str | None = None
    """File of rows that must be in the data, unchanged."""
    deep: bool = False
    """Whether detectors of poison look at all rows at once, too."""
    recipe: str | None = None
    """How the model that these rows are for is trained, `module:function`; none = models of ours
    stand in for it."""
    sample: Rows | None = None
    """Rows that detectors look at, drawn from all classes alike; none = all."""
