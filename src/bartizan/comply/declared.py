"""What a person writes under `[comply]`: policies, audits, and clauses that do not apply."""

from typing import Annotated

from msgspec import Meta

from bartizan.core.compliance import AuditKind, PolicyKind
from bartizan.core.record import UserInput
from bartizan.core.system import Id, Words

WholeDays = Annotated[int, Meta(ge=1, le=3650)]
"""Up to ten years: nothing that is looked at less often is looked at on a schedule."""


class DeclaredPolicy(UserInput, frozen=True, kw_only=True):
    """A text that the organisation lives by: `[[comply.policy]]`."""

    id: Id
    kind: PolicyKind
    title: Words
    path: Words
    """The file, relative to the project file."""
    owner: Words
    review_days: WholeDays = 365
    """After which somebody has to sign it off anew: a year, as auditors usually ask."""


class DeclaredAudit(UserInput, frozen=True, kw_only=True):
    """Something that is looked at on a schedule: `[[comply.audit]]`."""

    id: Id
    kind: AuditKind = "other"
    what: Words
    every_days: WholeDays
    owner: Words


class DeclaredExclusion(UserInput, frozen=True, kw_only=True):
    """A clause, or a whole framework, that does not apply here: `[[comply.exclude]]`."""

    framework: Id
    clause: str = ""
    """Empty = the whole framework. Clauses under it are left out with it."""
    why: Words
    who: Words
    """Who says so."""


class DueDays(UserInput, frozen=True, kw_only=True):
    """Days in which a finding is to be dealt with, by its severity: `[comply.days]`.

    A week, a month, a quarter, half a year: the ladder that most contracts know. For the worst it
    is shorter than the 15 days that the directive BOD 19-02 of CISA gives American agencies.
    """

    critical: WholeDays = 7
    high: WholeDays = 30
    medium: WholeDays = 90
    low: WholeDays = 180

    def of(self, severity: str) -> int | None:
        """Days for one severity; none = it has none, as a finding without a verdict."""
        found: int | None = getattr(self, severity, None)
        return found
