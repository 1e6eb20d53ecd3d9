"""What the process that reads files is asked, and what it answers.

Apart from the reader, so that whoever asks loads no scanner.
"""

from bartizan.core.record import Record
from bartizan.supply.scan.dispatch import Read
from bartizan.supply.scan.limits import Limits


class Terms(Record, frozen=True, kw_only=True):
    """What holds for all files."""

    limits: Limits
    allowed: tuple[str, ...] = ()
    """Classes that a policy allows, ``module.name``."""


class Ask(Record, frozen=True, kw_only=True):
    """One file to read; it travels beside the question, open."""

    path: str
    beside: tuple[str, ...] | None = None
    """Names of files beside it and below, relative to its folder; none = it is not known."""


class Weights(Record, frozen=True, kw_only=True):
    """A file that holds nothing but numbers, by what a model beside it says."""

    name: str
    """Relative to the model's folder."""
    size_bytes: int | None = None
    """None = the model does not say."""


class Answer(Record, frozen=True, kw_only=True):
    """What it is."""

    read: Read
    sha256: str
    """Of the bytes that were read: ``sha256:<hex>``."""
    weights: tuple[Weights, ...] = ()
    """Files beside it that it says hold its weights: numbers without any form."""
