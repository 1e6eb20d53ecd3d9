"""What changed between two threat models of one system."""

from collections.abc import Sequence

from bartizan.core.record import Record
from bartizan.core.threat import Threat, ThreatModel


class Moved(Record, frozen=True, kw_only=True):
    """A threat that both have, and that is not the same."""

    threat: str
    before: str
    """Priority and standing, such as `high, open`."""
    after: str
    worse: bool


class Difference(Record, frozen=True, kw_only=True, tag_field="schema", tag="difference/1"):
    """The later model against the earlier one."""

    new: tuple[Threat, ...]
    gone: tuple[Threat, ...]
    moved: tuple[Moved, ...]
    asked: tuple[str, ...]
    """Questions that are new."""
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
    """
    old = {one.id: one for one in before.threats}
    new = {one.id: one for one in after.threats}
    questions = {one.text for one in before.questions}
    return Difference(
        new=tuple(one for one in after.threats if one.id not in old),
        gone=tuple(one for one in before.threats if one.id not in new),
        moved=tuple(_moved([(old[name], new[name]) for name in new if name in old])),
        asked=tuple(one.text for one in after.questions if one.text not in questions),
        rules=before.rules != after.rules,
    )


def _moved(pairs: Sequence[tuple[Threat, Threat]]) -> list[Moved]:
    return [
        Moved(threat=old.id, before=_said(old), after=_said(new), worse=_weight(new) > _weight(old))
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
