"""The result of an admission, and what the ledger says of it."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from bartizan.core import fact
from bartizan.core.artifact import Artifact, Verified, approve
from bartizan.core.errors import TrustError
from bartizan.core.evidence import Place
from bartizan.core.fact import Found
from bartizan.core.occasion import user_name
from bartizan.core.record import digest
from bartizan.core.report import Report
from bartizan.supply.admission.admission import Admission
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.scanned import Scanned


@dataclass(frozen=True)
class Admitted(Scanned):
    """A report on one artefact, and the artefact itself if it may be served."""

    artifact: Verified[Artifact] | None
    """None = it may not."""
    refusal: str
    """Why not; empty = it may."""

    @property
    def place(self) -> Place | None:
        """Where the ledger says that it is admitted; none = it is not."""
        return None if self.artifact is None else self.artifact.place

    def verified(self) -> Verified[Artifact]:
        """The artefact in the form that may be served.

        Raises:
            TrustError: it is not admitted.
        """
        if self.artifact is None:
            raise TrustError(self.refusal)
        return self.artifact


def known_findings(ledger: Ledger) -> list[Found]:
    """Every finding that the ledger holds, once all of the log was hashed anew.

    Raises:
        LedgerError: it was altered.
        InputError: nothing was ever written to it.
    """
    ledger.checked()
    return [one for _, one in ledger.facts() if isinstance(one, Found)]


def entered(
    run: Admission,
    *,
    report: Report,
    kept: str,
    ledger: Ledger | None,
    by: str,
    now: datetime,
) -> Admitted:
    """Admit an artefact against which nothing was found, by writing so into the ledger.

    Args:
        run: What was found.
        report: Of the run.
        kept: Digest of the report, as it is kept.
        ledger: Of the workspace; without one, nothing is admitted.
        by: Who admits it; the user of this machine if empty.
        now: With a time zone.

    Raises:
        LedgerError: the log was altered.
        OutputError: it cannot be written.
    """
    try:
        found = run.passed()
    except TrustError as error:
        return Admitted(report=report, artifact=None, refusal=str(error))
    if ledger is None:
        message = "not admitted: this workspace keeps nothing, so that nobody would know"
        return Admitted(report=report, artifact=None, refusal=message)
    said = fact.Admitted(
        artifact=found.artifact.name,
        root=found.artifact.root,
        version=found.voucher.version,
        signer=found.voucher.signer,
        bundle=found.voucher.bundle,
        terms=digest(msgspec.json.encode(run.terms)),
        report=kept,
        by=by or user_name(),
        when=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    place = ledger.record([said])[0]
    return Admitted(report=report, artifact=approve(found, place=place), refusal="")
