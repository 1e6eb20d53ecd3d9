"""What each detector can see, and what it never does."""

from bartizan.core.entry import Entry
from bartizan.core.report import Sight

_SIGHTS: dict[str, tuple[str, str]] = {
    "poison.labels": (
        ("rows whose label neither their neighbours nor a model that did not see them would give"),
        (
            "triggers; labels that are wrong in one consistent way for a whole kind of rows; "
            "in classes that overlap, which of the rows it is"
        ),
    ),
    "poison.sources": (
        "contributors whose labels others' rows contradict more often than chance allows",
        (
            "contributors who mark rows, or add honest rows of one kind; all of it where "
            "nobody says who contributed what"
        ),
    ),
    "poison.values": (
        "rows that make their neighbours' answers worse",
        "harm to your own model; rows of a trigger, as long as no judged row carries it",
    ),
    "poison.trigger": (
        (
            "values and small regions of columns that were taught to lead to a class, tried "
            "on a model that never saw their carriers"
        ),
        (
            "marks on rows that have the class already or that a plain model gives it anyway; "
            "marks on one narrow group of rows; combinations of common values in columns of "
            "few values"
        ),
    ),
    "poison.phrases": (
        "words and phrases in running text that lead to a class",
        ("style, paraphrase or syntax as a trigger; phrases whose rows honestly have that class"),
    ),
    "poison.latent": (
        "pictures with a mark that a network has learnt: patches, blended pictures, waves",
        (
            "warped pictures; poison aimed at single pictures; marks covered by rows of the "
            "right label; one mark for every class; groups of less than one row in a thousand"
        ),
    ),
    "poison.patches": (
        "the same patch in many pictures of one class",
        (
            "marks that differ from picture to picture, lie over the whole picture, or are in "
            "all classes alike"
        ),
    ),
}
"""By entry id: what it sees, and what it misses whatever it says."""
_UNKNOWN = "see the remarks of its finding"


def sight_of(entry: Entry) -> Sight:
    """The line of one detector in the table of what was looked at."""
    sees, misses = _SIGHTS.get(entry.id, (entry.title, _UNKNOWN))
    return Sight(entry=entry.id, sees=sees, misses=misses)
