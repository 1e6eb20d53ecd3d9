"""From a description, rules and findings to the threats of a system."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bartizan.core.attacker import Access
from bartizan.core.control import Control
from bartizan.core.finding import Taxonomy
from bartizan.core.known import Item, Known, Proof, settled
from bartizan.core.nearest import near
from bartizan.core.system import ControlClaim, ControlStatus, Element, System
from bartizan.core.threat import Countermeasure, Orphan, Question, Ruling, Threat
from bartizan.core.threat import Standing as Stand
from bartizan.threat.asking import asked
from bartizan.threat.condition import Missing
from bartizan.threat.landscape import Landscape
from bartizan.threat.questions import question_text
from bartizan.threat.rule import Remedy, Rule
from bartizan.threat.scoring import inherent, residual
from bartizan.threat.subjects import subjects_of

_DECIDED: Mapping[str, Stand] = {
    "accept": "accepted",
    "transfer": "transferred",
    "false-positive": "dismissed",
}
"""Where a decision puts a threat while it holds. To decide that something will be done about it
does not make it smaller."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What threats are derived from, beside the system."""

    rules: Sequence[Rule]
    controls: Mapping[str, Control]
    maturity: Mapping[str, str]
    """Of techniques of MITRE ATLAS."""
    known: Known
    today: date


def threats_of(landscape: Landscape, *, basis: Basis) -> tuple[Threat, ...]:
    """All threats of a system, the first to deal with first.

    Ranked by residual, then inherent action priority; equals by id, so that the order of the
    description decides nothing.
    """
    found = [
        _threat(rule, element, landscape=landscape, basis=basis)
        for rule, element in applying(basis.rules, landscape=landscape)
    ]
    by_id = sorted(found, key=lambda one: one.id)
    return tuple(
        sorted(by_id, key=lambda one: (one.residual.rank, one.inherent.rank), reverse=True)
    )


def applying(rules: Iterable[Rule], *, landscape: Landscape) -> Iterator[tuple[Rule, Element]]:
    """Each rule with each element at which it is known to apply."""
    for rule in rules:
        for element in landscape.system.elements:
            fits = element.kind in rule.applies_to
            if fits and asked(rule.when, element, landscape=landscape).truth == "yes":
                yield rule, element


def questions_of(landscape: Landscape, *, rules: Iterable[Rule]) -> tuple[Question, ...]:
    """What the description leaves out and rules hang on, the most threats first."""
    hanging: dict[Missing, set[str]] = defaultdict(set)
    for rule in rules:
        for element in landscape.system.elements:
            if element.kind not in rule.applies_to:
                continue
            for one in _missing(rule, element, landscape=landscape):
                hanging[one].add(f"{rule.id}@{element.id}")
    order = sorted(hanging, key=lambda one: (-len(hanging[one]), one))
    return tuple(
        Question(
            owner=one.owner,
            attribute=one.attribute,
            text=question_text(one, landscape=landscape),
            threats=tuple(sorted(hanging[one])),
        )
        for one in order
    )


def _missing(rule: Rule, element: Element, *, landscape: Landscape) -> frozenset[Missing]:
    """What would settle whether a rule applies and, unless it does not, how bad it is here."""
    applies = asked(rule.when, element, landscape=landscape)
    if applies.truth == "no":
        return frozenset()
    worse = (asked(one.when, element, landscape=landscape).missing for one in rule.adjust)
    return applies.missing.union(*worse)


def orphans_of(system: System, *, threats: Iterable[Threat]) -> tuple[Orphan, ...]:
    """Decisions about threats that the system does not have, and claims about no control."""
    ids = {one.id for one in threats}
    used = {one.control for threat in threats for one in threat.countermeasures}
    used |= {name for one in system.requirements for name in one.controls}
    lost = [
        Orphan(what=f"decision on {one.threat}", why=_no_threat(one.threat, known=ids))
        for one in system.decisions
        if one.threat not in ids
    ]
    lost += [
        Orphan(
            what=f"control {one.id}{_places(one)}",
            why="neither a threat nor a requirement of this system asks for it",
        )
        for one in system.controls
        if one.id not in used
    ]
    return tuple(lost)


def _no_threat(name: str, *, known: Collection[str]) -> str:
    return f"the system has no such threat (any more){near(name, sorted(known))}"


def _places(claim: ControlClaim) -> str:
    return f" at {', '.join(claim.elements)}" if claim.elements else ""


def _threat(rule: Rule, element: Element, *, landscape: Landscape, basis: Basis) -> Threat:
    maturity = [basis.maturity[one] for one in rule.atlas if one in basis.maturity]
    before, because = inherent(rule, element, landscape=landscape, maturity=maturity)
    items = subjects_of(element, landscape=landscape)
    access = access_of(rule, element, landscape=landscape)
    known = basis.known.facing(access, patterns=rule.tested_by)
    counter = tuple(
        _countermeasure(
            one,
            basis.controls[one.control],
            element,
            items=items,
            system=landscape.system,
            known=known,
        )
        for one in rule.remedies
    )
    proofs = known.about(rule.tested_by, items)
    after, shown = residual(before, countermeasures=counter, proofs=proofs)
    easier = _left_out(basis.known.about(rule.tested_by, items), proofs, access=access)
    low = after.rank < before.rank and after.priority == "low"
    name = f"{rule.id}@{element.id}"
    ruling = _ruling(name, system=landscape.system, today=basis.today)
    return Threat(
        id=name,
        rule=rule.id,
        element=element.id,
        title=rule.title,
        about=rule.about,
        consequence=rule.consequence,
        family=rule.family,
        layer=rule.layer,
        phase=rule.phase,
        stride=rule.stride,
        harms=rule.harms,
        taxonomy=Taxonomy(
            atlas=rule.atlas, owasp_ml=rule.owasp_ml, nist_ai_100_2=rule.nist_ai_100_2
        ),
        inherent=before,
        residual=after,
        because=(*because, *shown, *easier),
        countermeasures=counter,
        tested_by=rule.tested_by,
        access=access,
        proofs=proofs,
        standing=_standing(ruling, mitigated=low or _answered(rule, counter, proofs)),
        ruling=ruling,
        detect=rule.detect,
        references=rule.references,
    )


def access_of(rule: Rule, element: Element, *, landscape: Landscape) -> Access | None:
    """What whoever does it sees of the model here; none = that plays no part."""
    if rule.proposes is None:
        return None
    less = rule.proposes.decisions_if
    coarse = less is not None and asked(less, element, landscape=landscape).truth == "yes"
    return "labels" if coarse else rule.proposes.access


def _left_out(
    found: Iterable[Proof], counted: Collection[Proof], *, access: Access | None
) -> tuple[str, ...]:
    """Why tests that were passed do not count."""
    left = [one.finding for one in found if one not in counted]
    told = f"tested only against somebody who sees less than {access}: {', '.join(left)}"
    return (told,) if left else ()


def _countermeasure(
    remedy: Remedy,
    control: Control,
    element: Element,
    *,
    items: Sequence[Item],
    system: System,
    known: Known,
) -> Countermeasure:
    claim = _claim(control.id, element.id, claims=system.controls)
    shown, proofs = known.shown_of_each(control, items)
    looked = None if claim is None else known.looked(control, [claim])
    said: ControlStatus = "absent" if claim is None else claim.status
    return Countermeasure(
        control=control.id,
        title=control.title,
        status=settled(
            shown or looked is not None, said, failed=any(one.outcome == "fail" for one in proofs)
        ),
        owner=(claim.owner if claim else "") or element.owner or control.role,
        stage=control.stage,
        command=control.command,
        lowers=remedy.lowers,
        by=remedy.by,
        proofs=proofs,
        looked=looked,
        due=claim.due.isoformat() if claim and claim.due else "",
    )


def _claim(control: str, element: str, *, claims: Iterable[ControlClaim]) -> ControlClaim | None:
    """What the owner says of a control at an element: what names it goes before what does not."""
    about = [one for one in claims if one.id == control]
    there = [one for one in about if element in one.elements]
    everywhere = [one for one in about if not one.elements]
    return next(iter((*there, *everywhere)), None)


def _ruling(name: str, *, system: System, today: date) -> Ruling | None:
    for one in system.decisions:
        if one.threat == name:
            return Ruling(
                choice=one.choice,
                who=one.who,
                why=one.why,
                expires=one.expires.isoformat(),
                holds=today <= one.expires,
            )
    return None


def _answered(rule: Rule, counter: Iterable[Countermeasure], proofs: Collection[Proof]) -> bool:
    """Whether all that is asked for against a threat is shown, and the attack was tried in vain.

    It may still be of high priority: where lives are at stake, no control makes it small.
    """
    tried = bool(proofs) or not rule.tested_by
    passed = all(one.outcome == "pass" for one in proofs)
    return tried and passed and all(one.status == "verified" for one in counter)


def _standing(ruling: Ruling | None, *, mitigated: bool) -> Stand:
    if ruling is not None and ruling.holds and ruling.choice in _DECIDED:
        return _DECIDED[ruling.choice]
    return "mitigated" if mitigated else "open"
