"""Membership by likelihood ratio: is an answer more like models that saw the row, or had not?"""

import numpy as np
from numpy.typing import NDArray

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import ScoreKind, decisions

Signals = NDArray[np.float32]
"""What each model says about each row: seven digits are more than a Gaussian fit can use."""

CLIP = 1e-6
"""Probabilities are held this far from 0 and 1: forests answer both exactly, and a logarithm of
a thing that was only rounded to 0 would drown every other row."""
_LIMIT = float(np.log1p(-CLIP) - np.log(CLIP))
"""The same as log-odds."""
_ENDS = 30.0
"""Log-odds beyond which a probability in double precision is as good as 1."""
PRIOR = 8.0
"""How many shadow models the variance of all rows together is worth beside a row's own. Of 2,
8, infinity (pooled) and 0 (each row alone) it was best or next to best on forests, boosted trees
and networks with 16 shadow models: forests 46 and 56 % found at 1 % false claims, pooled 43 and
46 %. With many models a row's own variance prevails by itself."""
_LEAST = 1e-3
"""Smallest deviation of a signal, in log-odds. Below lies the rounding of models that say the
same each time."""


def balanced(n: int, shadows: int, *, rng: np.random.Generator) -> Mask:
    """Which row trains which shadow model.

    Shadow models come in pairs, and each pair splits the rows at random in two halves. So every
    row is in exactly half of the models, and all of them get equally many rows.

    Args:
        n: Rows, >= 2; of an odd number one half is a row larger.
        shadows: Models, even.
        rng: Random numbers.

    Returns:
        Shape (n, shadows).
    """
    inside = np.zeros((n, shadows), dtype=bool)
    for pair in range(0, shadows, 2):
        half = rng.permutation(n)[: n // 2]
        inside[half, pair] = True
        inside[:, pair + 1] = ~inside[:, pair]
    return inside


def confidence(scores: Array, y: Ints, *, kind: ScoreKind) -> Array:
    """How sure a model is of each row's class, as log-odds.

    Unlike a probability or a loss it is close to Gaussian over models, which the ratio needs.
    It falls strictly with the loss, so a threshold on it is a threshold on the loss.

    Args:
        scores: Shape (n, k).
        y: Class of each row, shape (n,).
        kind: What the scores are. Logits stay logits, so that nothing is rounded to certainty;
            probabilities, and labels as 0 and 1, are clipped.

    Returns:
        log(p / (1 - p)) of the own class, shape (n,); larger = surer.

    Source:
        Carlini et al. (2022), "Membership Inference Attacks From First Principles", S&P,
        section VI.A and, for logits, its note on numerical stability.
    """
    own = np.take_along_axis(scores, y[:, None], axis=1)[:, 0]
    if kind != "logit":
        chance = np.clip(own, CLIP, 1 - CLIP)
        return np.asarray(np.log(chance) - np.log1p(-chance))
    rivals = scores.copy()
    np.put_along_axis(rivals, y[:, None], -np.inf, axis=1)
    top = rivals.max(axis=1, keepdims=True)
    others = top[:, 0] + np.log(np.exp(rivals - top).sum(axis=1))
    return np.asarray(own - others)


def right(scores: Array, y: Ints) -> Mask:
    """Whether the decision is the row's class, shape (n,): all that a sight of labels tells."""
    return np.asarray(decisions(scores) == y)


def certainty(confidences: Array, *, kind: ScoreKind) -> float:
    """Log-odds at which to take a model at its word that it is certain.

    A forest of a hundred trees that answers 1 means more than 0.99, and not one in a million.
    Taken literally, such answers drown all others in the variance: a forest gave away 16 % at
    1 % false claims, and 43 % with this bound.

    Args:
        confidences: Of one model, from `confidence`, shape (n,).
        kind: What its scores are. Logits have no end; but where several rows have the very same
            one beyond what a probability can say, it stands for a probability of 0 or 1.

    Returns:
        The log-odds of half the smallest doubt that the model expressed; infinite for logits
        that are none of probabilities.
    """
    sure = np.abs(confidences)
    if kind == "logit":
        _, place, count = np.unique(sure, return_inverse=True, return_counts=True)
        certain = (sure > _ENDS) & (count[place] > 1)
    else:
        certain = sure >= _LIMIT * (1 - 1e-9)
    most = np.inf if kind == "logit" else _LIMIT
    if not certain.any() or certain.all():
        return most
    return min(float(np.logaddexp(0.0, np.log(2.0) + sure[~certain].max())), most)


def likelihood_ratio(
    target: Array,
    signals: Signals,
    inside: Mask,
    *,
    offline: bool = False,
    prior: float = PRIOR,
) -> Array:
    """Score rows by how much better the models that saw them explain the answer.

    A Gaussian is fitted to the signals of the models with the row, another to those without.
    Easy rows, of which every model is sure, so do not pass for members.

    Args:
        target: Signals of the model in question, shape (n,).
        signals: Of the shadow models, shape (n, K).
        inside: Which of them saw the row, shape (n, K); in each row some did and some did not.
        offline: Use the models without the row alone, as somebody must who trained them before
            knowing the row: how unlikely is so high an answer from one of them?
        prior: How many models the pooled variance is worth beside a row's own; 0 = each row
            alone, infinity = pooled only.

    Returns:
        Shape (n,); larger = more likely a member. Online: logarithm of the ratio. Offline: minus
        the logarithm of the chance of such an answer, up to a constant.

    Cost:
        O(n K).

    Source:
        Carlini et al. (2022), section V, Algorithm 1. Deviations: they take each row's own
        variance with many models and one for all rows with few (section VI.C); here the two are
        weighed as under an inverse-gamma prior, as in arXiv:2603.11799, so that there is no step
        between few and many. The pooled variance is that within rows; their code pools all
        signals, so that differences between rows pass for noise.
    """
    mean_out, spread_out = _gaussian(signals, ~inside, prior=prior)
    high = (target - mean_out) / spread_out
    if offline:
        return np.asarray(high)  # rises with the chance of a lower answer, and never saturates
    mean_in, spread_in = _gaussian(signals, inside, prior=prior)
    low = (target - mean_in) / spread_in
    return np.asarray(0.5 * (high**2 - low**2) + np.log(spread_out) - np.log(spread_in))


def _gaussian(signals: Signals, chosen: Mask, *, prior: float) -> tuple[Array, Array]:
    """Mean and deviation of each row's chosen signals, both of shape (n,)."""
    count = chosen.sum(axis=1)
    mean = np.where(chosen, signals, 0.0).sum(axis=1) / count
    squares = np.where(chosen, (signals - mean[:, None]) ** 2, 0.0).sum(axis=1)
    free = count - 1  # one degree of freedom goes to each row's mean
    pooled = np.full(len(mean), squares.sum() / max(int(free.sum()), 1))
    if np.isfinite(prior):
        pooled = (squares + prior * pooled) / np.maximum(free + prior, 1)
    return mean, np.maximum(np.sqrt(pooled), _LEAST)


def label_ratio(target: Mask, correct: Mask, inside: Mask) -> Array:
    """The same ratio for those who see labels only: is the row got right, or wrong?

    A row that the models without it get wrong, and this one right, was probably learnt by heart.

    Args:
        target: Whether the model in question gets the row right, shape (n,).
        correct: Whether the shadow models do, shape (n, K).
        inside: Which of them saw the row, shape (n, K).

    Returns:
        Logarithm of the ratio of the two chances of this answer, shape (n,); each chance is
        (hits + 1) / (models + 2), which is never 0 (Laplace).

    Source:
        The gap attack of Yeom et al. (2018), CSF, with the shadow models of Carlini et al.
        (2022) to tell hard rows from easy ones. Not the distance to the boundary of
        Choquette-Choo et al. (2021), ICML, which takes thousands of questions a row.
    """
    seen = correct == target[:, None]
    chances = [
        ((seen & part).sum(axis=1) + 1) / (part.sum(axis=1) + 2) for part in (inside, ~inside)
    ]
    return np.asarray(np.log(chances[0]) - np.log(chances[1]))
