"""What a rendering of a threat model is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bartizan.core.threat import ThreatModel


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A threat model, and where its elements are described."""

    model: ThreatModel
    lines: Mapping[str, int]
    """Line of each element in the project file, from 1; an element may be missing."""
    file: str
    """The project file, as it was named."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the catalogues of the field call their ids; an id may be missing."""
