"""The check what computed rows in the training data do to the model."""

from dataclasses import dataclass

import numpy as np

from bartizan.assess.damage.check import damage
from bartizan.assess.damage.control import planted
from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.linear import Linear
from bartizan.assess.damage.measures import POINTS, at
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.ways import Way
from bartizan.assess.importance import evenly
from bartizan.attack.poisoning.cell_columns import telling, usable
from bartizan.attack.poisoning.linear_gradient import Ascent, gradient_poison
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Entry, Steps, Study
from bartizan.core.finding import Taxonomy
from bartizan.core.trigger import Poisoned

_RATE, _LINE = 0.05, 0.05
"""As for flipped labels, of which these rows are a worse kind."""
_COLUMNS = 64
"""Columns that are moved, those that tell most of the class: a step costs rows * columns^2."""
_JUDGED = 1000
"""Rows of the attacker's own that judge the damage, evenly over both classes."""
_STEPS = 20
"""Moves of all poison rows: on 3,000 card payments, three seeds, twenty cost 19 to 23 points of
balanced accuracy and fifty 22 to 24, in one and a half times the time."""


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Replace training rows by rows computed to hurt a linear model, and see what they do here.

    The rows are computed against a logistic regression on the numbers of the table. Where the
    model is linear that is close to the worst; elsewhere it shows what carries over.

    Args:
        study: See `damage`.
        params: Rates and seeds.
        rng: Draws everything.

    Cost:
        See `damage`; and for each poisoning about 40 trainings of a logistic regression of ours.
    """
    return damage(study, kind=POINTS, plan=_ways, params=params, rng=rng)


def _ways(place: Ground, study: Study, params: Params, rng: np.random.Generator) -> tuple[Way, ...]:
    del study, params
    scene = Scene.of(place, rng=rng)

    return (Way.unmarked("computed rows", lambda rate, rng: scene.poison(rate, rng=rng)),)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The training rows as a linear model sees them."""

    train: Dataset
    columns: Ints
    """Positions of the columns that are moved, shape (c,)."""
    middle: Array
    spread: Array
    pair: tuple[int, int]
    """The two most frequent classes; rows of others stay as they are."""
    judged: Ints
    """Positions of rows that judge the damage."""

    @classmethod
    def of(cls, place: Ground, *, rng: np.random.Generator) -> "Scene":
        """Pick columns and classes.

        Raises:
            InputError: no column of the table can be moved.
        """
        train = place.train
        pool = usable(train, types=("number", "integer", "ordered"))
        columns = np.sort(pool[np.argsort(-telling(train, pool), kind="stable")][:_COLUMNS])
        known = np.where(np.isfinite(train.x[:, columns]), train.x[:, columns], np.nan)
        first, second = np.argsort(-place.counts, kind="stable")[:2].tolist()
        of_pair = np.flatnonzero(np.isin(train.y, (first, second)))
        return cls(
            train=train,
            columns=columns,
            middle=np.nanmean(known, axis=0),
            spread=np.nanstd(known, axis=0),
            pair=(first, second),
            judged=of_pair[evenly(train.y[of_pair], _JUDGED, rng)],
        )

    def poison(self, rate: float, *, rng: np.random.Generator) -> Poisoned:
        """The training rows with some replaced.

        Args:
            rate: Share of all rows.
            rng: Draws them.

        Raises:
            InputError: the two classes hold fewer rows.
        """
        train = self.train
        rows = np.flatnonzero(np.isin(train.y, self.pair))
        plain = self._plain(rows)
        made = gradient_poison(
            plain,
            (train.y[rows] == self.pair[1]).astype(np.int64),
            judged_x=self._plain(self.judged),
            judged_y=(train.y[self.judged] == self.pair[1]).astype(np.int64),
            low=plain.min(axis=0),
            high=plain.max(axis=0),
            rate=min(rate * len(train.y) / len(rows), 1.0),
            rng=rng,
            ascent=Ascent(steps=_STEPS),
        )
        changed = rows[made.rows]
        x, y = train.x.copy(), train.y.copy()
        x[np.ix_(changed, self.columns)] = made.x[made.rows] * self.spread + self.middle
        y[changed] = np.array(self.pair)[made.y[made.rows]]
        return Poisoned(x=x, y=y, rows=changed)

    def _plain(self, rows: Ints) -> Array:
        """Rows as steps of their spread, missing values in the middle."""
        values = (self.train.x[np.ix_(rows, self.columns)] - self.middle) / self.spread
        return np.where(np.isfinite(values), values, 0.0)


ENTRY = Entry(
    id="damage.linear-gradient",
    kind="check",
    title="Poisoning: what computed rows would cost",
    run=run,
    params=Params(rate=_RATE, others=(0.01, 0.10)),
    needs=("train", "columns"),
    control=planted(run, Params(rate=0.3, others=(), seeds=2), least=0.15, twin=Linear()),
    threshold=(f"{POINTS.damage}-{at(_RATE)}", "<=", _LINE),
    weight=100,
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Availability poisoning",),
    ),
    references=(
        "arXiv:1206.6389",
        "Xiao et al. (2015), ICML, Is Feature Selection Secure against Training Data Poisoning?",
    ),
    fix=(
        "Limit what single rows can do: bounded losses, clipped values, stronger penalties; and "
        "look at rows far from others of their class before training "
        "(`bartizan data check --deep`)."
    ),
)
