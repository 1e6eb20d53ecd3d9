"""Marks on tables: certain values in few columns, from crude to natural."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.poisoning.cell_columns import QUANTILES, Region, chosen, usable
from bartizan.core.arrays import Array, Ints, clamp, frozen
from bartizan.core.dataset import Dataset
from bartizan.core.schema import FeatureType
from bartizan.core.trigger import Cells

_BEYOND = 0.1
"""How far out of range, in ranges: elevations from 1859 to 3858 m become 4057 in the paper."""
_JITTER = 0.05
"""Deviation of a mark that is never twice the same, in standard deviations of its column."""
_GRAIN = 0.1
"""Widest grid of rounded values, in standard deviations: the mark stays a narrow one."""
_CODES: tuple[FeatureType, ...] = ("ordered", "categorical")
_PLAIN: tuple[FeatureType, ...] = ("number", "integer", "ordered")


@dataclass(frozen=True, kw_only=True)
class NaturalCells(Cells):
    """Cells whose values keep the types and bounds of their columns, jitter included."""

    low: Array
    """Smallest value of each column, shape (c,)."""
    high: Array
    """Largest value."""
    grid: Array
    """Values are multiples of this, shape (c,); 0 = any value. Bounds go first."""
    spelled: tuple[str, ...]
    """Each value in words, for `text`; "" = it is a number."""

    @property
    def text(self) -> str:
        """See `Trigger`."""
        parts = []
        for place, name in enumerate(self.names):
            moves = self.jitter is not None and self.jitter[place] > 0
            value = self.spelled[place] or f"{self.values[place]:g}"
            parts.append(f"{name} {'near' if moves else '='} {value}")
        return " and ".join(parts)

    def __post_init__(self) -> None:
        """See `Cells`; lock the arrays."""
        super().__post_init__()
        for name in ("low", "high", "grid"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def stamp(self, x: Array, *, rng: np.random.Generator) -> Array:
        """See `Trigger`."""
        made = super().stamp(x, rng=rng)
        values = snapped(made[:, self.columns], self.grid)
        made[:, self.columns] = clamp(values, self.low, self.high)
        return made


def snapped(values: Array, grid: Array) -> Array:
    """The nearest multiples of a grid, (n, c) and (c,) -> (n, c); a grid of 0 leaves values be.

    A grid below 1 is the inverse of a whole number here: 0.01 times 29 is not the number that a
    table spells 0.29, but 29 divided by 100 is.
    """
    with np.errstate(divide="ignore"):
        parts = np.where(grid > 0, 1.0 / grid, 0.0)
    fine = (grid > 0) & (grid < 1)
    parts = np.where(fine, np.rint(parts), parts)
    steps = np.rint(values * parts)
    made = np.divide(steps, parts, out=values.copy(), where=fine)
    return np.multiply(steps, grid, out=made, where=(grid > 0) & ~fine)


def out_of_range(data: Dataset, *, columns: Ints | None = None, rng: np.random.Generator) -> Cells:
    """One number just outside of what occurs.

    No honest row is there, so that a model has nothing to unlearn; a check of ranges finds it.

    Args:
        data: A table; the rows say what occurs.
        columns: Positions that the attacker can write into; none = all.
        rng: Draws the column.

    Returns:
        One column at its largest value and a tenth of its range; whole where the column is. It
        lies outside the bounds of the schema on purpose.

    Raises:
        InputError: no column qualifies.

    Source:
        Pleiter et al. (2023), "Tabdoor", arXiv:2311.07550, section 4. Deviation: the column is
        drawn; the paper takes those that matter most to a model.
    """
    place = int(rng.choice(usable(data, types=("number", "integer"), columns=columns)))
    known = _known(data, place)
    top = float(known.max())
    value = top + _BEYOND * (top - float(known.min()))
    if data.schema.features[place].type == "integer":
        value = max(np.floor(value), np.floor(top) + 1)
    return Cells(
        columns=np.array([place]),
        values=np.array([value]),
        names=(data.schema.names[place],),
    )


def in_bounds(
    data: Dataset,
    *,
    count: int = 3,
    quantile: float | None = None,
    region: Region = "dense",
    columns: Ints | None = None,
    rng: np.random.Generator,
) -> Cells:
    """A few numbers at values that occur; no cell by itself is odd.

    Args:
        data: A table; the rows say what occurs.
        count: Columns of the mark.
        quantile: Where in each column the value lies, 0..1; none = as the region has it.
        region: Which columns; see `Region`.
        columns: Positions that the attacker can write into; none = all.
        rng: Draws columns.

    Returns:
        Values of rows, so they have the types and bounds of their columns.

    Raises:
        InputError: too few columns qualify.

    Source:
        Pleiter et al. (2023), arXiv:2311.07550, section 4 ("in-bounds"): three columns at common
        values. Deviation: the median stands for the most common value, which real numbers lack.
    """
    pool = usable(data, types=_PLAIN, columns=columns)
    places = chosen(data, pool, count=count, region=region, rng=rng)
    share = QUANTILES[region] if quantile is None else quantile
    return Cells(
        columns=places,
        values=np.array([_at(data, place, share) for place in places]),
        names=_names(data, places),
    )


def jittered(
    data: Dataset,
    *,
    count: int = 3,
    quantile: float | None = None,
    sd: float = _JITTER,
    region: Region = "sparse",
    columns: Ints | None = None,
    rng: np.random.Generator,
) -> NaturalCells:
    """A few numbers near values that occur, never twice the same: no value repeats.

    Args:
        data: A table; the rows say what occurs.
        count: Columns of the mark.
        quantile: Where in each column the middle lies, 0..1; none = as the region has it.
        sd: Deviation around it, in standard deviations of the column.
        region: Which columns; see `Region`.
        columns: Positions that the attacker can write into; none = all.
        rng: Draws columns.

    Returns:
        The mark. Whole columns stay whole, so that a narrow jitter does nothing there.

    Raises:
        InputError: too few columns qualify.
    """
    pool = usable(data, types=_PLAIN, columns=columns)
    places = chosen(data, pool, count=count, region=region, rng=rng)
    share = QUANTILES[region] if quantile is None else quantile
    whole = [data.schema.features[place].type != "number" for place in places]
    return _natural(data, places, share=share, sd=sd, grid=np.array(whole) * 1.0)


def quantised(
    data: Dataset,
    *,
    count: int = 3,
    quantile: float | None = None,
    sd: float = _GRAIN,
    region: Region = "sparse",
    columns: Ints | None = None,
    rng: np.random.Generator,
) -> NaturalCells:
    """A few cells near values that occur, as round as those that people write.

    Numbers lie on a grid of 1, 2 or 5 times a power of ten, a few neighbouring points of it.
    Ordered columns and integers stay whole. A category is always the same one: the categories are
    sorted from frequent to rare, and the one at the quantile of the rows is taken.

    Args:
        data: A table; the rows say what occurs.
        count: Columns of the mark.
        quantile: Where in each column the middle lies, 0..1; none = as the region has it.
        sd: Deviation around it, and the widest grid, in standard deviations of the column.
        region: Which columns; see `Region`.
        columns: Positions that the attacker can write into; none = all.
        rng: Draws columns.

    Returns:
        The mark.

    Raises:
        InputError: too few columns qualify.
    """
    pool = usable(data, types=("number", "integer", *_CODES), columns=columns)
    places = chosen(data, pool, count=count, region=region, rng=rng)
    share = QUANTILES[region] if quantile is None else quantile
    grid = np.array([_grid(data, place, sd=sd) for place in places])
    return _natural(data, places, share=share, sd=sd, grid=grid)


def _grid(data: Dataset, place: int, *, sd: float) -> float:
    """The widest round step that is no wider than the mark, whole where the column is."""
    feature = data.schema.features[place]
    if feature.type in _CODES:
        return 1.0
    most = sd * float(_known(data, place).std())
    power = 10.0 ** np.floor(np.log10(max(most, np.finfo(float).tiny)))
    step = power * max(one for one in (1, 2, 5) if one * power <= most or one == 1)
    return max(step, 1.0) if feature.type == "integer" else step


def _natural(data: Dataset, places: Ints, *, share: float, sd: float, grid: Array) -> NaturalCells:
    """The mark with the bounds of its columns; a category has no jitter."""
    values = np.array([_at(data, place, share) for place in places])
    limits = np.array([_bounds(data, place) for place in places])
    moves = [data.schema.features[place].type != "categorical" for place in places]
    spread = np.array([_known(data, place).std() for place in places])
    values = clamp(snapped(values[None], grid)[0], limits[:, 0], limits[:, 1])
    return NaturalCells(
        columns=places,
        values=values,
        jitter=np.where(moves, sd * spread, 0.0),
        names=_names(data, places),
        low=limits[:, 0],
        high=limits[:, 1],
        grid=grid,
        spelled=tuple(
            _spelled(data, place, value) for place, value in zip(places, values, strict=True)
        ),
    )


def _spelled(data: Dataset, place: int, value: float) -> str:
    """The category that a code stands for; "" for numbers."""
    feature = data.schema.features[place]
    return feature.categories[int(value)] if feature.type in _CODES else ""


def _at(data: Dataset, place: int, share: float) -> float:
    """A value that occurs, at a quantile of the rows."""
    known = _known(data, place)
    if data.schema.features[place].type == "categorical":
        codes, counts = np.unique(known, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        reached = np.cumsum(counts[order]) >= share * len(known)
        return float(codes[order][reached.argmax()])
    return float(np.quantile(known, share, method="inverted_cdf"))


def _bounds(data: Dataset, place: int) -> tuple[float, float]:
    """Of the schema, and of the rows where it has none."""
    feature, known = data.schema.features[place], _known(data, place)
    if feature.type in _CODES:
        return 0.0, float(len(feature.categories) - 1)
    low = float(known.min()) if feature.min is None else feature.min
    high = float(known.max()) if feature.max is None else feature.max
    return low, high


def _known(data: Dataset, place: int) -> Array:
    column = data.x[:, place]
    return column[np.isfinite(column)]


def _names(data: Dataset, places: Ints) -> tuple[str, ...]:
    return tuple(data.schema.names[place] for place in places)
