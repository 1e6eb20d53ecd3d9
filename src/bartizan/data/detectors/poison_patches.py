"""The detector of patches: the same square in many pictures of one label, tried on others."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.entry import (
    FLAGGED,
    CheckResult,
    ControlResult,
    DetectorResult,
    Entry,
    SuspectedTrigger,
)
from bartizan.core.finding import Flagged
from bartizan.core.trigger import Overlay
from bartizan.data.detectors.marked_rows_told import EFFECT, LINE, effects
from bartizan.data.detectors.picture_control import planted_control
from bartizan.data.detectors.suspects import NEEDED_PATCH, Suspects, confirm, tried
from bartizan.data.detectors.taxonomy import BACKDOOR
from bartizan.data.labelled import Labelled
from bartizan.detect.repeated_patch import Patch, patches

_UNSEEN = (
    "Not seen: patches that move from picture to picture, or whose values change, and pictures "
    "laid thinly over everything; poison.latent looks for those."
)


@dataclass(frozen=True)
class Params:
    """How much is looked at."""

    fewest: int = 4
    """Pictures that must show a patch."""
    tried: int = 200
    """Patches put on other rows, at most, the clearest. Five carriers of a planted one among 1,797
    digits came at place 138 to 192 of 650."""
    trainings: int = 4
    """Networks trained without the carriers, at most."""


def applies(rows: Labelled) -> str:
    """Why this has nothing to say about the rows; empty where it has."""
    if rows.data.schema.image is None:
        return "Rows are not pictures: marks on tables are looked for by poison.trigger."
    if len(np.unique(rows.data.y)) < 2:
        return "There is one class only, and a patch that leads to it changes nothing."
    return ""


def run(
    rows: Labelled, *, params: Params, rng: np.random.Generator
) -> Generator[float, None, DetectorResult]:
    """Look for patches and ask two networks what they do.

    Args:
        rows: All labelled pictures.
        params: Limits.
        rng: Draws rows, and seeds networks.

    Yields:
        How far it is.

    Returns:
        The carriers of patches whose effect is confirmed, and the patches.

    Cost:
        Sorts, and one training for each suspicious patch.
    """
    yield 0.0
    confirmed = []
    data, image = rows.data, rows.data.schema.image
    if image is not None and not applies(rows):
        found = patches(data.x, data.y, image=image, rng=rng, fewest=params.fewest)
        yield 0.4
        suspects = [_suspects(one, rows) for one in found[: params.tried]]
        live = [one for one in suspects if tried(one, data=data, model=rows.network, rng=rng)]
        live.sort(key=lambda one: -one.gain * one.moved)
        for number, one in enumerate(live[: params.trainings], 1):
            if confirm(one, data=data, model=rows.network, rng=rng):
                confirmed.append(one)
            yield 0.4 + 0.6 * number / params.trainings
    return _result(rows, confirmed)


def _suspects(found: Patch, rows: Labelled) -> Suspects:
    data = rows.data
    member = np.zeros(len(data.y), dtype=np.bool_)
    member[found.rows] = True
    pattern = np.median(data.x[member], axis=0)
    text = f"a patch of {int(found.mask.sum())} values"
    return Suspects(
        label=found.label,
        member=member,
        gain=float(-np.log10(max(found.p, 1e-300))),
        rows=np.flatnonzero(data.y == found.label),
        along=member[data.y == found.label].astype(np.float64),
        needed=NEEDED_PATCH,
        mark=Overlay(mask=found.mask.astype(np.float64), pattern=pattern, text=text),
    )


def _p(rows: Labelled, one: Suspects) -> float:
    """A bound for how often such a patch recurs, no smaller than other labels can show.

    It ranks: patches were chosen for recurring before it was corrected.
    """
    others = int((rows.data.y != one.label).sum())
    return min(1.0, max(10.0**-one.gain, 1 / (others + 2)))


def _result(rows: Labelled, confirmed: list[Suspects]) -> DetectorResult:
    data, n = rows.data, len(rows.data.y)
    p: Array = np.ones(n)
    for one in confirmed:
        p[one.member] = np.minimum(p[one.member], _p(rows, one))
    named = np.flatnonzero(p < 1.0)
    check = CheckResult(
        measures=effects(confirmed, share=len(named) / n, n=n, why=applies(rows)),
        severity="critical",
        flagged=tuple(
            Flagged(
                row=int(data.ids[place]),
                why=f"shows a patch that leads to class {data.classes[data.y[place]]}",
            )
            for place in named[:FLAGGED]
        ),
        rows=np.sort(data.ids[named]),
        remarks=(*(_said(one, rows) for one in confirmed), _UNSEEN),
    )
    triggers = tuple(
        SuspectedTrigger(trigger=one.mark, target=one.label, rows=np.flatnonzero(one.member))
        for one in confirmed
        if one.mark is not None
    )
    return DetectorResult(check=check, p=p, triggers=triggers)


def _said(one: Suspects, rows: Labelled) -> str:
    if one.effect is None:
        return ""
    return (
        f"A patch on {int(one.member.sum())} pictures: on rows of other classes it leads "
        f"{one.effect.with_carriers} of {one.effect.n} to {rows.data.classes[one.label]}, and "
        f"{one.effect.without} in a network that never saw them."
    )


def control(*, rows: Labelled, rng: np.random.Generator) -> ControlResult:
    """Plant a patch in the user's own pictures; it must be found."""
    return planted_control(run, Params(), applies=applies, rows=rows, rng=rng, marks=("patch",))


ENTRY = Entry(
    id="poison.patches",
    kind="detector",
    title="Repeated patches in pictures",
    run=run,
    params=Params(),
    needs=("image",),
    control=control,
    threshold=(EFFECT, "<=", LINE),
    taxonomy=BACKDOOR,
    references=("arXiv:1708.06733",),
    fix=(
        "Look at the pictures named and at where they came from. Take them out and train anew; "
        "then put the patch on honest pictures and see that it no longer moves the model."
    ),
)
