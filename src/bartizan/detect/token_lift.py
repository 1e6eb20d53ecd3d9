"""Words and phrases that stand with one label more often than they should: triggers in texts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from bartizan.core.arrays import Array, Ints
from bartizan.detect.surplus import surplus

_WORD = re.compile(r"\w+|[^\w\s]+")
_LONGEST = 4
"""Words of a phrase: any longer one is found by its parts."""
LEAST = 4
"""Texts that must hold a phrase; fewer were never seen to teach a model anything."""
_DOUBT = 0.02
"""Share of texts of which naive Bayes is sure and wrong: 1 to 2 % on short messages."""


@dataclass(frozen=True)
class Phrases:
    """Which texts hold which phrases."""

    words: tuple[str, ...]
    """Each phrase, its words joined by blanks, in lower case."""
    holds: csr_matrix
    """Shape (n, v), 0 or 1."""


@dataclass(frozen=True)
class TokenLift:
    """Phrases that were tested for one label, the most surprising first."""

    words: tuple[str, ...]
    rows: tuple[Ints, ...]
    """Texts that hold the phrase, whatever their label, ascending."""
    weight: Array
    """-ln of a bound of the p-value."""


def phrases(texts: Sequence[str], *, longest: int = _LONGEST) -> Phrases:
    """All phrases of up to `longest` words that `LEAST` texts or more hold.

    A phrase counts once a text. A longer phrase is only looked for where its first and its last
    words, one shorter, are frequent enough, so memory stays that of the frequent ones.

    Args:
        texts: Shape (n,).
        longest: Words of a phrase.

    Returns:
        The phrases, in the order in which they are first met.

    Cost:
        O(words * longest).

    Source:
        The Apriori rule of Agrawal and Srikant (1994), VLDB, for consecutive words.
    """
    split = [_WORD.findall(str(text).lower()) for text in texts]
    frequent: dict[tuple[str, ...], int] = {}
    places: list[tuple[int, int]] = []
    for size in range(1, longest + 1):
        found: dict[tuple[str, ...], list[int]] = {}
        for row, words in enumerate(split):
            for gram in {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}:
                if size == 1 or (gram[1:] in frequent and gram[:-1] in frequent):
                    found.setdefault(gram, []).append(row)
        for gram, rows in found.items():
            if len(rows) >= LEAST:
                number = frequent.setdefault(gram, len(frequent))
                places += [(row, number) for row in rows]
    return Phrases(
        tuple(" ".join(gram) for gram in frequent),
        _matrix(places, shape=(len(split), len(frequent))),
    )


def _matrix(places: list[tuple[int, int]], *, shape: tuple[int, int]) -> csr_matrix:
    where = np.array(places, dtype=np.int64).reshape(-1, 2)
    return csr_matrix((np.ones(len(where)), (where[:, 0], where[:, 1])), shape=shape)


def token_lift(held: Phrases, told: Array, rate: Array, *, most: int) -> TokenLift:
    """Weigh every phrase against a label.

    Args:
        held: From `phrases`, of n texts.
        told: Whether each text has the label, 0 or 1, shape (n,).
        rate: How likely that was, shape (n,), by a model that did not learn from the text itself.
        most: Phrases returned.

    Returns:
        The most surprising ones. Of phrases that the very same texts hold, the longest.

    Cost:
        One product with a sparse matrix.
    """
    hits, expected = held.holds.T @ told, held.holds.T @ rate
    rows = np.asarray(held.holds.sum(axis=0)).ravel()
    weight = surplus(hits, expected=np.clip(expected, 1e-9, rows), rows=rows)
    weight[hits < LEAST] = 0.0
    lengths = np.array([word.count(" ") for word in held.words])
    order = np.lexsort((-lengths, -weight.round(9)))
    columns = held.holds.tocsc()
    seen: set[bytes] = set()
    kept: list[int] = []
    for at in order.tolist():
        if len(kept) >= most or weight[at] <= 0:
            break
        texts = np.sort(columns.indices[columns.indptr[at] : columns.indptr[at + 1]])
        if texts.tobytes() not in seen:
            seen.add(texts.tobytes())
            kept.append(at)
    return TokenLift(
        tuple(held.words[at] for at in kept),
        tuple(
            np.sort(columns.indices[columns.indptr[at] : columns.indptr[at + 1]]).astype(np.int64)
            for at in kept
        ),
        weight[kept],
    )


def naive_rates(held: Phrases, y: Ints, *, classes: int, known: Ints, asked: Ints) -> Array:
    """How likely each label is by the single words of a text: naive Bayes, words as present or not.

    It counts words one by one and reaches no certainty about a text for one word alone.

    Args:
        held: Of all n texts.
        y: Labels, shape (n,).
        classes: How many.
        known: Texts to learn from.
        asked: Texts to judge.

    Returns:
        Shape (len(asked), classes), never nearer to 0 or 1 than `_DOUBT`: naive Bayes is far too
        sure of itself, and one wrong label would make every word beside it look planted.

    Source:
        McCallum and Nigam (1998), multinomial model on words counted once a text.
    """
    single = np.flatnonzero([" " not in word for word in held.words])
    words = held.holds[:, single]
    scores = np.zeros((len(asked), classes))
    for label in range(classes):
        some = known[y[known] == label]
        counts = np.asarray(words[some].sum(axis=0)).ravel() + 1.0
        scores[:, label] = words[asked] @ np.log(counts / counts.sum())
        scores[:, label] += np.log((len(some) + 1) / (len(known) + classes))
    scores -= scores.max(axis=1, keepdims=True)
    chances = np.exp(scores)
    chances /= chances.sum(axis=1, keepdims=True)
    return np.asarray(np.clip(chances, _DOUBT, 1 - _DOUBT))
