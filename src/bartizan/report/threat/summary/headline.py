"""What a threat model comes to, in a line and a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from bartizan.core.risk import Priority
from bartizan.core.threat import ThreatModel
from bartizan.report.threat.terms import by_priority, counted


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The top of a page."""

    tone: str
    """Class of the style sheet."""
    word: str
    sentence: str


def headline(model: ThreatModel) -> Headline:
    """Say how many threats are open, how bad, and what is not known.

    A model without threats is never called safe: rules know what they know.
    """
    opened = by_priority(model.threats)
    worst = next((name for name, count in opened.items() if count), None)
    return Headline(tone=_tone(model, worst), word=_word(opened, worst), sentence=_sentence(model))


def _tone(model: ThreatModel, worst: Priority | None) -> str:
    if worst == "high":
        return "fail"
    return "inconclusive" if worst or model.questions or not model.threats else "pass"


def _word(opened: Mapping[Priority, int], worst: Priority | None) -> str:
    if worst is None:
        return "No threat is open"
    count = opened[worst]
    return f"{counted(count, 'threat')} of {worst} priority {'is' if count == 1 else 'are'} open"


def _sentence(model: ThreatModel) -> str:
    total, opened = len(model.threats), sum(by_priority(model.threats).values())
    if not total:
        found = "No rule found a threat in this description, which says nothing of those without "
        found += "a rule."
    else:
        found = f"{opened} of {counted(total, 'threat')} {'is' if opened == 1 else 'are'} open."
    hanging = len({one for question in model.questions for one in question.threats})
    if model.questions:
        found += (
            f" {counted(len(model.questions), 'question')} about the system "
            f"{'is' if len(model.questions) == 1 else 'are'} not answered; up to "
            f"{counted(hanging, 'threat')} may stand behind."
        )
    expired = sum(one.ruling is not None and not one.ruling.holds for one in model.threats)
    if expired:
        holds = "holds" if expired == 1 else "hold"
        found += f" {counted(expired, 'decision')} no longer {holds}: the time is over."
    return found
