"""What the ledger says of the models and data of today, and which controls that shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from bartizan.core.attacker import Access, more
from bartizan.core.control import Control
from bartizan.core.fact import Found
from bartizan.core.finding import Outcome
from bartizan.core.record import Record
from bartizan.core.system import ControlClaim, ControlStatus


class Proof(Record, frozen=True, kw_only=True):
    """A finding that says something of a threat or a control."""

    finding: str
    """Its id."""
    outcome: Outcome
    evidence: str
    """Digest of the evidence."""
    when: str
    """UTC, RFC 3339."""


class Item(NamedTuple):
    """A model or a data set of the project file; one name may stand for one of each."""

    kind: Literal["model", "data"]
    name: str


class Looked(Record, frozen=True, kw_only=True):
    """Somebody looked whether a control stands, and signed for it."""

    audit: str
    """Id under `[[comply.audit]]`."""
    by: str
    """Who, and in which role."""
    when: str
    """UTC, RFC 3339."""
    due: str
    """Last day on which it counts, ISO date."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the ledger says of the models and data of today, as far as it is young enough."""

    found: Mapping[Item, tuple[Found, ...]] = field(default_factory=dict)
    """The newest word on each finding about it as it is now. What
    was found about an earlier version says nothing of this one."""
    facts: frozenset[tuple[str, Item]] = frozenset()
    """Kinds of other facts with what they are about: only data is registered, only models are
    signed and admitted."""
    audits: Mapping[str, Looked] = field(default_factory=dict)
    """By id, those that were done in time."""

    def facing(self, access: Access | None, *, patterns: Iterable[str]) -> "Known":
        """The same without the tests that were easier than an attack.

        Args:
            access: What the attacker in question sees; none = that plays no part.
            patterns: Entries that try the attack, as for `about`.
        """
        wanted = tuple(patterns)

        def stays(one: Found) -> bool:
            about = tests(one.finding.partition("@")[0], wanted)
            return not about or counts(one.outcome, seen=one.access, access=access)

        found = {name: tuple(filter(stays, facts)) for name, facts in self.found.items()}
        return replace(self, found=found)

    def about(self, patterns: Iterable[str], items: Iterable[Item]) -> tuple[Proof, ...]:
        """Findings of some entries about some subjects, in the order of their ids.

        Args:
            patterns: Ids of entries, or families such as `evasion.*`.
            items: Models and data sets.
        """
        wanted = tuple(patterns)
        hits = {
            one.finding: one
            for item in items
            for one in self.found.get(item, ())
            if one.weighs
            if tests(one.finding.partition("@")[0], wanted)
        }
        return tuple(
            Proof(finding=one.finding, outcome=one.outcome, evidence=one.evidence, when=one.when)
            for _, one in sorted(hits.items())
        )

    def shown(self, control: Control, items: Sequence[Item]) -> tuple[bool, tuple[Proof, ...]]:
        """Whether a control is shown to work, and by what.

        Args:
            control: Of the catalogue.
            items: The models and data sets that it protects.

        Returns:
            True only if there is a finding for each of its entries, and all of them passed. A
            control that no command can show is never shown.
        """
        proofs = self.about(control.verified_by, items)
        each = all(self.about((one,), items) for one in control.verified_by)
        facts = all(self._written(kind, items) for kind in control.facts)
        passed = all(one.outcome == "pass" for one in proofs)
        return control.seen_by_programs and each and facts and passed, proofs

    def shown_of_each(
        self, control: Control, items: Sequence[Item]
    ) -> tuple[bool, tuple[Proof, ...]]:
        """The same, of each model alone, with what was found of the data by itself.

        What is shown of one model says nothing of another, and where there are only data sets, what
        is shown of one says nothing of the next.

        Args:
            control: Of the catalogue.
            items: The models and data sets that it protects.
        """
        shown, proofs = self.shown(control, items)
        models = [one for one in items if one.kind == "model"]
        data = [one for one in items if one.kind == "data"]
        tied = {one.finding for item in models for one in self.found.get(item, ())}
        alone = {
            item: tuple(one for one in self.found.get(item, ()) if one.finding not in tied)
            for item in data
        }
        each = all(
            replace(self, found={**alone, item: self.found.get(item, ())}).shown(
                control, [item, *data] if models else [item]
            )[0]
            for item in models or data
        )
        return shown and each, proofs

    def looked(self, control: Control, claims: Sequence[ControlClaim]) -> Looked | None:
        """Who looked whether a control stands that no program can see.

        Args:
            control: Of the catalogue.
            claims: What the owner says of it, in each place that matters; each needs an audit.

        Returns:
            The one that is to be done again first; none = it is not shown so.
        """
        said = [self.audits.get(one.audit) for one in claims if one.status == "implemented"]
        done = [one for one in said if one is not None]
        if control.seen_by_programs or len(done) < len(claims):
            return None
        return min(done, key=lambda one: one.due, default=None)

    def _written(self, kind: str, items: Sequence[Item]) -> bool:
        """Whether the ledger holds a fact of this kind about each item that can have one."""
        able = [one for one in items if (one.kind == "data") == (kind == "registered")]
        return bool(able) and all((kind, one) in self.facts for one in able)


def counts(outcome: Outcome, *, seen: Access | None, access: Access | None) -> bool:
    """Whether a test says something of an attack.

    That somebody failed who saw decisions alone says nothing of one who sees scores; that they got
    through says enough.

    Args:
        outcome: Of the test.
        seen: What was seen of the model in it; none = that plays no part.
        access: What is seen of it in the attack.

    Example:
        >>> [counts(one, seen="labels", access="scores") for one in ("pass", "fail")]
        [False, True]
    """
    return outcome != "pass" or seen is None or access is None or not more(access, seen)


def settled(shown: bool, said: ControlStatus, *, failed: bool) -> ControlStatus:  # noqa: FBT001
    """The status of a control: evidence goes before words.

    Args:
        shown: Whether evidence shows it.
        said: What the owner says.
        failed: Whether a finding speaks against it: then it is planned at most.

    Example:
        >>> settled(False, "implemented", failed=True), settled(True, "absent", failed=False)
        ('planned', 'verified')
    """
    if shown:
        return "verified"
    return "planned" if failed and said == "implemented" else said


def tests(entry: str, patterns: Iterable[str]) -> bool:
    """Whether an entry is one of these, each an id or a family such as `evasion.*`.

    Example:
        >>> tests("evasion.pgd", ("poison.labels", "evasion.*")), tests("evasion.pgd", ())
        (True, False)
    """
    return any(fnmatchcase(entry, pattern) for pattern in patterns)
