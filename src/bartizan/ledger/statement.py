"""What a check has shown, in sentences, and what it has not.

The sentences are made from what was verified: a `Trusted` checkpoint of a policy, and anchors that
hold. Nothing is taken from a setting. A log without witness or anchor says so each time.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from bartizan.core.errors import LedgerError
from bartizan.ledger.canonical_base64 import encoded
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.quorum import NONE
from bartizan.ledger.trust import Trusted

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
"""Seconds in each, the largest first."""
_ALONE = "Detects accidental change and tampering by parties without the log key."
_BLIND = (
    "Does not detect that the operator, or whoever has the log key, rewrites history and signs it "
    "anew: no witness and no anchor was verified."
)
_DIVISIBLE = (
    "Two sets of witnesses that share none would each be enough for this policy, so others may be "
    "shown another history; ask for more than half of the witnesses to exclude that."
)
_WATCHED = "Detects rewriting by the operator after the last witnessed checkpoint"


class Anchored(Protocol):
    """An anchor's proof that was verified, against the log as it is now."""

    @property
    def kind(self) -> str:
        """Such as `rfc3161`."""
        ...

    @property
    def checkpoint(self) -> Checkpoint:
        """What was anchored."""
        ...

    @property
    def when(self) -> datetime:
        """UTC; the checkpoint existed then."""
        ...


def statement(trusted: Trusted, *, now: float, anchors: Iterable[Anchored] = ()) -> tuple[str, ...]:
    """The sentences to print after a check.

    Args:
        trusted: What the policy accepted.
        now: Seconds since 1970 in UTC, the same as for the check.
        anchors: Verified ones of this log, such as `verify_anchors` returns: their roots are those
            of today's log at their sizes.

    Returns:
        What was signed, what is guaranteed, and how fresh it is.

    Raises:
        LedgerError: an anchor is of another log, or contradicts the checkpoint.
    """
    kept = sorted(anchors, key=lambda one: one.checkpoint.size)
    for one in kept:
        _require_same_log(one, checkpoint=trusted.checkpoint)
    checkpoint = trusted.checkpoint
    signed = (
        f"The log {checkpoint.origin} has signed {_counted(checkpoint.size, 'entry', 'entries')} "
        f"with the root {encoded(checkpoint.root)}."
    )
    return (signed, *_guarantees(trusted, anchors=kept), _freshness(trusted, now=now))


def _guarantees(trusted: Trusted, *, anchors: list[Anchored]) -> tuple[str, ...]:
    if not trusted.witnesses and not anchors:
        return _ALONE, _BLIND
    size = trusted.checkpoint.size if trusted.witnesses else anchors[-1].checkpoint.size
    covered = _counted(size, "entry", "entries")
    sentences = [f"{_WATCHED}, which covers the first {covered}."]
    if trusted.witnesses:
        names = ", ".join(one.name for one in trusted.witnesses)
        who = _counted(len(trusted.witnesses), "witness", "witnesses")
        rule = (
            "the policy asks for none"
            if trusted.quorum.name == NONE
            else f"the policy's quorum {trusted.quorum.name!r} is met"
        )
        sentences.append(f"{who} cosigned it ({names}); {rule}.")
        if trusted.quorum.divisible():
            sentences.append(_DIVISIBLE)
    sentences += [
        f"An anchor ({one.kind}) shows that the first "
        f"{_counted(one.checkpoint.size, 'entry', 'entries')} existed by {_date(one.when)}."
        for one in anchors
    ]
    if size < trusted.checkpoint.size:
        later = _counted(trusted.checkpoint.size - size, "entry is", "entries are")
        sentences.append(f"The last {later} covered by no witness and no anchor yet.")
    return tuple(sentences)


def _freshness(trusted: Trusted, *, now: float) -> str:
    if trusted.seen_at is None:
        return (
            "Says nothing about freshness: no witness's time was verified, so there may be a newer "
            "checkpoint."
        )
    when = datetime.fromtimestamp(trusted.seen_at, UTC)
    return (
        f"By the clocks of its witnesses it was the newest checkpoint at {_date(when)}, "
        f"{_age(now - trusted.seen_at)}."
    )


def _require_same_log(one: Anchored, *, checkpoint: Checkpoint) -> None:
    was = one.checkpoint
    if was.origin != checkpoint.origin:
        message = f"an anchor is about the log {was.origin!r}, not {checkpoint.origin!r}"
        raise LedgerError(message)
    if was.size > checkpoint.size:
        message = (
            f"{was.size} entries were anchored at {_date(one.when)}, and the log shows only "
            f"{checkpoint.size}: its end was cut off, or this is an old checkpoint"
        )
        raise LedgerError(message)
    if was.size == checkpoint.size and was.root != checkpoint.root:
        message = (
            f"the log's history was rewritten: {was.size} entries had another root when they were "
            f"anchored at {_date(one.when)}"
        )
        raise LedgerError(message)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _date(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _age(seconds: float) -> str:
    """In the largest unit that fills twice; the future is within the clocks' tolerance."""
    if seconds < 1:
        return "just now"
    size, unit = next((s, u) for s, u in _UNITS if seconds >= 2 * s or s == 1)
    return f"{_counted(int(seconds // size), unit, unit + 's')} ago"
