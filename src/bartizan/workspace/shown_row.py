"""One file that shows one row to somebody who has nothing but the log's key.

It is a proof of C2SP's tlog-proof, as other programs read it; its `extra` data holds the entry of
the log and the row. Nothing else of the data is in it.
"""

from dataclasses import dataclass

import msgspec

from bartizan.adapt.rows.canonical_cells import Value
from bartizan.core.errors import LedgerError
from bartizan.core.fact import Registered
from bartizan.core.record import encode
from bartizan.data.register.row_proof import RowProof, verify_row
from bartizan.ledger.policy import Policy
from bartizan.ledger.proof import parse_proof, verify_proof
from bartizan.ledger.trust import Trusted
from bartizan.workspace.ledger import Ledger, fact_of


class _Extra(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entry: bytes
    """Of the log."""
    row: RowProof | None = None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a proof file shows."""

    trusted: Trusted
    entry: bytes
    """The entry of the log."""
    fact: Registered | None = None
    """The registration that the row belongs to."""
    row: int | None = None
    values: dict[str, Value] | None = None
    """The row, by column."""


def row_evidence(proof: RowProof | None, *, fact: bytes, index: int, ledger: Ledger) -> bytes:
    """Write a proof file.

    Args:
        proof: Of the row; none = only the entry is shown.
        fact: The entry of the log, as it stands there.
        index: Its position.
        ledger: The log.
    """
    return ledger.prove(index, extra=encode(_Extra(entry=fact, row=proof)))


def shown(raw: bytes, *, policy: Policy, now: float, max_age_s: float | None = None) -> Shown:
    """Check a proof file, and read what it shows. Needs nothing else and no network.

    Args:
        raw: The file.
        policy: Whom to believe.
        now: Seconds since 1970.
        max_age_s: See `Policy.trusted`.

    Raises:
        LedgerError: it does not show anything.
    """
    extra = _extra(parse_proof(raw).extra)
    trusted = verify_proof(raw, entry=extra.entry, policy=policy, now=now, max_age_s=max_age_s)
    if extra.row is None:
        return Shown(trusted=trusted, entry=extra.entry)
    fact = fact_of(extra.entry, where="the entry in the proof")
    if not isinstance(fact, Registered):
        message = "the proof shows a row, and its entry of the log is no registration of data"
        raise LedgerError(message)
    return Shown(
        trusted=trusted,
        entry=extra.entry,
        fact=fact,
        row=extra.row.row,
        values=verify_row(extra.row, fact=fact),
    )


def _extra(raw: bytes) -> _Extra:
    try:
        return msgspec.json.decode(raw, type=_Extra)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"the proof does not hold what it is about ({error}); make it anew"
        raise LedgerError(message) from error
