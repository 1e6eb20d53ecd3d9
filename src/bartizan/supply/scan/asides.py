"""Files that belong to no model: listed as not covered, where a whole folder is scanned.

Source code and documents lie in every repository. No reader here reads them, so that they are
never called clean; and no loader of models opens them, so that they need not decide either. What
any reader takes for something else is judged like every other file, whatever it is called.
"""

from collections import defaultdict
from collections.abc import Sequence

from bartizan.core.report import Gap
from bartizan.supply.scan.slot import Slot

_RULES = {
    "file.code": (
        "of source code",
        "not judged: no reader here reads code, and no loader takes it for a model",
    ),
    "file.other": (
        "of no kind that models have",
        "not judged: no reader here reads such documents and media, and no loader opens them",
    ),
    "file.hashes": (
        "of hashes of a log",
        "not judged: hashes are numbers without form; bartizan ledger verify looks at them",
    ),
}
"""By the one notice of such a file: what they are, and why they are left out."""
_NAMED = 5
"""Files that a gap names; of more, their number is enough."""


def is_aside(slot: Slot) -> bool:
    """Whether a file belongs to no model: one reader says so, and none says anything else.

    A file that was named itself is judged: somebody asked about it.
    """
    if slot.answer is None or not slot.place.inner:
        return False
    return [one.rule in _RULES for one in slot.answer.read.notices] == [True]


def gaps_of(asides: Sequence[Slot]) -> tuple[Gap, ...]:
    """What is told of them, one gap for each kind."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for slot in asides:
        if slot.answer is not None:
            names[slot.answer.read.notices[0].rule].append(slot.place.name)
    return tuple(_gap(rule, names[rule]) for rule in _RULES if names[rule])


def _gap(rule: str, names: Sequence[str]) -> Gap:
    what, why = _RULES[rule]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    files = f"{len(names):,} {'file' if len(names) == 1 else 'files'} {what}"
    return Gap(what=f"{files} ({', '.join(names[:_NAMED])}{more})", why=why)
