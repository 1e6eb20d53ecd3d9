"""The check what contributors who send wrong labels do to the model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bartizan.assess.damage.check import damage
from bartizan.assess.damage.control import planted
from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.measures import SOURCES, at
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.ways import Way
from bartizan.attack.poisoning.campaign import concentrated, drip, fewest
from bartizan.attack.poisoning.label_flips import random_flips, targeted_flips
from bartizan.core.arrays import Ints
from bartizan.core.entry import Entry, Steps, Study
from bartizan.core.errors import InputError
from bartizan.core.finding import Taxonomy
from bartizan.core.provenance import Provenance
from bartizan.core.trigger import Poisoned

_RATE, _LINE = 0.05, 0.05
"""As for labels that anybody flips: who flips them must not make them cost more than they are."""
_PART = 0.25
"""Share of the rarest class that is hidden at most. A drip that rises from nothing needs twice its
mean at the end, and periods hold more and fewer rows of a class by chance."""
_FEWEST = 2
"""Contributors without whom there is nobody to leave out."""
Rows = Callable[[float, Ints, np.random.Generator], Ints]
"""``rows(rate, eligible, rng)``: which rows an attacker poisons."""


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Let few contributors send wrong labels, or many a few more each time.

    Two campaigns. In one, as few contributors as hold so many rows work together; which ones is
    drawn for each seed. In the other, wrong labels drip in from all contributors, none at first
    and evenly more in each of ten periods, so that no limit on changes from one delivery to the
    next is met. In each, rows get another label at random, or a quarter of the rarest class at
    most gets the most frequent label.

    Args:
        study: With who contributed which training row. See `damage`.
        params: Rates and seeds.
        rng: Draws everything.

    Cost:
        See `damage`.
    """
    return damage(study, kind=SOURCES, plan=_ways, params=params, rng=rng)


def lacks(study: Study) -> str:
    """Why nothing can be said of such training rows; empty if something can."""
    if study.train is None:
        return ""  # which is told elsewhere
    if study.provenance is None:
        return (
            "nothing says who contributed which training row; name the column with --source, or "
            'in bartizan.toml with source = "COLUMN" under [check.<name of the training data>]'
        )
    told = study.provenance.sources
    count = len(np.unique(told[told >= 0]))
    if count < _FEWEST:
        return f"the training rows come from {count} contributor(s), so there is nobody to compare"
    return ""


def _ways(place: Ground, study: Study, params: Params, rng: np.random.Generator) -> tuple[Way, ...]:
    del study, rng
    if place.provenance is None:
        message = "nothing says who contributed which training row"
        raise InputError(message)
    crowd = Crowd(place=place, provenance=place.provenance)
    return (
        Way.unmarked("few sources", crowd.flips(crowd.few), about=crowd.counted(params)),
        Way.unmarked(
            "few sources hiding a class", crowd.hides(crowd.few), about=crowd.hidden(params)
        ),
        Way.unmarked("drip", crowd.flips(crowd.drip), about=crowd.ordered),
        Way.unmarked("drip hiding a class", crowd.hides(crowd.drip)),
    )


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Who contributed the training rows of a check."""

    place: Ground
    provenance: Provenance

    @property
    def most_hidden(self) -> float:
        """Share of all rows that gets another label at most where the rarest class is hidden."""
        source, _ = self.place.losing
        return _PART * float(self.place.counts[source]) / len(self.place.train.y)

    def few(self, rate: float, eligible: Ints, rng: np.random.Generator) -> Ints:
        """Rows of as few contributors as hold so many.

        Raises:
            InputError: all of them together hold too few.
        """
        sources = self.provenance.sources
        own = eligible[sources[eligible] >= 0]
        count = fewest(sources, rate=rate, eligible=own)
        return concentrated(sources, rate=rate, rng=rng, count=count, eligible=own)

    def drip(self, rate: float, eligible: Ints, rng: np.random.Generator) -> Ints:
        """Rows of all contributors, none at first and more in each period.

        Raises:
            InputError: a period holds too few.
        """
        times = self.provenance.times
        if times is None:
            order = np.arange(len(self.provenance.sources), dtype=np.float64)
            return drip(order, rate=rate, rng=rng, eligible=eligible)
        told = eligible[np.isfinite(times[eligible])]
        return drip(times, rate=rate, rng=rng, eligible=told)

    def flips(self, rows: Rows) -> Callable[[float, np.random.Generator], Poisoned]:
        """Other labels at random."""
        train = self.place.train

        def poison(rate: float, rng: np.random.Generator) -> Poisoned:
            own = rows(rate, np.arange(len(train.y)), rng)
            k = len(train.classes)
            return random_flips(train.x, train.y, k=k, rate=rate, rng=rng, among=own)

        return poison

    def hides(self, rows: Rows) -> Callable[[float, np.random.Generator], Poisoned]:
        """The most frequent label for rows of the rarest class."""
        train = self.place.train
        source, target = self.place.losing

        def poison(rate: float, rng: np.random.Generator) -> Poisoned:
            share = min(rate, self.most_hidden)
            own = rows(share, np.flatnonzero(train.y == source), rng)
            return targeted_flips(
                train.x, train.y, source=source, target=target, rate=share, rng=rng, among=own
            )

        return poison

    def counted(self, params: Params) -> str:
        """How many contributors it takes, in words."""
        sources = self.provenance.sources
        known = np.flatnonzero(sources >= 0)
        told = []
        for rate in params.rates:
            try:
                count = fewest(sources, rate=rate, eligible=known)
            except InputError:
                continue
            told.append(f"{100 * rate:g} % of the rows takes {count}")
        whole = len(np.unique(sources[known]))
        nobody = len(sources) - len(known)
        rest = f" Of {nobody} rows nobody says who contributed them." if nobody else ""
        return f"Of {whole} contributors, to poison {'; '.join(told) or 'that much'}.{rest}"

    def hidden(self, params: Params) -> str:
        """How many contributors it takes to hide rows of the rarest class, in words."""
        train, (source, _) = self.place.train, self.place.losing
        share = min(params.rate, self.most_hidden)
        own = np.flatnonzero((train.y == source) & (self.provenance.sources >= 0))
        try:
            count = fewest(self.provenance.sources, rate=share, eligible=own)
        except InputError:
            return ""
        label = str(train.classes[source])
        return (
            f"To give {share:.1%} of the rows, all of them of class {label!r}, another label takes "
            f"{count} of them."
        )

    @property
    def ordered(self) -> str:
        """What says which rows came first."""
        if self.provenance.times is not None:
            return ""
        return (
            "No column says when a row came to be, so that the drip took the order of the rows; "
            "name it with --time, or time under [check.<data>]."
        )


ENTRY = Entry(
    id="damage.source",
    kind="check",
    title="Poisoning: what contributors with wrong labels would cost",
    run=run,
    params=Params(rate=_RATE, others=(0.01, 0.10)),
    needs=("train", "columns"),
    control=planted(run, Params(rate=0.3, others=(), seeds=2), least=0.15),
    threshold=(f"{SOURCES.damage}-{at(_RATE)}", "<=", _LINE),
    lacks=lacks,
    weight=100,
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Availability poisoning", "Targeted poisoning"),
    ),
    references=(
        "arXiv:2007.08432",
        "Baracaldo et al. (2017), AISec (provenance)",
    ),
    fix=(
        "Limit what one contributor may send (`quota` and `rate` of `bartizan data check`), look "
        "for sources whose labels contradict their rows (`--deep`), and train without those whom "
        "nobody can vouch for. Against a drip compare with data from before it began."
    ),
)
