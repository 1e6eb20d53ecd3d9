"""What changed between two threat models of one system."""

from collections.abc import Sequence

from bartizan.core.errors import UsageError
from bartizan.core.record import Record
from bartizan.core.threat import Question, Threat, ThreatModel
from bartizan.threat.edits import Edit, edits


class Moved(Record, frozen=True, kw_only=True):
    """A threat that both have, and that is not the same."""

    threat: str
    before: str
    """Priority and standing, such as `high, open`."""
    after: str
    worse: bool
    """It is open, and there is more to do about it."""
    better: bool
    """There is less to do about it."""


class Difference(Record, frozen=True, kw_only=True, tag_field="schema", tag="difference/1"):
    """The later model against the earlier one."""

    new: tuple[Threat, ...]
    gone: tuple[Threat, ...]
    moved: tuple[Moved, ...]
    asked: tuple[Question, ...]
    """Questions that are new, whatever things are called now."""
    edits: tuple[Edit, ...]
    """What the descriptions say differently: a description is believed, so that a threat may be
    gone because of a word."""
    rules: bool
    """Whether the rules changed as well, so that not all of it is the system's doing."""

    @property
    def worse(self) -> bool:
        """Whether an open threat came or grew."""
        came = any(one.standing == "open" for one in self.new)
        return came or any(one.worse for one in self.moved)


def difference(before: ThreatModel, after: ThreatModel) -> Difference:
    """Compare two models by the ids of their threats.

    Args:
        before: The earlier one.
        after: The later one.

    Raises:
        UsageError: they are of two systems, so that all of both would differ.
    """
    names = [one.system.system.name for one in (before, after)]
    if names[0] != names[1]:
        message = f"expected two threat models of one system, got {names[0]!r} and {names[1]!r}"
        raise UsageError(message)
    old = {one.id: one for one in before.threats}
    new = {one.id: one for one in after.threats}
    questions = {(one.owner, one.attribute) for one in before.questions}
    return Difference(
        new=tuple(one for one in after.threats if one.id not in old),
        gone=tuple(one for one in before.threats if one.id not in new),
        moved=tuple(_moved([(old[name], new[name]) for name in new if name in old])),
        asked=tuple(one for one in after.questions if (one.owner, one.attribute) not in questions),
        edits=edits(before.system, after.system),
        rules=before.rules != after.rules,
    )


def _moved(pairs: Sequence[tuple[Threat, Threat]]) -> list[Moved]:
    return [
        Moved(
            threat=old.id,
            before=_said(old),
            after=_said(new),
            worse=new.standing == "open" and _weight(new) > _weight(old),
            better=_weight(new) < _weight(old),
        )
        for old, new in pairs
        if _said(old) != _said(new) or old.residual != new.residual
    ]


def _weight(threat: Threat) -> tuple[bool, tuple[int, int, int, int]]:
    """How much there is to do: an open threat before all others, then by rank."""
    return threat.standing == "open", threat.residual.rank


def _said(threat: Threat) -> str:
    factors = threat.residual
    steps = f"{factors.likelihood}/{factors.impact}/{factors.detection}"
    return f"{factors.priority} ({steps}), {threat.standing}"
