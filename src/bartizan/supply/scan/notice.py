"""What a scan says of one place in a file, and how bad it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["clean", "inconclusive", "suspicious", "malicious"]
VERDICTS: tuple[Verdict, ...] = ("clean", "inconclusive", "suspicious", "malicious")
"""From best to worst. What was not read is never clean."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing that a scan noticed."""

    verdict: Verdict
    """Never `clean`: what is as it should be is not worth a notice."""
    rule: str
    """`family.name`, stable: what reports and tests refer to, such as `pickle.call`."""
    where: str
    """Place inside the file, in its own words: `archive/data.pkl, byte 17`; empty = all of it."""
    what: str
    """The thing itself, such as `os.system`; empty = there is no name for it."""
    why: str
    """One sentence for a person who decides."""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several; clean if there is none."""
    return max(verdicts, key=VERDICTS.index, default="clean")
