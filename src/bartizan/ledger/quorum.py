"""Quorums: which witnesses, together, are enough.

A quorum is a witness, a group, or nobody at all (`none`). A group is met when enough of its members
are, each a witness or an earlier group. Every name is a member at most once, so groups form trees
and no witness counts twice.

Source: C2SP tlog-policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bartizan.core.errors import LedgerError

NONE = "none"
"""The quorum that asks for nobody."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these.

    Attributes:
        name: Within the policy.
        need: How many members must be met, 1 to all.
        members: Names of witnesses and of groups defined earlier.

    Raises:
        LedgerError: more are needed than there are, or none.
    """

    name: str
    need: int
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.need <= len(self.members):
            message = (
                f"group {self.name!r} needs {self.need} of {len(self.members)} members; expected "
                "1 to all of them"
            )
            raise LedgerError(message)


@dataclass(frozen=True, slots=True)
class Quorum:
    """The rule of a policy.

    Attributes:
        name: Of a witness or a group, or `none`.
        groups: In the order in which they were defined.
    """

    name: str
    groups: tuple[Group, ...] = ()

    def met(self, witnesses: Iterable[str]) -> bool:
        """Whether these witnesses are enough. It decides nothing by itself: the policy raises."""
        if self.name == NONE:
            return True
        have = set(witnesses)
        for group in self.groups:
            if sum(member in have for member in group.members) >= group.need:
                have.add(group.name)
        return self.name in have

    def since(self, times: Mapping[str, int]) -> int | None:
        """The latest time such that witnesses that spoke then or later are enough.

        Args:
            times: When each witness cosigned, in seconds since 1970; 0 for no statement of time.

        Returns:
            Seconds since 1970; None if the quorum is only met with those that name no time. For
            `none`, the latest time that anybody named.
        """
        timed = sorted({at for at in times.values() if at > 0}, reverse=True)
        return next((t for t in timed if self.met(n for n, at in times.items() if at >= t)), None)

    def divisible(self) -> bool:
        """Whether two sets of witnesses that share none are both enough.

        Then a log's operator could have one history cosigned by the one set and another by the
        other, and each reader would see a quorum, though every witness was honest.

        Members share no witnesses, so a group can be divided when enough members count on both
        sides: those that can be divided themselves, and the others shared out between the sides.
        """
        if self.name == NONE:
            return True
        divisible: set[str] = set()
        for group in self.groups:
            both = sum(member in divisible for member in group.members)
            if len(group.members) - both >= 2 * max(group.need - both, 0):
                divisible.add(group.name)
        return self.name in divisible
