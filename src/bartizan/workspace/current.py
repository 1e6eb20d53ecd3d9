"""What the ledger says of the models and data as they lie there now, as far as it is young enough.

Evidence is about bytes: what was found of another version of a model or of a data set says nothing
of this one. It grows old, too: attacks get better, and the world moves.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from bartizan.comply.governance import audit_states
from bartizan.config import Config
from bartizan.core.errors import InputError, TrustError
from bartizan.core.evidence import Subject
from bartizan.core.fact import Admitted, Audited, Fact, Found, Registered, Signed
from bartizan.core.known import Item, Known, Looked
from bartizan.supply.bom.papers import file_sha256
from bartizan.workspace.bom_facts import model_fact
from bartizan.workspace.ledger import Ledger

_SKEW = timedelta(minutes=5)
"""How far clocks of one workspace may differ: what was found later than that is not believed."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A project, where it lies, and when it is looked at."""

    config: Config
    folder: Path
    """What its paths are relative to."""
    ledger: Ledger | None
    """None = there is none, and nothing is known."""
    now: datetime
    """With a time zone."""

    @property
    def newest(self) -> datetime:
        """What is said to be of later than this is not believed."""
        return self.now + _SKEW


@dataclass(frozen=True, kw_only=True)
class Today:
    """A project after one look at its files and its ledger."""

    place: Place
    subjects: tuple[Subject, ...]
    """Models and data sets as they lie there."""
    said: tuple[Fact, ...]
    """All that the ledger says, the oldest first."""
    known: Known


def looked_at(place: Place) -> Today:
    """What lies there, and what the ledger says of just that.

    Raises:
        LedgerError: the log was altered.

    Cost: SHA-256 of all models and data, and the whole log.
    """
    subjects = subjects_today(place.config, folder=place.folder)
    said = tuple(_believed(place))
    return Today(
        place=place, subjects=subjects, said=said, known=_known(place, said, subjects=subjects)
    )


def _believed(place: Place) -> Iterator[Fact]:
    """Facts of a log that was not altered, but for those of the future."""
    if place.ledger is None or not place.ledger.begun:
        return
    place.ledger.checked()
    for _, fact in place.ledger.facts():
        if datetime.fromisoformat(fact.when) <= place.newest:
            yield fact


def _hides(fact: Found, before: Found | None) -> bool:
    """Whether a run without a verdict would take the place of a failure."""
    return before is not None and before.outcome == "fail" and fact.outcome not in ("pass", "fail")


def _known(place: Place, said: Iterable[Fact], *, subjects: Sequence[Subject]) -> Known:
    """What counts: passes for as long as the project says, failures until something passes."""
    config, now = place.config, place.now
    items: dict[str, list[Item]] = defaultdict(list)
    for one in subjects:
        items[one.digest] += items_of([one])
    whole = all_data_read(config, subjects)
    oldest = now - timedelta(days=config.comply.evidence_age_days)
    last: dict[Item, dict[str, Found]] = defaultdict(dict)
    facts: set[tuple[str, Item]] = set()
    done: list[Audited] = []
    for fact in said:
        if isinstance(fact, Found):
            lasts = fact.outcome == "fail" or oldest <= datetime.fromisoformat(fact.when)
            for item in _about(fact, items, whole=whole) if lasts else ():
                if not _hides(fact, last[item].get(fact.finding)):
                    last[item][fact.finding] = _counting(fact, now=now)
        elif isinstance(fact, Audited):
            done.append(fact)
        elif isinstance(fact, Registered):
            facts |= {("registered", item) for item in _named((fact.file,), items)}
        elif isinstance(fact, Signed | Admitted):
            kind = "signed" if isinstance(fact, Signed) else "admitted"
            facts |= {(kind, item) for item in _named((fact.root,), items)}
    return Known(
        found={item: tuple(found.values()) for item, found in last.items()},
        facts=frozenset(facts),
        audits=_in_time(config, done=done, day=now.date()),
    )


def _in_time(config: Config, *, done: Sequence[Audited], day: date) -> dict[str, Looked]:
    """Audits that are not overdue."""
    return {
        one.id: Looked(audit=one.id, by=one.by, when=one.last, due=one.due)
        for one in audit_states(config.comply.audit, facts=done, day=day)
        if not one.overdue
    }


def _counting(fact: Found, *, now: datetime) -> Found:
    """A finding that somebody accepted for a time counts again when the time is over."""
    over = fact.waived_until and fact.waived_until < now.date().isoformat()
    return replace(fact, decides=True) if over else fact


def subjects_today(config: Config, *, folder: Path) -> tuple[Subject, ...]:
    """Models and data sets as they lie there; what cannot be read is left out."""
    found: list[Subject] = []
    for model in config.model:
        if ":" in model.path:
            continue  # an address, or code that makes it: there are no bytes to go by
        with suppress(InputError, TrustError, OSError):
            root = model_fact(folder / model.path, spec=model).root
            found.append(
                Subject(kind="model", name=model.name, digest=root, digest_kind="oms-root")
            )
    for data in config.data:
        with suppress(InputError, OSError):
            sha256 = f"sha256:{file_sha256(folder / data.path)}"
            found.append(Subject(kind="data", name=data.name, digest=sha256, digest_kind="sha256"))
    return tuple(found)


def items_of(subjects: Iterable[Subject]) -> tuple[Item, ...]:
    """The models and data sets among subjects; each once."""
    found = (Item(one.kind, one.name) for one in subjects if one.kind != "artifact")
    return tuple(dict.fromkeys(found))


def all_data_read(config: Config, subjects: Iterable[Subject]) -> bool:
    """Whether data is named, and all of it has bytes to go by: folders of pictures have none."""
    read = items_of(subjects)
    return bool(config.data) and all(Item("data", one.name) in read for one in config.data)


def _about(fact: Found, items: Mapping[str, list[Item]], *, whole: bool) -> set[Item]:
    """What a finding says something of.

    What it is about stands first among its subjects: a model that was changed takes its findings
    along, though the data that they were made with is still the same. A pass on rows that the
    project does not name says nothing: anybody finds rows that are easy. A failure does.

    Args:
        fact: The finding.
        items: By digest.
        whole: Whether all data of today can be told by its digest.
    """
    strange = any(one not in items for one in fact.subjects)
    if whole and strange and fact.outcome == "pass" and not fact.of_files:
        return set()
    return _named(fact.subjects, items) if any(one in items for one in fact.about) else set()


def _named(digests: tuple[str, ...], items: Mapping[str, list[Item]]) -> set[Item]:
    return {item for digest in digests for item in items.get(digest, ())}
