"""The result of an admission, and what the ledger says of it."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from bartizan.core import fact
from bartizan.core.artifact import Artifact, Verified
from bartizan.core.errors import TrustError
from bartizan.core.evidence import Place
from bartizan.core.fact import Found
from bartizan.core.record import digest
from bartizan.data.register.statement import user_name
from bartizan.supply.admission.admission import Admission
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.scanned import Scanned


@dataclass(frozen=True)
class Admitted(Scanned):
    """A report on one artefact, and the artefact itself if it may be served."""

    run: Admission
    place: Place | None
    """Where the ledger says that it is admitted; none = it is not."""

    def verified(self) -> Verified[Artifact]:
        """The artefact in the form that may be loaded.

        Raises:
            TrustError: it is not admitted.
        """
        return self.run.verified()


def known_findings(ledger: Ledger) -> list[Found]:
    """Every finding that the ledger holds, once all of the log was hashed anew.

    Raises:
        LedgerError: it was altered.
        InputError: nothing was ever written to it.
    """
    ledger.checked()
    return [one for _, one in ledger.facts() if isinstance(one, Found)]


def enter(run: Admission, *, ledger: Ledger, report: str, by: str, now: datetime) -> Place | None:
    """Write into the ledger that an artefact is admitted.

    Args:
        run: What was found.
        ledger: Of the workspace.
        report: Digest of the report.
        by: Who admits it; the user of this machine if empty.
        now: With a time zone.

    Returns:
        Where it stands; none = it is not admitted.
    """
    try:
        found = run.verified()
    except TrustError:
        return None
    admitted = fact.Admitted(
        artifact=found.artifact.name,
        root=found.artifact.root,
        version=found.voucher.version,
        signer=found.voucher.signer,
        bundle=found.voucher.bundle,
        terms=digest(msgspec.json.encode(run.terms)),
        report=report,
        by=by or user_name(),
        when=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return ledger.record([admitted])[0]
