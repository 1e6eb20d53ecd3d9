"""How far a run is: what stages yield and faces show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    done: int
    """Work done so far at most, of `total`: questions to a model, rows of a table."""
    total: int
    """0 = nobody knows."""
    what: str
