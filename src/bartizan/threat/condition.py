"""When a rule applies: a closed language of questions about a system, answered yes, no or unknown.

Rules are data, written in TOML, so nothing in them is ever run. A condition asks one thing of the
element it stands for, or joins other conditions. What the description leaves out is unknown, and
unknown is neither yes nor no: `a and unknown` is unknown unless `a` is no (Kleene, 1952, section
64). Which attributes would have to be known is kept, so that a report can ask for them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from bartizan.core.errors import ConfigError
from bartizan.core.record import UserInput
from bartizan.core.system import ElementKind, Trust

Truth: TypeAlias = Literal["yes", "no", "unknown"]
Said: TypeAlias = bool | str


class Condition(UserInput, frozen=True, kw_only=True):
    """One question. Of its fields exactly one is set; `attribute` with `is` or `above` is one."""

    all: tuple["Condition", ...] = ()
    any: tuple["Condition", ...] = ()
    none: tuple["Condition", ...] = ()
    """None of them holds."""
    attribute: str = ""
    """Of the element, the flow, the asset or the system that is asked about."""
    is_: Said | tuple[Said, ...] | None = msgspec.field(default=None, name="is")
    """The value, or one of several."""
    above: int | None = None
    """Instead of `is`: the value is a number above this."""
    kind: tuple[ElementKind, ...] = ()
    """The element is one of these."""
    trust: tuple[Trust, ...] = ()
    """Its zone is one of these."""
    fed_by: "Condition | None" = None
    """Something flows to the element, over any number of steps, from one of which this holds."""
    feeds: "Condition | None" = None
    """Something flows from the element, over any number of steps, to one of which this holds."""
    gets_from: "Condition | None" = None
    """A flow comes in directly from one of which this holds."""
    sends_to: "Condition | None" = None
    """A flow goes out directly to one of which this holds."""
    crosses: bool | None = None
    """A flow comes in from a zone of less trust."""
    flow_in: "Condition | None" = None
    """A flow comes in of which this holds."""
    flow_out: "Condition | None" = None
    """A flow goes out of which this holds."""
    holds: "Condition | None" = None
    """The element keeps an asset, or a flow of it carries one, of which this holds."""
    system: "Condition | None" = None
    """This holds of the system as a whole."""

    def __post_init__(self) -> None:
        """Refuse what asks nothing, or two things at once."""
        asked = [name for name in _ASKS if getattr(self, name) not in ((), "", None)]
        if len(asked) != 1:
            said = " and ".join(asked) or "nothing"
            message = f"a condition asks one thing, got {said}; join several with `all` or `any`"
            raise ConfigError(message)
        compared = (self.is_ is not None) + (self.above is not None)
        if compared != bool(self.attribute):
            message = "`attribute` goes together with `is` or with `above`"
            raise ConfigError(message)


_ASKS = (
    *("all", "any", "none", "attribute", "kind", "trust", "fed_by", "feeds"),
    *("gets_from", "sends_to", "crosses", "flow_in", "flow_out", "holds", "system"),
)


@dataclass(frozen=True, order=True)
class Missing:
    """An attribute that nobody wrote, and that would settle a question."""

    owner: str
    """``element <id>``, ``flow <id>``, ``asset <id>`` or ``system``."""
    attribute: str


@dataclass(frozen=True)
class Answer:
    """Whether a condition holds, and what would have to be known to say so."""

    truth: Truth
    missing: frozenset[Missing] = frozenset()
    """Empty unless the truth is unknown."""


YES, NO = Answer("yes"), Answer("no")


def both(answers: Iterable[Answer]) -> Answer:
    """Whether all hold: one no decides.

    Example:
        >>> both([YES, NO]).truth, both([YES, Answer("unknown")]).truth, both([]).truth
        ('no', 'unknown', 'yes')
    """
    return _first("no", answers) or YES


def either(answers: Iterable[Answer]) -> Answer:
    """Whether one holds: one yes decides.

    Example:
        >>> either([YES, NO]).truth, either([NO, Answer("unknown")]).truth, either([]).truth
        ('yes', 'unknown', 'no')
    """
    return _first("yes", answers) or NO


def opposite(answer: Answer) -> Answer:
    """Yes for no, no for yes; what is unknown stays so."""
    if answer.truth == "unknown":
        return answer
    return NO if answer.truth == "yes" else YES


def _first(deciding: Truth, answers: Iterable[Answer]) -> Answer | None:
    """The first answer that decides, else all that is missing; none = all others are known.

    What stands behind a deciding answer is not asked.
    """
    unknown: list[Answer] = []
    for one in answers:
        if one.truth == deciding:
            return one
        if one.truth == "unknown":
            unknown.append(one)
    missing = frozenset[Missing]().union(*(one.missing for one in unknown))
    return Answer("unknown", missing) if unknown else None
