"""What each detector can see, and what it never does."""

from bartizan.core.entry import Entry
from bartizan.core.report import Sight

_SIGHTS: dict[str, tuple[str, str]] = {}
"""By entry id: what it sees, and what it misses whatever it says."""
_UNKNOWN = "see the remarks of its finding"


def sight_of(entry: Entry) -> Sight:
    """The line of one detector in the table of what was looked at."""
    sees, misses = _SIGHTS.get(entry.id, (entry.title, _UNKNOWN))
    return Sight(entry=entry.id, sees=sees, misses=misses)
