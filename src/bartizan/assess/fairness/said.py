"""What an audit says in words: whom it compared, what it leaves out, what numbers do not mean."""

from collections.abc import Sequence

import numpy as np

from bartizan.assess.fairness.judging import Judged
from bartizan.assess.fairness.partition import Question, told
from bartizan.assess.fairness.rates import Side
from bartizan.assess.fairness.widest import Widest
from bartizan.core.arrays import Ints
from bartizan.core.finding import Measure
from bartizan.core.groups import Grouping

_NAMED = 12
"""Small groups that a sentence lists."""
_APART = 0.05
"""Difference of base rates from which on the trade-off is worth a sentence."""
_FIFTHS = 0.8
"""The rule of thumb of 29 CFR 1607.4 D, for hiring in the United States."""
_NO_CAUSE = (
    "No cause is named: a gap can come from the model, from labels that are unfair themselves, or "
    "from who is in the data. The labels are taken for the truth here, and a pass says that errors "
    "are shared out evenly, not that the decision is fair or lawful."
)
_WORDS = {
    "true-positive-rate": "true-positive rate",
    "false-positive-rate": "false-positive rate",
    "selection-rate": "selection rate",
}


def left_out(parts: Sequence[Grouping], asked: Sequence[Question], y: Ints) -> str:
    """Which groups have too few rows to be compared; empty if none."""
    small = []
    for part in parts:
        few: dict[str, list[str]] = {}
        for one in asked:
            counts = told(part, one.wanted[y])
            for at in np.flatnonzero((counts < part.least).any(axis=1)):
                yes, no = (int(count) for count in counts[at])
                of = f" for {one.words}" if len(asked) > 1 else ""
                few.setdefault(part.names[at], []).append(f"{yes} and {no}{of}")
        small += [f"{part.column} = {name} ({', '.join(rows)})" for name, rows in few.items()]
    if not small:
        return ""
    more = f" and {len(small) - _NAMED} more" if len(small) > _NAMED else ""
    words = " or ".join(dict.fromkeys(one.words for one in asked))
    return (
        f"too few rows (of {words}, and of others) to say how often these groups are wronged: "
        f"{'; '.join(small[:_NAMED])}{more}; they are not shown to be treated alike"
    )


def remarks(
    found: Judged,
    gap: Widest | None,
    where: tuple[Side, str] | None,
    *,
    ratio: Measure,
    left: str,
) -> tuple[str, ...]:
    """Sentences for the reader of one audit."""
    return tuple(
        one
        for one in (
            _whom(found),
            _where(gap, where),
            f"Left out: {left}." if left else "",
            _base_rates(found),
            _fifths(ratio),
            _NO_CAUSE,
        )
        if one
    )


def _whom(found: Judged) -> str:
    columns = ", ".join(dict.fromkeys(side.part.column for side in found.sides))
    words = ", ".join(dict.fromkeys(side.question.words for side in found.sides))
    return (
        f"Groups of {columns} were compared by how often they are said to be {words}. The "
        "true-positive rate is this share among rows that are, the false-positive rate that among "
        "rows that are not."
    )


def _where(gap: Widest | None, where: tuple[Side, str] | None) -> str:
    if gap is None or where is None:
        return ""
    side, rate = where
    more, less = (side.part.names[at] for at in gap.groups)
    compared = "1 comparison" if gap.pairs == 1 else f"{gap.pairs:,} comparisons"
    return (
        f"The widest gap is in the {_WORDS[rate]} ({side.question.words}) of {side.part.column}: "
        f"{more} above {less}. It is the widest of {compared}, and the widest of many is drawn "
        "high by chance: the lower end of the interval allows for that."
    )


def _base_rates(found: Judged) -> str:
    """Whether groups differ in what is true of them, in the side where they differ most."""
    widest, said = _APART, ""
    for side, tally in zip(found.sides, found.tallies, strict=True):
        yes, no = tally.rows[0, 1], tally.rows[0, 2]
        large = np.flatnonzero(np.minimum(yes, no) >= side.part.least)
        if len(large) < 2:
            continue
        base = yes[large] / (yes + no)[large]
        if base.max() - base.min() > widest:
            widest = float(base.max() - base.min())
            low, high = (side.part.names[large[at]] for at in (base.argmin(), base.argmax()))
            said = (
                f"{base.min():.1%} of {low} and {base.max():.1%} of {high} are "
                f"{side.question.words} in the data ({side.part.column}). Where such base rates "
                "differ, no model that errs can have equal false-positive rates, equal "
                "true-positive rates and equal precision at once (Chouldechova 2017): closing one "
                "gap may open another, and which of them matters is for people to decide."
            )
    return said


def _fifths(ratio: Measure) -> str:
    if ratio.value is None or ratio.value >= _FIFTHS:
        return ""
    return (
        f"The smallest selection rate is {ratio.value:.0%} of the largest. Below 80 % a rule of "
        "thumb of hiring in the United States (29 CFR 1607.4 D) asks for a closer look. It is "
        "shown for information and decides nothing here."
    )
