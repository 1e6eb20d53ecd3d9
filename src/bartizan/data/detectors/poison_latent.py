"""The detector of rows with a mark that a network has learnt, seen in pixels and hidden layers."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import (
    FLAGGED,
    CheckResult,
    ControlResult,
    DetectorResult,
    Entry,
    SuspectedTrigger,
)
from bartizan.core.finding import Flagged, Measure, Taxonomy
from bartizan.core.schema import Label
from bartizan.data.detectors.picture_control import planted_control
from bartizan.data.detectors.picture_groups import distinct, suspected
from bartizan.data.detectors.suspects import Suspects, clearest, confirm, screened
from bartizan.data.labelled import Labelled
from bartizan.detect.discovery import adjusted

_LEVEL = 0.05
"""Expected share of honest rows among those believed to be poison."""
_UNSEEN = (
    "Not seen: marks that hold still nowhere (warped pictures), clean-label poison aimed at single "
    "pictures, poison covered by marked rows of the right label (Qi et al. 2023), backdoors that "
    "lead each class to another one, and groups of less than one row in a thousand."
)


@dataclass(frozen=True)
class Params:
    """How much is looked at."""

    fewest: int = 4
    """Rows of a group, at least; or one in a thousand rows, where that is more."""
    trainings: int = 8
    """Networks trained without suspects, at most."""


@dataclass(frozen=True)
class Look:
    """How odd each row is, and which groups are poison."""

    score: Array
    """Shape (n,); larger = more suspicious, comparable between classes."""
    p: Array
    """Shape (n,)."""
    confirmed: tuple[Suspects, ...]
    looked: Ints
    """Classes with enough rows."""
    tried: int
    """Networks trained without suspects."""


def applies(rows: Labelled) -> str:
    """Why this has nothing to say about the rows; empty where it has."""
    if rows.data.schema.image is None:
        return "Rows are not pictures: marks on tables are looked for by poison.triggers."
    if len(np.unique(rows.data.y)) < 2:
        return "There is one class only, and a mark that leads to it changes nothing."
    if np.bincount(rows.data.y).max() < 20:
        return "No class has 20 rows, and groups among fewer are chance."
    return ""


def run(
    rows: Labelled, *, params: Params, rng: np.random.Generator
) -> Generator[float, None, DetectorResult]:
    """Look for rows that stand apart in their class, and ask two networks whether that is a mark.

    Pixels and hidden layers are whitened over all classes, so that what only one class has stands
    out. Rows of a class that form a heap of their own are suspects; what they have in common is
    put on rows of other classes. If that moves the network, a second one is trained without the
    suspects: a planted mark moves it far less, what is natural moves both.

    Args:
        rows: All labelled pictures.
        params: Limits.
        rng: Draws rows, and seeds networks.

    Yields:
        How far it is.

    Returns:
        Rows believed to carry a mark, and the marks.

    Cost:
        Covariances, and one training for each suspicious group.

    Source:
        Hayase et al. (2021), arXiv:2104.11315 (whitening); Chen et al. (2018), arXiv:1811.03728
        (training without the suspects). Deviations: spreads come from all classes, not from the
        suspicious one; no rate is given; groups count only when their mark is confirmed.
    """
    look = yield from looked(rows, params=params, rng=rng)
    return _result(rows, look)


def looked(
    rows: Labelled, *, params: Params, rng: np.random.Generator
) -> Generator[float, None, Look]:
    """The numbers behind the result; see `run`."""
    data = rows.data
    if applies(rows):
        nothing = np.zeros(len(data.y))
        return Look(nothing, np.ones(len(data.y)), (), np.unique(data.y)[:0], 0)
    yield 0.0
    model = rows.network
    yield 0.2
    fewest = max(params.fewest, len(data.y) // 1000)
    found = suspected(rows, fewest=fewest, rng=rng)
    yield 0.5
    tried: list[Suspects] = []
    for one in clearest(screened(distinct(found), data=data, model=model, rng=rng)):
        if len(tried) == params.trainings:
            break
        if any(other.confirmed and other.label == one.label for other in tried):
            continue
        confirm(one, data=data, model=model, rng=rng)
        tried.append(one)
        yield 0.5 + 0.5 * len(tried) / params.trainings
    confirmed = tuple(sorted((one for one in tried if one.confirmed), key=lambda one: -one.net))
    classes = np.unique([one.label for one in found])
    return Look(
        _scores(found, confirmed, n=len(data.y)),
        _p(confirmed, n=len(data.y)),
        confirmed,
        classes.astype(np.int64),
        len(tried),
    )


def _heights(one: Suspects) -> Array:
    """How far each row of the class is from its honest rows, in units of their spread."""
    honest = one.along[~one.member[one.rows]]
    middle = float(np.median(honest))
    spread = 1.4826 * float(np.median(np.abs(honest - middle)))
    return np.asarray((one.along - middle) / max(spread, 1e-12))


def _scores(found: list[Suspects], confirmed: tuple[Suspects, ...], *, n: int) -> Array:
    """The heights along the best direction of each class; those with a confirmed mark on top."""
    score = np.zeros(n)
    best: dict[int, Suspects] = {}
    for one in clearest(found):
        best.setdefault(one.label, one)
    best.update({one.label: one for one in reversed(confirmed)})
    for one in best.values():
        height = np.maximum(_heights(one), 0.0)
        score[one.rows] = height / (1 + height) + (one.confirmed and height > 0)
    return score


def _p(confirmed: tuple[Suspects, ...], *, n: int) -> Array:
    """Tails of the honest rows; nothing is said of rows nearer to them than to the group."""
    from scipy.special import ndtr  # noqa: PLC0415 (slow to import)

    p = np.ones(n)
    for one in confirmed:
        height = _heights(one)
        near = height > 0.5 * float(np.median(height[one.member[one.rows]]))
        p[one.rows] = np.where(near, np.minimum(p[one.rows], ndtr(-height)), p[one.rows])
    return p


def believed(look: Look) -> Ints:
    """Positions of the rows believed to be poison, ascending."""
    return np.flatnonzero(adjusted(look.p, dependent=False) <= _LEVEL)


def _result(rows: Labelled, look: Look) -> DetectorResult:
    data, n = rows.data, len(rows.data.y)
    named = believed(look)
    why = applies(rows)
    share = (
        Measure(name="poisoned-rows", value=None, why=why)
        if why
        else Measure(name="poisoned-rows", value=len(named) / n, n=n)
    )
    triggers = tuple(
        SuspectedTrigger(trigger=one.mark, target=one.label, rows=np.intersect1d(named, one.rows))
        for one in look.confirmed
        if one.mark is not None
    )
    measures = (share, *(_net(one, number) for number, one in enumerate(look.confirmed, 1)))
    check = CheckResult(
        measures=measures,
        severity="critical",
        flagged=_flagged(rows, look, named),
        rows=np.sort(data.ids[named]),
        remarks=_remarks(rows, look),
    )
    return DetectorResult(check=check, p=look.p, triggers=triggers)


def _net(one: Suspects, number: int) -> Measure:
    name = f"net-effect-of-mark-{number}"
    if one.effect is None:
        return Measure(name=name, value=None, why="no other network could be trained")
    value, low, high = one.effect.net
    return Measure(name=name, value=value, low=low, high=high, n=one.effect.n)


def _flagged(rows: Labelled, look: Look, named: Ints) -> tuple[Flagged, ...]:
    first = named[np.argsort(-look.score[named], kind="stable")][:FLAGGED]
    return tuple(
        Flagged(
            row=int(rows.data.ids[place]),
            why=f"carries a mark that leads to class {rows.data.classes[rows.data.y[place]]}",
        )
        for place in first
    )


def _remarks(rows: Labelled, look: Look) -> tuple[str, ...]:
    data = rows.data
    told = (
        f"Groups that stand apart were looked for in {len(np.unique(data.y))} classes; "
        f"{look.tried} networks were trained without a group, and {len(look.confirmed)} marks "
        "were confirmed. The networks are of our own, whatever the user's model is."
    )
    said = [told, *(_said(one, data.classes[one.label]) for one in look.confirmed)]
    counts = np.bincount(data.y)
    small = int(((counts > 0) & (counts < 20)).sum())
    if small:
        said.append(f"{small} classes have fewer than 20 rows and were not looked at.")
    return (*said, _UNSEEN)


def _said(one: Suspects, label: Label) -> str:
    if one.mark is None or one.effect is None:
        return ""
    return (
        f"{one.mark.text}: put on rows of other classes it leads {one.effect.with_carriers} of "
        f"{one.effect.n} to {label}, and {one.effect.without} in a network that never saw its "
        "carriers."
    )


def control(*, rows: Labelled, rng: np.random.Generator) -> ControlResult:
    """Plant a patch and a thin picture in the user's own pictures; both must be found."""
    return planted_control(run, Params(), applies=applies, rows=rows, rng=rng)


ENTRY = Entry(
    id="poison.latent",
    kind="detector",
    title="Marked pictures that a network has learnt",
    run=run,
    params=Params(),
    needs=("image",),
    control=control,
    threshold=("poisoned-rows", "<=", 0.001),
    taxonomy=Taxonomy(
        atlas=("AML.T0020", "AML.T0018"),
        owasp_ml=("ML02:2023", "ML10:2023"),
        nist_ai_100_2=("Backdoor poisoning",),
    ),
    references=("arXiv:2104.11315", "arXiv:1811.03728", "arXiv:1708.06733"),
    fix=(
        "Look at the rows named and at where they came from. Take them out and train anew; then "
        "put the mark on honest rows and see that it no longer moves the model."
    ),
)
"""The line: one row in a thousand. Nothing is flagged unless a mark is confirmed."""
