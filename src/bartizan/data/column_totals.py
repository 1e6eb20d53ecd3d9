"""What is counted of each column over all rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from bartizan.core.schema import Feature
from bartizan.data.profile import Bins, ColumnProfile
from bartizan.detect.distinct import Distinct


def private(feature: Feature) -> bool:
    """Whether no value of the column may enter a profile."""
    return feature.personal or feature.identifier


@dataclass
class _Total:
    """One column so far."""

    nulls: int = 0
    distinct: Distinct = field(default_factory=Distinct)
    low: float = np.inf
    high: float = -np.inf
    mean: float = 0.0
    finite: int = 0


class ColumnTotals:
    """Nulls, different values, smallest, largest and mean value of each column.

    Memory: 32 KiB a column.
    """

    def __init__(self, features: Sequence[Feature]) -> None:
        self._totals = {feature.name: _Total() for feature in features}
        self._private = {feature.name for feature in features if private(feature)}

    def see(self, block: pl.DataFrame) -> None:
        """Look at the next rows; blocks are the same however the rows came."""
        for name, total in self._totals.items():
            values = block[name]
            total.nulls += values.null_count()
            if values.dtype != pl.String and name not in self._private:
                _weigh(total, values)
            _tell_apart(total, values)

    def columns(self, rows: int, *, bins: Mapping[str, Bins]) -> tuple[ColumnProfile, ...]:
        """The profile of each column."""
        return tuple(
            ColumnProfile(
                name=name,
                rows=rows,
                nulls=total.nulls,
                distinct=min(total.distinct.count(), rows),
                min=total.low if total.finite else None,
                max=total.high if total.finite else None,
                mean=total.mean if total.finite else None,
                bins=bins.get(name),
            )
            for name, total in self._totals.items()
        )


def _weigh(total: _Total, values: pl.Series) -> None:
    """Take in the finite numbers of a block.

    Source:
        Chan, Golub and LeVeque (1983), The American Statistician 37: the mean is moved by each
        block, so that numbers near the largest of float64 do not add up to infinity.
    """
    found = values.cast(pl.Float64).drop_nulls().to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(found.mean()) if len(found) else 0.0
    if not np.isfinite(mean):
        found = found[np.isfinite(found)]
        mean = float((found / max(len(found), 1)).sum())
    if not len(found):
        return
    total.finite += len(found)
    share = len(found) / total.finite
    total.mean = total.mean * (1 - share) + mean * share
    total.low = min(total.low, float(found.min()))
    total.high = max(total.high, float(found.max()))


def _tell_apart(total: _Total, values: pl.Series) -> None:
    """Take in the different values of a block."""
    hashes = values.drop_nulls().hash()
    if not total.distinct.full:
        hashes = hashes.unique()
    total.distinct.see(hashes.to_numpy())
