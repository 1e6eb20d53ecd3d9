"""The table `[comply]`: which evidence counts, for which clauses, and who answers for what."""

from bartizan.comply.crosswalk import Row
from bartizan.comply.declared import (
    DeclaredAudit,
    DeclaredExclusion,
    DeclaredPolicy,
    DueDays,
    WholeDays,
)
from bartizan.config.records import Text
from bartizan.core.record import UserInput
from bartizan.core.system import Id


class ComplySpec(UserInput, frozen=True, kw_only=True):
    """Which evidence counts, for which clauses, and who answers for what."""

    evidence_age_days: WholeDays = 90
    """A finding older than this counts no more: a quarter, the usual rhythm of reviews."""
    frameworks: tuple[Id, ...] = ()
    """Which ones to report on, in this order; none = all that are shipped and apply."""
    clause_files: tuple[Text, ...] = ()
    """Clauses of your own, in the format `framework/1`, relative to the project file."""
    days: DueDays = DueDays()
    """In which a finding is to be dealt with."""
    exclude: tuple[DeclaredExclusion, ...] = ()
    policy: tuple[DeclaredPolicy, ...] = ()
    audit: tuple[DeclaredAudit, ...] = ()
    link: tuple[Row, ...] = ()
    """Which control answers which clause of your own files, beside what is shipped."""
