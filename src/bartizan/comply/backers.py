"""What stands behind clauses of management: signed texts, audits done in time, a threat model."""

from collections.abc import Sequence
from dataclasses import dataclass

from bartizan.comply.crosswalk import BackingRow
from bartizan.core.compliance import AuditState, Backing, PolicyState


@dataclass(frozen=True, kw_only=True)
class Backers:
    """All that there is of it."""

    policies: Sequence[PolicyState] = ()
    audits: Sequence[AuditState] = ()
    threats: int | None = None
    """In the threat model; none = no system is described."""
    elements: int = 0
    """Of the system that is described."""
    undrawn: Sequence[str] = ()
    """Models of the project that no element of the description is."""
    questions: int = 0
    """That the description leaves open."""

    def backing(self, row: BackingRow) -> Backing:
        """Whether the clause of a row can rest on what the row names."""
        told = {"policy": self._policies, "audit": self._audits, "threat-model": self._model}
        holds, said = told[row.by](row.kind)
        return Backing(
            by=row.by,
            kind=row.kind,
            relationship=row.relationship,
            why=row.why,
            holds=holds,
            said=said,
        )

    def expires(self, row: BackingRow) -> str:
        """Day on which what a row names has to be looked at again; empty = none is set."""
        ends: list[str] = []
        if row.by == "policy":
            ends = [one.review for one in self.policies if one.kind == row.kind and one.review]
        if row.by == "audit":
            ends = [one.due for one in self.audits if one.kind == row.kind and one.due]
        return min(ends, default="")

    def _policies(self, kind: str) -> tuple[bool, str]:
        """Of several, each has to be in force: the one that is not may be the one that counts."""
        found = [one for one in self.policies if one.kind == kind]
        if not found:
            return False, f"no policy of kind {kind}"
        said = ", ".join(f"policy {one.id} ({one.status})" for one in found)
        return all(one.status == "in force" for one in found), said

    def _audits(self, kind: str) -> tuple[bool, str]:
        found = [one for one in self.audits if one.kind == kind]
        if not found:
            return False, f"no audit of kind {kind}"
        said = ", ".join(f"audit {one.id} ({one.word})" for one in found)
        return not any(one.overdue for one in found), said

    def _model(self, _: str) -> tuple[bool, str]:
        """One of nothing, of another system, or with open questions has not asked everything."""
        if self.threats is None:
            return False, "no system is described, so there is no threat model"
        numbers = (
            f"elements: {self.elements}, threats: {self.threats}, open questions: {self.questions}"
        )
        missing = f", no element is the model {', '.join(self.undrawn)}" if self.undrawn else ""
        whole = self.elements and self.threats and not self.undrawn and not self.questions
        return bool(whole), f"threat model ({numbers}{missing})"


def audit_word(one: AuditState) -> str:
    """How an audit stands."""
    return one.word
