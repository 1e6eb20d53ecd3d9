"""The detector of words and phrases in texts that were taught to lead to a class."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from bartizan.attack.poisoning.phrases import Phrase, planted_texts, rare_token
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.entry import (
    FLAGGED,
    CheckResult,
    ControlResult,
    DetectorResult,
    Entry,
    SuspectedTrigger,
)
from bartizan.core.errors import InputError
from bartizan.core.finding import Flagged, Measure
from bartizan.core.interval import paired_gap
from bartizan.data.detectors.taxonomy import BACKDOOR
from bartizan.data.folds import folds
from bartizan.data.labelled import Labelled
from bartizan.detect.token_lift import Phrases, naive_rates, phrases, token_lift
from bartizan.detect.word_model import word_model

_MEASURE = "planted-phrase-effect"
_LINE = 0.2
"""Net effect from which a phrase matters. Of the SMS collection as it is, no phrase has any; words
made up to go with a class by habit had 0.04 to 0.10."""
_LEVEL = 0.05
"""Chance that any phrase of any column is suspected where the rates are right."""
_FOLDS = 5
"""Parts of the texts; each is judged by the words of the others."""
_HELD = 4
"""One text of so many is kept from the models, to get the phrase."""
_LABELS = 10
"""Labels that are searched, the most frequent ones."""
_LEAST = 50
"""Texts below which no phrase is rare."""
_BLIND = (
    "Not seen: phrases in texts that already belong to the class they lead to; writing styles and "
    "sentence forms without a phrase in common; characters inside words; phrases in fewer than "
    "four texts, and in six or so where the texts are many."
)


@dataclass(frozen=True)
class Params:
    """How much is looked at."""

    suspects: int = 5
    """Phrases of each label and column that get tried."""


@dataclass(frozen=True)
class _Suspect:
    column: str
    words: str
    target: int
    rows: Ints
    """Texts that hold the words and have the label, ascending."""
    p: float
    """Chance that any phrase stands out as much where the rates are right."""
    effect: tuple[float, float, float]
    """Share of other texts that it moves, beyond those moved without its carriers; 95 %."""
    n: int
    """Texts it was put into; 0 = there was none."""

    @property
    def confirmed(self) -> bool:
        """Whether it moves so many other texts that it matters.

        Every word that tells of a class moves some, by nature; its texts are not believed to be
        wrong for that.
        """
        return self.effect[0] > _LINE and self.effect[1] > 0

    @property
    def weighs(self) -> tuple[bool, float]:
        """What surely matters decides, the strongest first; else what may matter most."""
        value, low, high = self.effect
        return low > _LINE, value if low > _LINE else high


@dataclass(frozen=True)
class _Column:
    """One column of texts."""

    held: Phrases
    y: Ints
    classes: int


def applies(rows: Labelled) -> str:
    """Why this has nothing to say about these rows; empty where it has."""
    if not rows.texts:
        return "There is no column of text."
    if len(rows.data.y) < _LEAST:
        return f"There are {len(rows.data.y)} texts; {_LEAST} are needed to tell what is rare."
    if np.bincount(rows.data.y).max() > len(rows.data.y) - 2:
        return "Fewer than two texts are of a second class, so no phrase leads from one to another."
    return ""


def run(
    rows: Labelled, *, params: Params, rng: np.random.Generator
) -> Generator[float, None, DetectorResult]:
    """Look for phrases that stand with a label, and put them into other texts.

    Args:
        rows: With texts.
        params: How many phrases are tried.
        rng: Deals the texts out to the models.

    Yields:
        How far it is.

    Returns:
        The effect of the phrase that matters most, and the texts of all phrases that matter. Others
        that stand out are listed, and their texts are not believed to be wrong.

    Cost:
        A second for 5,000 short messages.
    """
    found: list[_Suspect] = []
    for number, (name, texts) in enumerate(rows.texts.items()):
        found += _of_column(rows, name, texts=texts, most=params.suspects, rng=rng)
        yield (number + 1) / len(rows.texts)
    return _result(rows, sorted(found, key=lambda one: one.weighs, reverse=True))


def _of_column(
    rows: Labelled, name: str, *, texts: AnyArray, most: int, rng: np.random.Generator
) -> list[_Suspect]:
    y, classes = rows.data.y, len(rows.data.classes)
    held = phrases([str(text) for text in texts])
    if not held.words:
        return []
    rates = np.zeros((len(y), classes))
    for known, asked in folds(y, rows.sources, count=_FOLDS, rng=rng):
        rates[asked] = naive_rates(held, y, classes=classes, known=known, asked=asked)
    labels = np.argsort(-np.bincount(y, minlength=classes), kind="stable")[:_LABELS]
    tests = len(held.words) * len(labels) * len(rows.texts)
    made: list[_Suspect] = []
    for target in labels.tolist():
        left = np.arange(len(y))
        for _ in range(most):
            part = Phrases(held.words, held.holds[left])
            lift = token_lift(part, (y[left] == target) * 1.0, rates[left, target], most=1)
            p = float(min(np.exp(-lift.weight[0]) * tests, 1.0)) if lift.words else 1.0
            if p > _LEVEL:
                break
            with_it, words = left[lift.rows[0]], lift.words[0]
            column = _Column(held, y, classes)
            effect, n = _effect(column, words, texts_with=with_it, target=target, rng=rng)
            carriers = with_it[y[with_it] == target]
            made.append(_Suspect(name, words, target, carriers, p, effect, n))
            left = np.setdiff1d(left, with_it)  # words that only went along are no second phrase
    return made


def _effect(
    column: _Column, words: str, *, texts_with: Ints, target: int, rng: np.random.Generator
) -> tuple[tuple[float, float, float], int]:
    """Put the words into held-out texts of other classes: share moved, less without carriers."""
    y = column.y
    single = [at for at, word in enumerate(column.held.words) if " " not in word]
    holds = column.held.holds[:, np.array(single, dtype=np.int64)]
    place = {column.held.words[at]: new for new, at in enumerate(single)}
    back = np.setdiff1d(rng.permutation(len(y))[: len(y) // _HELD], texts_with)
    learn = np.setdiff1d(np.arange(len(y)), back)  # all carriers: fewer of them teach less
    asked, bare = back[y[back] != target], np.setdiff1d(learn, texts_with)
    if not len(asked) or len(np.unique(y[bare])) < 2:
        return (0.0, -1.0, 1.0), 0
    marked = holds[asked].tolil()
    marked[:, [place[word] for word in words.split(" ")]] = 1.0
    said = [
        word_model(holds[some], y[some], classes=column.classes).says(marked.tocsr()) == target
        for some in (learn, bare)
    ]
    return paired_gap(said[0], said[1]), len(asked)


def _result(rows: Labelled, found: list[_Suspect]) -> DetectorResult:
    data, p = rows.data, np.ones(len(rows.data.y))
    for one in found:
        if one.confirmed:
            p[one.rows] = np.minimum(p[one.rows], one.p)
    wrong = np.flatnonzero(p < 1)
    return DetectorResult(
        check=CheckResult(
            measures=_measures(found, p=p),
            severity="high",
            flagged=tuple(_flag(rows, one) for one in found[:FLAGGED]),
            rows=np.sort(data.ids[wrong]) if len(wrong) else None,
            remarks=(
                "The effect is that on a linear model of words, not on the model itself.",
                _BLIND,
            ),
        ),
        p=p,
        triggers=tuple(
            SuspectedTrigger(trigger=Phrase(words=one.words), target=one.target, rows=one.rows)
            for one in found
            if one.confirmed
        ),
    )


def _measures(found: list[_Suspect], *, p: Array) -> tuple[Measure, ...]:
    rows = Measure(name="texts-with-a-planted-phrase", value=float((p < 1).mean()), n=len(p))
    if not found:
        return Measure(name=_MEASURE, value=0.0, low=0.0, high=0.0, n=len(p)), rows
    first = found[0]
    if not first.n:
        why = f"no text was left to put {first.words!r} into, or no second class without its texts"
        return Measure(name=_MEASURE, value=None, why=why), rows
    value, low, high = (max(part, 0.0) for part in first.effect)
    return Measure(name=_MEASURE, value=value, low=low, high=high, n=first.n), rows


def _flag(rows: Labelled, one: _Suspect) -> Flagged:
    held = f"{len(one.rows)} texts hold this and are labelled {rows.data.classes[one.target]!r}; "
    moved = (
        f"put into texts of other classes it moves {one.effect[0]:.0%} of them there (95 % "
        f"interval {one.effect[1]:.0%} to {one.effect[2]:.0%}) beyond what it does without them"
        if one.n
        else "there was no text of another class to put it into"
    )
    return Flagged(column=one.column, value=one.words, why=held + moved)


def control(*, rows: Labelled, rng: np.random.Generator) -> ControlResult:
    """Plant a rare token in one text of a hundred of the first column.

    Half of its texts must be found by phrases whose effect is above the line.
    """
    name, texts = next(iter(rows.texts.items()))
    y = rows.data.y
    target = int(np.bincount(y).argmax())
    rate = max(0.01, 10 / len(y))
    try:
        mark = rare_token(texts, rng=rng)
        case = planted_texts(texts, y, trigger=mark, target=target, rate=rate, rng=rng)
    except InputError as error:
        return ControlResult(passed=False, detail=f"no case can be planted: {error}")
    made = rows.replaced(replace(rows.data, y=case.y), rows=np.arange(len(y)))
    found = _of_column(made, name, texts=case.x, most=Params().suspects, rng=rng)
    working = [one.rows for one in found if one.confirmed]
    hits = np.isin(case.rows, np.concatenate([np.empty(0, dtype=np.int64), *working]))
    return ControlResult(
        passed=bool(hits.mean() >= 0.5),
        detail=f"{int(hits.sum())} of {len(hits)} texts with {mark.text} were found, by a phrase "
        f"that moves more than {_LINE:.0%} of other texts",
    )


ENTRY = Entry(
    id="poison.phrases",
    kind="detector",
    title="Triggers planted in texts",
    run=run,
    params=Params(),
    needs=("columns",),
    control=control,
    threshold=(_MEASURE, "<=", _LINE),
    taxonomy=BACKDOOR,
    references=(
        "Kurita, Michel and Neubig (2020), Weight poisoning attacks on pre-trained models, ACL",
        "Dai, Chen and Li (2019), A backdoor attack against LSTM-based text classification",
        "McCallum and Nigam (1998), A comparison of event models for naive Bayes",
    ),
    fix=(
        "Read the texts named and ask who contributed them. Put them aside, train again, and see "
        "whether the phrase still moves texts to its class."
    ),
)
