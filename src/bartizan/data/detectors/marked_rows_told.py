"""What a user is told of marked rows: the rows, the marks, and what older methods make of them."""

from collections.abc import Sequence

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.dataset import Dataset
from bartizan.core.entry import FLAGGED, CheckResult, DetectorResult, SuspectedTrigger
from bartizan.core.finding import Flagged, Measure
from bartizan.core.schema import Label
from bartizan.data.detectors.marked_rows import Look, believed
from bartizan.data.detectors.suspects import Suspects
from bartizan.data.labelled import Labelled
from bartizan.detect.activation_clusters import halves
from bartizan.detect.spectral import spectral_scores

EFFECT = "planted-mark-effect"
"""Share of other pictures that the strongest confirmed mark moves, net of a model without it."""
LINE = 0.05
"""Every confirmed mark has more: 0.1 at the low end. One on few rows is a mark as well."""
_FEWEST = 20
"""Rows of a class below which none is looked at."""
_UNSEEN = (
    "Not seen: marks that hold still nowhere (warped pictures), clean-label poison aimed at single "
    "pictures, poison covered by marked rows of the right label (Qi et al. 2023), backdoors that "
    "lead each class to another one, marks that a network of ours did not learn, and groups of "
    "less than one row in a thousand."
)


def told(rows: Labelled, look: Look, *, why: str) -> DetectorResult:
    """The result of a look.

    Args:
        rows: All labelled pictures.
        look: What was found.
        why: Why nothing could be said; empty = something could.
    """
    data, n = rows.data, len(rows.data.y)
    named = believed(look)
    triggers = tuple(
        SuspectedTrigger(trigger=one.mark, target=one.label, rows=np.intersect1d(named, one.rows))
        for one in look.confirmed
        if one.mark is not None
    )
    measures = effects(look.confirmed, share=len(named) / n, n=n, why=why)
    check = CheckResult(
        measures=(*measures, *_spectral(rows, look)),
        severity="critical",
        flagged=_flagged(data, look, named),
        rows=np.sort(data.ids[named]),
        remarks=_remarks(rows, look, why=why),
    )
    return DetectorResult(check=check, p=look.p, triggers=triggers)


def effects(
    confirmed: Sequence[Suspects], *, share: float, n: int, why: str
) -> tuple[Measure, ...]:
    """What the strongest mark does, which decides; how many rows carry one; what each mark does.

    Args:
        confirmed: Groups whose mark was confirmed.
        share: Of the rows that carry one.
        n: Rows in all.
        why: Why nothing could be said; empty = something could.
    """
    if why:
        return (Measure(name=EFFECT, value=None, why=why),)
    nets = [(one.effect.net, one.effect.n) for one in confirmed if one.effect is not None]
    (value, low, high), asked = max(nets, default=((0.0, 0.0, 0.0), n))
    return (
        Measure(name=EFFECT, value=value, low=low, high=high, n=asked),
        Measure(name="rows-with-a-planted-mark", value=share, n=n),
        *(
            Measure(name=f"net-effect-of-mark-{number}", value=net[0], low=net[1], high=net[2], n=m)
            for number, (net, m) in enumerate(nets, 1)
        ),
    )


def _spectral(rows: Labelled, look: Look) -> tuple[Measure, ...]:
    """How spectral signatures rank each group in its class: 1 = all on top, 0.5 = anywhere."""
    if not look.confirmed:
        return ()
    score = spectral_scores(rows.hidden[-1], rows.data.y)
    return tuple(
        Measure(
            name=f"spectral-rank-of-mark-{number}",
            value=_ranked(score[one.rows], one.member[one.rows]),
            n=len(one.rows),
        )
        for number, one in enumerate(look.confirmed, 1)
    )


def _ranked(score: Array, member: Mask) -> float:
    """Chance that a member has a larger score than another row, ties counted half: the AUROC."""
    from scipy.stats import rankdata  # noqa: PLC0415 (slow to import)

    inside, outside = int(member.sum()), int((~member).sum())
    above = float(rankdata(score)[member].sum()) - inside * (inside + 1) / 2
    return above / max(inside * outside, 1)


def _flagged(data: Dataset, look: Look, named: Ints) -> tuple[Flagged, ...]:
    first = named[np.argsort(-look.score[named], kind="stable")][:FLAGGED]
    return tuple(
        Flagged(
            row=int(data.ids[place]),
            why=f"carries a mark that leads to class {data.classes[data.y[place]]}",
        )
        for place in first
    )


def _remarks(rows: Labelled, look: Look, *, why: str) -> tuple[str, ...]:
    data = rows.data
    first = (
        f"Groups that stand apart were looked for in {len(np.unique(data.y))} classes; "
        f"{look.tried} networks were trained without a group, and {len(look.confirmed)} marks "
        "were confirmed. The networks are of our own, whatever the user's model is."
    )
    said = [first, *(_said(one, data) for one in look.confirmed)]
    counts = np.bincount(data.y)
    small = int(((counts > 0) & (counts < _FEWEST)).sum())
    if small:
        said.append(f"{small} classes have fewer than {_FEWEST} rows and were not looked at.")
    if not why:
        said.extend(_clustered(rows))
    return (*said, _UNSEEN)


def _said(one: Suspects, data: Dataset) -> str:
    if one.mark is None or one.effect is None:
        return ""
    label: Label = data.classes[one.label]
    text = (
        f"{one.mark.text}: put on rows of other classes it leads {one.effect.with_carriers} of "
        f"{one.effect.n} to {label}, and {one.effect.without} in a network that never saw its "
        "carriers."
    )
    if one.elsewhere is None or one.elsewhere[1] == one.label:
        return text
    share, other = one.elsewhere
    return (
        f"{text} That network gives {share:.0%} of the carriers themselves another class, most "
        f"often {data.classes[other]}: where it is nearly all, their labels are wrong as well."
    )


def _clustered(rows: Labelled) -> tuple[str, ...]:
    """What activation clustering says: no verdict, since it splits clean classes as well."""
    found = halves(rows.hidden[-1], rows.data.y, rng=np.random.default_rng(rows.seed))
    if not found:
        return ()
    best = max(found, key=lambda one: one.silhouette)
    text = (
        f"Activation clustering splits class {rows.data.classes[best.label]} best: silhouette "
        f"{best.silhouette:.2f}, {best.share:.0%} of its rows in the smaller group. It splits "
        "clean classes as well, so that no verdict rests on it."
    )
    return (text,)
