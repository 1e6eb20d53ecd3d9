"""A document that evidence fills as far as it goes, and a person must finish.

What evidence says stands as a paragraph with its source. What only a person can say is a gap, and
stays one until somebody writes it: nothing is claimed that nothing shows.
"""

from typing import Literal, TypeAlias

from bartizan.core.record import Record

SkeletonKind: TypeAlias = Literal["dpia", "annex-iv", "model-card"]


class Paragraph(Record, frozen=True, kw_only=True):
    """Something that evidence or the description says."""

    text: str
    source: str
    """From where: a table of the project file, a finding, a fact, a report."""


class Section(Record, frozen=True, kw_only=True):
    """One part of the document."""

    id: str
    """As the law or the form counts it."""
    title: str
    asks: str
    """What it asks for, in our own words."""
    filled: tuple[Paragraph, ...] = ()
    gaps: tuple[str, ...] = ()
    """What a person has to write."""


class Skeleton(Record, frozen=True, kw_only=True, tag_field="schema", tag="skeleton/1"):
    """The whole document, as of one day."""

    kind: SkeletonKind
    title: str
    about: str
    """The system or the model."""
    basis: str
    """The law or form that asks for it."""
    day: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
