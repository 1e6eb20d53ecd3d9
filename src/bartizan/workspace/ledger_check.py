"""Looks whether everything that the ledger says still holds, one thing after the other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bartizan.core.errors import Error, LedgerError
from bartizan.core.evidence import Evidence
from bartizan.core.fact import Fact, Found
from bartizan.core.record import Record
from bartizan.ledger.anchor import Anchor, Anchored, kinds_of, verify_anchors
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.policy import Policy, parse_policy
from bartizan.ledger.reader import Tiles
from bartizan.ledger.statement import statement
from bartizan.ledger.trust import Trusted
from bartizan.ledger.verifier_key import VerifierKey
from bartizan.store import Store
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.ledgered import History, histories


class Looked(Record, frozen=True, kw_only=True):
    """One thing that was looked at."""

    what: str
    held: bool
    told: str
    """One sentence: what was seen."""
    rows: tuple[int, ...] = ()
    """Ids of rows that are not what they were."""


class LedgerReport(Record, frozen=True, kw_only=True, tag_field="schema", tag="ledgerreport/1"):
    """What a check of the ledger saw."""

    held: bool
    looked: tuple[Looked, ...]
    guarantees: tuple[str, ...]
    """What follows from it, and what does not."""


DataLook = Callable[[Mapping[str, History]], Iterator[Looked]]
"""Compares the register and the data with what the ledger says of each data set."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whom to believe, and how old the news may be."""

    key: VerifierKey | None = None
    """Of the log, known from elsewhere; none = the one beside the log."""
    policy: Policy | None = None
    """Which witnesses must have signed; none = nobody is asked."""
    max_age_s: float | None = None
    anchors: Mapping[str, Anchor] = field(default_factory=dict)
    """By kind, what can check the proofs beside the log."""
    now: float
    """Seconds since 1970."""


def checked_ledger(ledger: Ledger, *, store: Store, trust: Trust, data: DataLook) -> LedgerReport:
    """Look at the log, at the evidence behind its findings and at the registered data.

    What fails does not hide what comes after it, except that nothing in a log that is itself
    altered can be believed.

    Args:
        ledger: The log.
        store: Where its evidence is kept.
        trust: Whom to believe.
        data: Compares the register and the data with what the ledger says.

    Raises:
        InputError: there is no log.
    """
    if not ledger.begun:
        lost = tuple(one for one in data({}) if not one.held)
        if lost:
            return LedgerReport(held=False, looked=lost, guarantees=())
    ledger.require_begun()
    looked: list[Looked] = []
    try:
        trusted, first = _log(ledger, trust=trust)
    except LedgerError as error:
        one = Looked(what="log", held=False, told=str(error))
        return LedgerReport(held=False, looked=(one,), guarantees=())
    looked.append(first)
    looked += _key(ledger, trust=trust)
    anchors, more = _anchors(ledger, checkpoint=trusted.checkpoint, anchors=trust.anchors)
    looked += more
    facts = list(ledger.facts(_log_key(ledger, trust=trust)))
    looked += _evidence([fact for _, fact in facts], store=store)
    looked += data(histories(facts))
    return LedgerReport(
        held=all(one.held for one in looked),
        looked=tuple(looked),
        guarantees=(*statement(trusted, now=trust.now, anchors=anchors), *_believed(trust)),
    )


def _key(ledger: Ledger, *, trust: Trust) -> Iterator[Looked]:
    """Whether the key beside the log is the one that is known from elsewhere."""
    if trust.key is None:
        return
    try:
        beside = ledger.verifier_key()
    except LedgerError as error:
        yield Looked(what="key", held=False, told=str(error))
        return
    if beside != trust.key:
        told = (
            f"the key beside the log is {beside.text()}, and not the one that was given: it was "
            "exchanged; restore ledger.pub"
        )
        yield Looked(what="key", held=False, told=told)


def _believed(trust: Trust) -> tuple[str, ...]:
    """That whoever can exchange everything has exchanged the key as well."""
    if trust.key is not None or trust.policy is not None:
        return ()
    told = (
        "The key that was believed is the one that lies beside the log: whoever can write this "
        "folder can put another log with another key there. Keep the key elsewhere and give it "
        "with --key or --policy."
    )
    return (told,)


def _anchors(
    ledger: Ledger, *, checkpoint: Checkpoint, anchors: Mapping[str, Anchor]
) -> tuple[tuple[Anchored, ...], list[Looked]]:
    """The proofs of others that lie beside the log; those that nobody can check here are told."""
    there = kinds_of(ledger.folder)
    found: tuple[Anchored, ...] = ()
    looked: list[Looked] = []
    if any(kind in anchors for kind in there):
        try:
            found = verify_anchors(
                ledger.folder,
                origin=checkpoint.origin,
                anchors=anchors,
                root_at=Tiles(ledger.folder, size=checkpoint.size).root,
                others=True,
            )
            told = f"{len(found):,} proofs, and the log begins with what each is about"
            looked.append(Looked(what="anchors", held=True, told=told))
        except Error as error:
            looked.append(Looked(what="anchors", held=False, told=str(error)))
    unseen = sum(there[kind] for kind in there if kind not in anchors)
    if unseen:
        told = (
            f"{unseen:,} proofs lie beside the log and were not checked: give --roots for time "
            "stamps, and use `bartizan ledger anchor --check` for chains"
        )
        looked.append(Looked(what="anchors", held=True, told=told))
    return found, looked


def _log(ledger: Ledger, *, trust: Trust) -> tuple[Trusted, Looked]:
    """Every hash and every signature of the log itself."""
    key = _log_key(ledger, trust=trust)
    known = ledger.seen()
    found = ledger.checked(key)
    policy = trust.policy or parse_policy(f"log {key.text()}\nquorum none\n".encode())
    trusted = policy.trusted(found.checkpoint, now=trust.now, max_age_s=trust.max_age_s)
    told = f"{found.head.size:,} entries, every hash leads to the signed root"
    if known is None:
        told += (
            "; ledger.seen, where this workspace remembers the log, is not there: an older state "
            "of the log would look the same"
        )
    if found.ahead:
        told += (
            f"; {found.ahead} files lie beyond it, as after a crash, or after an older checkpoint "
            "was put back"
        )
    if found.strange:
        told += f"; {len(found.strange)} files there are no part of it"
    return trusted, Looked(what=f"log {trusted.checkpoint.origin}", held=True, told=told)


def _evidence(facts: list[Fact], *, store: Store) -> Iterator[Looked]:
    """Whether the evidence behind every finding in the log is here, as it was."""
    names = [fact.evidence for fact in facts if isinstance(fact, Found) and fact.evidence]
    if not names:
        return
    missing, altered = 0, ""
    for name in dict.fromkeys(names):
        try:
            missing += store.get(name, kind=Evidence) is None
        except Error as error:
            altered = altered or str(error)
    told = f"{len(names):,} findings, and the evidence behind them is what was recorded"
    if altered:
        told = altered
    elif missing:
        told = f"of {len(names):,} findings, the evidence behind {missing:,} is not here any more"
    yield Looked(what="evidence", held=not (missing or altered), told=told)


def _log_key(ledger: Ledger, *, trust: Trust) -> VerifierKey:
    """The key to check the log with: known from elsewhere, or the one beside the log."""
    return trust.key or ledger.verifier_key()
