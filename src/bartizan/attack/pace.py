"""How far APGD steps: momentum, and a step that is halved where the climb stalls."""

import numpy as np

from bartizan.attack.sweep import Leg
from bartizan.attack.terrain import Patch, View
from bartizan.core.arrays import Array, Mask, single
from bartizan.core.norm import Norm

_FIRST, _FALL, _LEAST = 0.22, 0.03, 0.06
"""Steps between two checks, as shares of all: the first time, less each time, at least. The
paper's, section 3.1, as is everything below."""
_RISING = 0.75
"""The step is kept while so many of the steps since the last check went up."""
_AHEAD = 0.75
"""Weight of the new step; the rest is the last one, carried on."""
_WIDE = 2.0
"""First step, in radii."""
_DENSE = 0.2
"""Share of the coordinates that move at first, where fewer gain more."""
_THINNER = 1.5
"""That share becomes the share which differs at the best point, divided by this."""


class Pace:
    """Where the rows of a patch are, where they were best, and how far they step next.

    Source: Croce and Hein (2020), arXiv:2003.01690, Algorithm 1, and for the share of coordinates
    that move (2021), arXiv:2103.01208, section 3. Deviation: one schedule for all norms; in L1
    the share is renewed at its checks, and steps have momentum too.
    """

    def __init__(self, norm: Norm, offset: Array, *, leg: Leg) -> None:
        count = len(offset)
        self._norm = norm
        self._leg = leg
        self.here = offset
        self._before = offset.copy()
        self._gain = np.zeros_like(offset)
        self._best = offset.copy()
        self._best_gain = np.zeros_like(offset)
        self._best_value = np.full(count, -np.inf)
        self._last_value = np.full(count, np.inf)
        self._checked_value = np.full(count, -np.inf)
        self._size = np.full(count, _WIDE * leg.radius)
        self._share = np.where(offset.any(axis=1), self._thinned(), _DENSE)
        self._halved = np.ones(count, dtype=bool)  # the first check looks at the rises only
        self._rises = np.zeros(count, dtype=np.int64)
        self._steps = 0
        self._since = 0
        self._wait = max(int(_FIRST * leg.steps), 1)

    def only(self, kept: Mask) -> None:
        """Drop rows."""
        for name, values in vars(self).items():
            if isinstance(values, np.ndarray):
                setattr(self, name, values[kept])

    def note(self, view: View) -> None:
        """Take in what was seen where the rows are now, and halve steps at a check."""
        self._gain = view.gain
        self._rises += view.value > self._last_value
        self._last_value = view.value
        better = np.flatnonzero(view.value > self._best_value)
        self._best_value[better] = view.value[better]
        if len(better) == len(view.value):  # as long as all climb: nothing to pick out
            self._best[...] = self.here
            self._best_gain = view.gain
        else:
            self._best[better] = self.here[better]
            self._best_gain[better] = view.gain[better]
        if self._steps:
            self._since += 1
        if self._since == self._wait:
            self._check()

    def _check(self) -> None:
        stalls = self._rises < _RISING * self._wait
        stalls |= ~self._halved & (self._checked_value >= self._best_value)
        self._halved = stalls
        self._checked_value = self._best_value.copy()
        self._size[stalls] /= 2
        self.here[stalls] = self._best[stalls]
        self._gain[stalls] = self._best_gain[stalls]
        self._share = self._thinned()
        self._since = 0
        self._rises[:] = 0
        steps = self._leg.steps
        self._wait = max(self._wait - int(_FALL * steps), int(_LEAST * steps), 1)

    def _thinned(self) -> Array:
        """Somewhat fewer coordinates than differ at the best points, as shares of all."""
        width = max(self._best.shape[1], 1)
        return np.asarray(np.count_nonzero(self._best, axis=1) / width / _THINNER)

    def step(self, patch: Patch) -> None:
        """Move uphill and on."""
        low, high, radius = patch.low, patch.high, np.full(len(self.here), self._leg.radius)
        aim = self._norm.stride(self._gain, offset=self.here, low=low, high=high, share=self._share)
        aim *= single(self._size)[:, None]
        aim += self.here
        aim = self._norm.project(aim, low, high, radius=radius)
        if self._steps:  # here + 0.75 (aim - here) + 0.25 (here - before)
            aim *= _AHEAD
            self._before *= _AHEAD - 1.0
            aim += self._before
            np.multiply(self.here, 2 * (1 - _AHEAD), out=self._before)
            aim += self._before
            aim = self._norm.project(aim, low, high, radius=radius)
        self._before, self.here = self.here, aim
        self._steps += 1
