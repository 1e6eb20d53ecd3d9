"""Looks whether everything that the ledger says still holds, one thing after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bartizan.core.errors import Error, LedgerError, TrustError
from bartizan.core.evidence import Evidence
from bartizan.core.fact import Erased, Fact, Found, Registered
from bartizan.core.record import Record
from bartizan.ledger.policy import Policy, parse_policy
from bartizan.ledger.statement import statement
from bartizan.ledger.trust import Trusted
from bartizan.ledger.verifier_key import VerifierKey
from bartizan.store import Store
from bartizan.workspace.ledger import Ledger


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


DataLook = Callable[[Registered, tuple[Erased, ...]], Iterator[Looked]]
"""Compares the latest version of a data set with the data itself."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whom to believe, and how old the news may be."""

    key: VerifierKey | None = None
    """Of the log, known from elsewhere; none = the one beside the log."""
    policy: Policy | None = None
    """Which witnesses must have signed; none = nobody is asked."""
    max_age_s: float | None = None
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
        data: Compares registered data with the data itself.

    Raises:
        InputError: there is no log.
    """
    ledger.require_begun()
    looked: list[Looked] = []
    try:
        trusted, first = _log(ledger, trust=trust)
    except LedgerError as error:
        one = Looked(what="log", held=False, told=str(error))
        return LedgerReport(held=False, looked=(one,), guarantees=())
    looked.append(first)
    facts = [fact for _, fact in ledger.facts()]
    looked += _evidence(facts, store=store)
    for latest in _latest(facts):
        erased = tuple(
            fact for fact in facts if isinstance(fact, Erased) and fact.data == latest.data
        )
        looked += _told(data, latest, erased)
    return LedgerReport(
        held=all(one.held for one in looked),
        looked=tuple(looked),
        guarantees=statement(trusted, now=trust.now),
    )


def _log(ledger: Ledger, *, trust: Trust) -> tuple[Trusted, Looked]:
    """Every hash and every signature of the log itself."""
    key = trust.key or ledger.verifier_key()
    found = ledger.checked(key)
    policy = trust.policy or parse_policy(f"log {key.text()}\nquorum none\n".encode())
    trusted = policy.trusted(found.checkpoint, now=trust.now, max_age_s=trust.max_age_s)
    told = f"{found.head.size:,} entries, every hash leads to the signed root"
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
        except TrustError as error:
            altered = altered or str(error)
    told = f"{len(names):,} findings, and the evidence behind them is what was recorded"
    if altered:
        told = altered
    elif missing:
        told = f"of {len(names):,} findings, the evidence behind {missing:,} is not here any more"
    yield Looked(what="evidence", held=not (missing or altered), told=told)


def _latest(facts: list[Fact]) -> list[Registered]:
    """The latest version of each data set, in the order in which they were first registered."""
    found: dict[str, Registered] = {}
    for fact in facts:
        if isinstance(fact, Registered):
            found[fact.data] = fact
    return list(found.values())


def _told(data: DataLook, latest: Registered, erased: tuple[Erased, ...]) -> Iterator[Looked]:
    """What the comparison saw; data that cannot be read does not hold."""
    what = f"data {latest.data}, version {latest.version}"
    try:
        yield from data(latest, erased)
    except Error as error:
        yield Looked(what=what, held=False, told=str(error))
