"""Which labels are wrong, and how many, told apart from rows that are hard to label."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import ShapeError
from bartizan.detect.label_mixture import FLOOR, HALF, MOST, NONE, Fit, Mixture

_SOFT = (0.003, 0.01, 0.03, 0.1)
"""Widths over which a chance that should be below 0, noise taken away, is bent to a small positive
one. Which serves is seen by likelihood; noisy evidence wants a wide one."""
_NUMBERS = 1_000_000
"""Rows x classes that the mixture is fitted to; of more, a random part."""
_ROWS = 50_000
"""Rows that it is fitted to, at most: there are few parameters, and a share of 1 % is then known to
0.1 %. Of 100,000 rows, half as many ranked wrong labels with the same area of 0.999."""
_FEW = 0.5
"""Wrong labels, estimated, below which there is no noise to take back."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is believed of each label."""

    honest: Array
    """Shape (n, k): chance of each class by what the rows show, were all labels honest."""
    wrong: Array
    """Shape (n,): chance that the label is wrong."""
    p: Array
    """Shape (n,): chance of an honest label at least as unlikely on such a row."""
    against: Array
    """Shape (n,): logarithm of how much likelier the best other class is; larger = odder."""
    share: float
    """Of wrong labels, over all rows."""
    low: float
    """Lower end of its 95 % interval."""
    high: float


def mislabelled(parts: Sequence[Array], y: Ints, *, rng: np.random.Generator) -> Verdict:
    """Weigh the evidence for each label, and tell wrong labels from hard rows.

    A label is either honest, drawn with the chances that the row's evidence gives to the classes,
    or it was drawn without regard to the row. Hard rows have honest labels that are unlikely, but
    only where the evidence is divided; a wrong label stands as often where it is clear. So one
    fit by maximum likelihood finds how much each source of evidence weighs, how much it
    exaggerates, and how many labels of each class are wrong; nobody tells it. Evidence that was
    learnt from wrong labels is as unsure as they are many: that is taken back, in further fits,
    of which the likeliest is kept.

    Args:
        parts: Each shape (n, k), rows sum to 1: out-of-fold probabilities of a model, votes of
            neighbours. No row may have seen its own label.
        y: Labels, shape (n,).
        rng: Draws the part of the rows that is fitted to, where there are too many.

    Returns:
        The verdict. Its interval says how well these rows tell the share, not whether the mixture
        is the right one. Labels that are wrong where rows are hard look honest, and evidence that
        has learnt the noise so well that it is calibrated to it explains every wrong label: the
        share is then too low. Rows that in all that can be seen are of another class than they
        truly are count as wrong, as nothing tells them apart: the share is too high by theirs.

    Raises:
        ShapeError: parts and labels do not belong together.

    Cost:
        One to seven fits and two searches for an interval, each 20 to 60 passes over the rows:
        0.5 s for 20,000 rows of two classes.

    Source:
        Copas (1988), JRSS B 50 (logistic regression with labels that are mixed up); Wolpert (1992),
        Neural Networks 5 (stacking); Patrini et al. (2017), CVPR (taking the noise back).
        Own: all in one likelihood, and chances bent softly in place of an inverse that may be
        negative.
    """
    _require(parts, y)
    n, k = parts[0].shape
    rows = np.arange(n)
    most = min(max(_NUMBERS // k, 1), _ROWS)
    if n > most:
        rows = np.sort(rng.permutation(n)[:most])
    seen = [np.maximum(part, FLOOR) for part in parts]
    fits = _fits(Mixture(evidence=tuple(part[rows] for part in seen), y=y[rows]))
    fit = fits[0]
    honest = fit.honest(seen)
    low, high = fit.interval()
    near = [one.share for one in fits if one.surprise - fit.surprise <= HALF]
    own = honest[np.arange(n), y]
    noise, kept = fit.noise, 1 - float(fit.noise.sum())
    odd = np.where(honest <= own[:, None] * (1 + 1e-9), honest, 0.0).sum(axis=1)
    return Verdict(
        honest=honest,
        wrong=noise[y] * (1 - own) / (kept * own + noise[y]),
        p=np.clip(odd, 0.0, 1.0),
        against=_against(honest, y),
        share=fit.share,
        low=min(low, *near),
        high=max(high, *near),
    )


def _against(honest: Array, y: Ints) -> Array:
    logs = np.log(np.maximum(honest, FLOOR**4))
    own = logs[np.arange(len(y)), y]
    logs[np.arange(len(y)), y] = -np.inf
    return np.asarray(logs.max(axis=1) - own)


def _require(parts: Sequence[Array], y: Ints) -> None:
    shapes = {part.shape for part in parts}
    if len(shapes) != 1 or next(iter(shapes))[:1] != y.shape or not len(y):
        message = f"each part needs one row for each of {len(y)} labels, got {sorted(shapes)}"
        raise ShapeError(message)


def _fits(plain: Mixture) -> tuple[Fit, ...]:
    """Fits to the evidence as it is, and with noise taken back; the likeliest first."""
    first = plain.fitted()
    fits = [first]
    if first.share * len(plain.y) >= _FEW:
        noises = (first.noise, _floor(plain))
        fits += [_again(plain, first, taken=taken, soft=_SOFT[1]) for taken in noises]
        start = min(fits, key=lambda one: one.surprise)
        fits += [_again(plain, start, taken=start.noise, soft=soft) for soft in _SOFT]
    return tuple(sorted(fits, key=lambda one: one.surprise))


def _again(plain: Mixture, start: Fit, *, taken: Array, soft: float) -> Fit:
    """A fit to evidence without this noise."""
    again = Mixture(evidence=plain.evidence, y=plain.y, taken=taken, soft=soft)
    return again.fitted(start.told)


def _floor(plain: Mixture) -> Array:
    """What a model gives each class even where it is not, shape (k,), by the first evidence.

    A quarter of the way up among the rows of other classes.
    """
    part = plain.evidence[0]
    shares = np.bincount(plain.y, minlength=part.shape[1]) / len(plain.y)
    lows = [np.quantile(part[:, j], (1 - share) / 4) for j, share in enumerate(shares)]
    floor = np.minimum(lows, MOST / 2)
    return np.asarray(floor * min(1.0, (MOST - 0.1) / max(float(floor.sum()), NONE)))
