"""From decisions on rows to the rates of every group and the widest gaps between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.assess.fairness.partition import Question
from bartizan.assess.fairness.rates import RATES, Cells, Side, Tally, drawn
from bartizan.assess.fairness.widest import Family, Widest, widest
from bartizan.core.arrays import Array, Ints
from bartizan.core.finding import Better, GroupRates, Measure
from bartizan.core.groups import Grouping
from bartizan.core.interval import share_interval

SELECTION, CAUGHT, ALARMS = (RATES.index(name) for name in RATES[:3])


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Groups that were compared."""

    sides: tuple[Side, ...]
    tallies: tuple[Tally, ...]
    """Of the data, one a side."""
    draws: tuple[Tally, ...]
    """Of drawn samples, one a side."""

    def widest(self, *rates: int) -> tuple[Widest | None, tuple[Side, str] | None]:
        """The widest gap in some rates, and where: the side, and the name of the rate."""
        wanted = [(place, rate) for place in range(len(self.sides)) for rate in rates]
        found = widest([self._family(place, rate) for place, rate in wanted])
        if found is None:
            return None, None
        place, rate = wanted[found.family]
        return found, (self.sides[place], RATES[rate])

    def _family(self, place: int, rate: int) -> Family:
        tally, draws = self.tallies[place], self.draws[place]
        large = np.flatnonzero(tally.rows[0, rate] >= self.sides[place].part.least)
        return Family(
            hits=tally.hits[0, rate, large],
            rows=tally.rows[0, rate, large],
            drawn_hits=draws.hits[:, rate, large],
            drawn_rows=draws.rows[:, rate, large],
            groups=large,
        )

    def ratio(self) -> Measure:
        """The smallest selection rate beside the largest, in the side where they differ most.

        The interval rests on exact intervals of all groups that hold together, so that it is
        wide with many groups.
        """
        name, best = "selection-ratio", None
        for side, tally in zip(self.sides, self.tallies, strict=True):
            rows = tally.rows[0, SELECTION]
            large = np.flatnonzero(rows >= side.part.least)
            hits, rows = tally.hits[0, SELECTION][large], rows[large]
            if len(large) < 2 or not hits.any():
                continue
            made = _ratio(name, hits, rows)
            if best is None or (made.value or 0.0) < (best.value or 0.0):
                best = made
        why = "fewer than two groups are large enough, or nobody was selected"
        return best or Measure(name=name, value=None, why=why, better="higher")

    def records(self) -> tuple[GroupRates, ...]:
        """What is told of every group."""
        return tuple(
            _record(side, tally, draws.rates[:, :, group], group=group)
            for side, tally, draws in zip(self.sides, self.tallies, self.draws, strict=True)
            for group in range(len(side.part.names))
        )


def judged(
    parts: Sequence[Grouping],
    asked: Sequence[Question],
    *,
    y: Ints,
    decided: Ints,
    draws: int,
    rng: np.random.Generator,
) -> Judged:
    """Compare groups.

    Args:
        parts: Ways to share out the rows.
        asked: Questions about the decisions.
        y: Classes, shape (n,).
        decided: What the model says, shape (n,).
        draws: Samples drawn anew behind every interval.
        rng: For them.
    """
    cells = Cells.of([*(part.codes for part in parts), y, decided])
    sides = tuple(
        Side.of(part, one, rows=cells.first, y=y, decided=decided)
        for part in parts
        for one in asked
    )
    return Judged(
        sides=sides,
        tallies=tuple(side.tallied(cells.counts[None]) for side in sides),
        draws=tuple(drawn(sides, cells, draws=draws, rng=rng)),
    )


def _ratio(name: str, hits: Ints, rows: Ints) -> Measure:
    """Smallest rate / largest rate, of groups of which one at least has hits."""
    rates = hits / rows
    limits = np.array(
        [share_interval(int(k), int(n), tests=len(rows)) for k, n in zip(hits, rows, strict=True)]
    )
    low, high = limits[:, 0], limits[:, 1]
    value = float(rates.min() / rates.max())
    most = float(np.min(high / np.maximum(low.max(), np.finfo(float).tiny)))
    return Measure(
        name=name,
        value=value,
        low=min(float(low.min() / high.max()), value),
        high=max(min(most, 1.0), value),
        n=int(rows.sum()),
        better="higher",
    )


def _record(side: Side, tally: Tally, draws: Array, *, group: int) -> GroupRates:
    """One group: every rate with its interval, or why there is none."""
    hits, rows = tally.hits[0, :, group], tally.rows[0, :, group]
    return GroupRates(
        column=side.part.column,
        group=side.part.names[group],
        asked=side.question.words,
        n=int(rows[SELECTION]),
        rates=tuple(
            _rate(name, int(hits[at]), int(rows[at]), draws=draws[:, at], least=side.part.least)
            for at, name in enumerate(RATES)
        ),
    )


def _rate(name: str, hits: int, rows: int, *, draws: Array, least: int) -> Measure:
    """One rate: between the 2.5 % and 97.5 % points of the drawn samples.

    Of a rate of 0 or 1 every drawn sample says the same, which is no certainty: the exact
    interval of a share stands in its place.
    """
    better: Better = "lower" if name == "false-positive-rate" else "higher"
    if rows < least:
        why = f"{rows} {'row' if rows == 1 else 'rows'}, too few to say"
        return Measure(name=name, value=None, why=why, n=rows, better=better)
    value = hits / rows
    low, high = (float(one) for one in np.quantile(draws, (0.025, 0.975)))
    if hits in (0, rows):
        low, high = share_interval(hits, rows)
    low, high = min(low, value), max(high, value)
    return Measure(name=name, value=value, low=low, high=high, n=rows, better=better)
