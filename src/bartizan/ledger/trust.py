"""Trust: from bytes that somebody sent to a checkpoint that a policy accepts.

A signature of the log shows who made the checkpoint. Only witnesses can show that everybody is
shown the same one, and only their clocks can show that it is not an old one; so a check that
cannot be made is an error here and never a pass.

Source: C2SP tlog-policy, tlog-checkpoint, tlog-cosignature. Freshness and clocks are this
program's own rules: the specifications leave them to the verifier.
"""

from dataclasses import dataclass

from bartizan.core.errors import LedgerError
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.cosignature import timestamp_of, verifier_of
from bartizan.ledger.note import Note, open_note
from bartizan.ledger.quorum import NONE, Quorum
from bartizan.ledger.verifier_key import VerifierKey

CLOCK_TOLERANCE_S = 300
"""How far two honest clocks may differ, in seconds: five minutes, as Kerberos allows (RFC 4120)."""

YEAR_10000 = 253_402_300_800
"""Seconds since 1970 that no calendar here can show; a larger clock is a broken one."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log that a policy accepts; its key's name is the origin of its checkpoints."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness that a policy knows; `name` is its name within the policy."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """One witness's verified cosignature.

    Attributes:
        name: Of its key.
        at: When it was made by the witness's clock, seconds since 1970; 0 if it does not say.
    """

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Trusted:
    """A checkpoint that a policy accepted, and what was verified for that.

    Attributes:
        checkpoint: What the log signed.
        witnesses: Whose cosignatures hold, the latest first.
        quorum: The rule that was met.
        seen_at: Witnesses that meet the quorum saw this as the log's newest checkpoint at this
            time or later, seconds since 1970. None where nobody said so. For `none`, the time of
            the latest cosignature.
    """

    checkpoint: Checkpoint
    witnesses: tuple[Witnessed, ...]
    quorum: Quorum
    seen_at: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to believe. `bartizan.ledger.policy.parse_policy` reads one from a file.

    Attributes:
        logs: Any one of them may have signed.
        witnesses: Those whose cosignatures count.
        quorum: Which of them are enough.
    """

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    quorum: Quorum

    def trusted(
        self,
        raw: bytes,
        *,
        now: float,
        max_age_s: float | None = None,
        tolerance_s: float = CLOCK_TOLERANCE_S,
    ) -> Trusted:
        """Accept a signed checkpoint, or raise.

        Args:
            raw: The signed note.
            now: Seconds since 1970 in UTC, by a clock the caller trusts.
            max_age_s: Refuse when the quorum last saw this checkpoint longer ago. None asks
                nothing, and an old checkpoint passes.
            tolerance_s: How far a cosignature may lie in the future.

        Raises:
            LedgerError: not a signed checkpoint, not signed by a log of this policy under its own
                origin, too few witnesses, too old, or from the future.

        Cost: one signature check for each log and witness that the policy knows and that signed.
        """
        _require_numbers(now, max_age_s, tolerance_s)
        if not self.logs:
            message = "the policy names no log, so no checkpoint can be trusted; add a log line"
            raise LedgerError(message)
        keys = [log.key for log in self.logs] + [witness.key for witness in self.witnesses]
        note = open_note(raw, verifiers=[verifier_of(key) for key in keys])
        checkpoint = parse_checkpoint(note.text)
        self._require_log(note, origin=checkpoint.origin)
        times = self._times(note)
        _require_past(times, now=now, tolerance_s=tolerance_s)
        self._require_quorum(times)
        seen_at = self.quorum.since(times)
        if max_age_s is not None:
            _require_fresh(seen_at, now=now, max_age_s=max_age_s, quorum=self.quorum.name)
        return Trusted(checkpoint, self._witnessed(times), self.quorum, seen_at)

    def _require_log(self, note: Note, *, origin: str) -> None:
        signed = {(line.name, line.key_id) for line in note.signatures}
        names = {log.key.name for log in self.logs if (log.key.name, log.key.key_id) in signed}
        if origin not in names:
            message = (
                f"this is a checkpoint of {origin!r}, and no key that the policy has for a log of "
                f"that name has signed it; the policy's logs: "
                f"{', '.join(sorted({repr(log.key.name) for log in self.logs}))}"
            )
            raise LedgerError(message)

    def _times(self, note: Note) -> dict[str, int]:
        """When each witness signed, by its name within the policy."""
        values = {(line.name, line.key_id): line.value for line in note.signatures}
        return {
            known.name: timestamp_of(values[known.key.name, known.key.key_id])
            for known in self.witnesses
            if (known.key.name, known.key.key_id) in values
        }

    def _require_quorum(self, times: dict[str, int]) -> None:
        if not self.quorum.met(times):
            absent = sorted({known.key.name for known in self.witnesses if known.name not in times})
            message = (
                f"the witnesses that cosigned do not meet the quorum {self.quorum.name!r}: "
                f"{len(times)} of {len(self.witnesses)} did, missing are {', '.join(absent[:10])}; "
                "without them the log's operator could show others another history"
            )
            raise LedgerError(message)

    def _witnessed(self, times: dict[str, int]) -> tuple[Witnessed, ...]:
        found = [Witnessed(w.key.name, times[w.name]) for w in self.witnesses if w.name in times]
        return tuple(sorted(found, key=lambda one: (-one.at, one.name)))


def _require_numbers(now: float, max_age_s: float | None, tolerance_s: float) -> None:
    """NaN compares as false with everything, and would let everything pass."""
    for value in (now, max_age_s or 0.0, tolerance_s):
        if not 0 <= value < YEAR_10000:
            message = f"expected times in seconds, from 1970 to the year 9999; got {value}"
            raise LedgerError(message)


def _require_past(times: dict[str, int], *, now: float, tolerance_s: float) -> None:
    latest = max(times.values(), default=0)
    if latest > now + tolerance_s:
        message = (
            f"a cosignature was made {latest - now:.0f} seconds in the future, more than the "
            f"{tolerance_s:.0f} that clocks may differ: this machine's clock was set back, or the "
            "witness's is ahead; correct the clock and try again"
        )
        raise LedgerError(message)


def _require_fresh(seen_at: int | None, *, now: float, max_age_s: float, quorum: str) -> None:
    if seen_at is None:
        why = (
            "the policy's quorum is none and no witness cosigned with a time"
            if quorum == NONE
            else f"the cosignatures that meet the quorum {quorum!r} name no time"
        )
        message = (
            f"freshness was asked for, but cannot be shown: {why}. Name witnesses in the policy, "
            "or do not ask for freshness"
        )
        raise LedgerError(message)
    if now - seen_at > max_age_s:
        message = (
            f"the checkpoint is stale: its quorum last saw it {now - seen_at:.0f} seconds ago, and "
            f"at most {max_age_s:.0f} are allowed. There may be a newer one that is being withheld"
        )
        raise LedgerError(message)
