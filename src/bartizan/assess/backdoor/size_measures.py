"""Numbers of the search for the smallest marks, and how they are said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.classifier import Differentiable, decisions
from bartizan.core.finding import Measure
from bartizan.core.interval import share_interval
from bartizan.core.schema import Label
from bartizan.detect.trigger_inversion import Marks
from bartizan.detect.trigger_size import Smallest, anomaly_index, smallest

SIZE = "smallest-trigger-size"
_FADED = 0.5
"""A mark that turns fewer of the rows it was not made on is none: it was learnt by heart."""

_USUAL, _WORTH = 0.06, 10.0
"""Standard deviation of the logarithm of a size between searches on other rows, and how many of
them it is worth. On digits and Fashion-MNIST, 26 networks, clean and patched, three searches each,
it was 0.05 to 0.09; by three numbers alone a clean share of 0.62 reached down to 0.40."""


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One search, on rows drawn anew."""

    marks: Marks
    found: Smallest
    hits: int
    """Fresh rows that the mark turns."""
    fresh: int
    base: float
    """Share of fresh rows that are given the class without it; of all fresh rows."""

    @property
    def share(self) -> float:
        """Size beside the usual; 1 where the mark does not carry over to fresh rows."""
        return self.found.share if self.hits >= _FADED * max(self.fresh, 1) else 1.0

    @property
    def target(self) -> int:
        """The class it leads to."""
        return int(self.marks.targets[self.found.place])


def drawn(
    model: Differentiable,
    marks: Marks,
    fresh: Array,
    *,
    clean: Array | None,
    rng: np.random.Generator,
) -> Draw:
    """Judge a search: which mark stands out, and whether it carries over to fresh rows."""
    found = smallest(marks.size, clean=clean)
    target = int(marks.targets[found.place])
    before = decisions(model.scores(fresh))
    others = fresh[before != target]
    stamped = marks.overlay(found.place).stamp(others, rng=rng)
    hits = int((decisions(model.scores(stamped)) == target).sum()) if len(others) else 0
    return Draw(
        marks=marks,
        found=found,
        hits=hits,
        fresh=len(others),
        base=float((before == target).mean()) if len(fresh) else 0.0,
    )


def measures(draws: Sequence[Draw], *, n: int) -> tuple[Measure, ...]:
    """The deciding size with its interval over draws, success, chance, and the index of old."""
    logs = np.log([max(draw.share, 1e-6) for draw in draws])
    middle, half = float(logs.mean()), _half(logs)
    low, high = (float(min(np.exp(middle + side * half), 1.0)) for side in (-1, 1))
    value = float(min(np.exp(middle), 1.0))
    best = strongest(draws)
    bounds = share_interval(best.hits, best.fresh) if best.fresh else (None, None)
    return (
        Measure(name=SIZE, value=value, low=low, high=high, n=n, better="higher"),
        Measure(
            name="trigger-success",
            value=best.hits / best.fresh if best.fresh else None,
            why="" if best.fresh else "no row of another class was left to try it on",
            low=bounds[0],
            high=bounds[1],
            n=best.fresh,
        ),
        Measure(name="backdoor-chance", value=float(np.mean([_chance(one) for one in draws])), n=n),
        Measure(
            name="neural-cleanse-index",
            value=anomaly_index(best.marks.size),
            n=len(best.marks.size),
            unit="deviations",
        ),
    )


def strongest(draws: Sequence[Draw]) -> Draw:
    """The draw with the smallest mark."""
    return min(draws, key=lambda draw: draw.share)


def _chance(draw: Draw) -> float:
    return Smallest(place=0, share=draw.share).chance


def _half(logs: Array) -> float:
    """Half the width of the 95 % interval of a mean of a few numbers (Student).

    Two or three numbers say little of their spread, so what is usual is added to it.

    Source:
        Smyth (2004), "Linear models and empirical Bayes methods", section 4.
    """
    n = len(logs)
    if n < 2:
        return 0.0
    from scipy.special import stdtrit  # noqa: PLC0415 (rarely needed)

    degrees = _WORTH + n - 1
    spread = (_WORTH * _USUAL**2 + float(((logs - logs.mean()) ** 2).sum())) / degrees
    return float(stdtrit(degrees, 0.975)) * float(np.sqrt(spread / n))


def told(draws: Sequence[Draw], *, classes: Sequence[Label], shape: tuple[int, int, int]) -> str:
    """What the strongest mark is, for the reader."""
    best = strongest(draws)
    height, width, channels = shape
    mask = best.marks.mask[best.found.place].reshape(height, width, channels)[:, :, 0]
    rows, columns = (np.flatnonzero((mask > 0.5).any(axis=axis)) for axis in (1, 0))
    where = (
        f", strongest in rows {rows[0] + 1} to {rows[-1] + 1} and columns {columns[0] + 1} to "
        f"{columns[-1] + 1}"
        if len(rows)
        else ", thin and all over the picture"
    )
    share = best.hits / best.fresh if best.fresh else 0.0
    return (
        f"The smallest mark leads to class {str(classes[best.target])!r}: it covers "
        f"{float(mask.sum()):.1f} of {height * width} pixels in all{where}, and turns {share:.0%} "
        f"of {best.fresh} rows it was not made on."
    )
