"""The detector of rows with a mark that a network has learnt, seen in pixels and hidden layers."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.core.entry import ControlResult, DetectorResult, Entry
from bartizan.data.detectors.marked_rows import Look, scores, tails
from bartizan.data.detectors.marked_rows_told import EFFECT, LINE, told
from bartizan.data.detectors.picture_control import planted_control
from bartizan.data.detectors.picture_groups import distinct, suspected
from bartizan.data.detectors.suspects import Suspects, clearest, confirm, screened
from bartizan.data.detectors.taxonomy import BACKDOOR
from bartizan.data.labelled import Labelled


@dataclass(frozen=True)
class Params:
    """How much is looked at."""

    fewest: int = 4
    """Rows of a group, at least; or one in a thousand rows, where that is more."""
    trainings: int = 8
    """Networks trained without suspects, at most."""


def applies(rows: Labelled) -> str:
    """Why this has nothing to say about the rows; empty where it has."""
    if rows.data.schema.image is None:
        return "Rows are not pictures: marks on tables are looked for by poison.trigger."
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
    return told(rows, look, why=applies(rows))


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
        scores(found, confirmed, n=len(data.y)),
        tails(confirmed, n=len(data.y)),
        confirmed,
        classes.astype(np.int64),
        len(tried),
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
    threshold=(EFFECT, "<=", LINE),
    taxonomy=BACKDOOR,
    references=("arXiv:2104.11315", "arXiv:1811.03728", "arXiv:1708.06733"),
    fix=(
        "Look at the rows named and at where they came from. Take them out and train anew; then "
        "put the mark on honest rows and see that it no longer moves the model."
    ),
)
