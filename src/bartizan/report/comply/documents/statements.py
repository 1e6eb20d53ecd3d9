"""Sentences that evidence gives, each with where it is from. No evidence, no sentence."""

from collections.abc import Iterable, Iterator

from bartizan.core.compliance import ControlState, FrameworkState
from bartizan.core.finding import Finding, Measure
from bartizan.core.report import Report
from bartizan.core.skeleton import Paragraph
from bartizan.core.threat import Threat
from bartizan.report.comply.documents.sheet import Card, DocumentSheet

_SHOWN = 10
"""Threats and findings that are named one by one: what a person reads; the reports have all."""


def purpose(sheet: DocumentSheet) -> Iterator[Paragraph]:
    """What the system is for, as it is described."""
    if sheet.system is None:
        return
    said = sheet.system.system
    for label, text in (
        ("Name", said.name),
        ("Purpose", said.purpose),
        ("Domain", said.domain),
        ("Who answers for it", said.owner),
        ("What a wrong decision costs at worst", said.stakes or ""),
    ):
        if text:
            yield Paragraph(text=f"{label}: {text.rstrip('.')}.", source="bartizan.toml, [system]")
    if said.decides_about_people is not None:
        told = "have" if said.decides_about_people else "have no"
        text = f"By its description, its decisions {told} an effect on single persons."
        yield Paragraph(text=text, source="bartizan.toml, [system] decides_about_people")


def subjects(sheet: DocumentSheet) -> Iterator[Paragraph]:
    """Models and data of the day, by digest."""
    for one in sheet.report.subjects:
        text = f"{one.kind.capitalize()} {one.name}: {one.digest}. {one.detail}".strip()
        yield Paragraph(text=text, source=f"its bytes on {sheet.report.day}")


def personal(sheet: DocumentSheet) -> Iterator[Paragraph]:
    """Assets with personal data, and where they go."""
    system = sheet.system
    if system is None:
        return
    held = {one.id for one in system.assets if one.personal}
    for one in system.assets:
        if one.id not in held:
            continue
        kept = "how long it is kept is not said"
        if one.retention_days is not None:
            kept = f"kept for {one.retention_days} days"
        special = ", of a special category" if one.special else ""
        graded = one.classification or "not classified"
        text = f"{one.title or one.id}: personal data{special}, {graded}; {kept}."
        yield Paragraph(text=text, source=f"bartizan.toml, [[asset]] {one.id}")
    for flow in system.flows:
        if carried := sorted(held & set(flow.carries)):
            words = {True: "encrypted", False: "not encrypted", None: "encryption is not said"}
            told = words[flow.encrypted]
            text = f"Data flow: {', '.join(carried)} from {flow.source} to {flow.target} ({told})."
            yield Paragraph(text=text, source=f"bartizan.toml, [[flow]] {flow.id}")


def parts(sheet: DocumentSheet) -> Iterator[Paragraph]:
    """What the system consists of."""
    for one in sheet.system.elements if sheet.system else ():
        made = f": {', '.join(one.technology)}" if one.technology else ""
        text = f"{one.title or one.id} ({one.kind}) in the zone {one.zone}{made}."
        yield Paragraph(text=text, source=f"bartizan.toml, [[element]] {one.id}")


def oversight(sheet: DocumentSheet) -> Iterator[Paragraph]:
    """Whether a person looks at decisions, where that is described."""
    for one in sheet.system.elements if sheet.system else ():
        if one.human_review is None:
            continue
        told = "A person looks" if one.human_review else "Nobody looks"
        text = f"{told} at decisions of {one.title or one.id} before they take effect."
        yield Paragraph(text=text, source=f"bartizan.toml, [[element]] {one.id} human_review")


def data(sheet: DocumentSheet) -> Iterator[Paragraph]:
    """Registered versions of the data."""
    for one in sheet.registered:
        text = (
            f"{one.data}, version {one.version}: {one.rows:,} rows from {one.source}, registered "
            f"on {one.when[:10]} by {one.by}. Root of its rows: {one.root}."
        )
        yield Paragraph(text=text, source="fact `registered` of the ledger")


def threats(sheet: DocumentSheet, *, first: Iterable[str] = ()) -> Iterator[Paragraph]:
    """The worst threats, with what is left of them.

    Args:
        sheet: What there is.
        first: Families whose threats come first, and all of them.
    """
    found = sheet.model.threats if sheet.model else ()
    wanted = set(first)
    ahead = [one for one in found if one.family in wanted]
    behind = [one for one in found if one.family not in wanted]
    shown = [*ahead, *behind[: max(_SHOWN - len(ahead), 0)]]
    for one in shown:
        yield Paragraph(text=_threat(one), source=f"threat model, {one.id}")
    if left := len(found) - len(shown):
        text = f"Beside these the threat model has {left} more."
        yield Paragraph(text=text, source="threat model")


def _threat(one: Threat) -> str:
    rests = ", ".join(f"{proof.finding} ({proof.outcome})" for proof in one.proofs[:3])
    tested = f" Tested by: {rests}." if rests else " No test of it is in the ledger."
    return (
        f"{one.title}: {one.consequence} Priority {one.inherent.priority} without controls, "
        f"{one.residual.priority} with those that evidence shows; {one.standing}.{tested}"
    )


def controls(sheet: DocumentSheet, *, stages: Iterable[str] = ()) -> Iterator[Paragraph]:
    """Controls that evidence shows, and those that findings speak against."""
    wanted = set(stages)
    for one in sheet.report.controls:
        if wanted and one.stage not in wanted:
            continue
        if one.status == "verified" or one.failing:
            yield Paragraph(text=_control(one), source=_rests(one))


def _control(one: ControlState) -> str:
    if one.failing:
        return f"NOT so, by findings: {one.title}."
    ends = f", until {one.expires}" if one.expires else ""
    return f"{one.title}: shown by evidence{ends}."


def _rests(one: ControlState) -> str:
    listed = ", ".join(proof.finding for proof in one.proofs[:3])
    listed = f"audit {one.looked.audit}" if one.looked else listed
    return f"control {one.id}: {listed}" if listed else f"control {one.id}: facts of the ledger"


def clauses(sheet: DocumentSheet, *, framework: str, ids: Iterable[str]) -> Iterator[Paragraph]:
    """What evidence says of some clauses of a law.

    Args:
        sheet: What there is.
        framework: Its id.
        ids: Clauses; those below them are meant as well.
    """
    state = next((one for one in sheet.report.frameworks if one.id == framework), None)
    yield from _clauses(state, tuple(ids))


def _clauses(state: FrameworkState | None, ids: tuple[str, ...]) -> Iterator[Paragraph]:
    for one in state.clauses if state else ():
        if one.id.partition("(")[0] in ids and one.status in (
            "evidence present",
            "evidence failing",
        ):
            text = f"{one.id} {one.title}: {one.status}; {one.reason}."
            yield Paragraph(text=text, source="compliance report, its links of controls")


def opened(sheet: DocumentSheet, *, first: Iterable[str] = ()) -> Iterator[Paragraph]:
    """What is open, with the day by which it is to be dealt with.

    Args:
        sheet: What there is.
        first: Families of entries whose findings come first, and all of them.
    """
    wanted = set(first)
    ahead = [one for one in sheet.report.findings if one.id.partition(".")[0] in wanted]
    behind = [one for one in sheet.report.findings if one not in ahead]
    shown = [*ahead, *behind[: max(_SHOWN - len(ahead), 0)]]
    for one in shown:
        due = f", due {one.due}" if one.due else ""
        late = ", overdue" if one.overdue else ""
        text = f"Open: {one.id} ({one.outcome}, {one.severity}) since {one.since[:10]}{due}{late}."
        yield Paragraph(text=text, source="findings of the ledger")
    if left := len(sheet.report.findings) - len(shown):
        text = f"Beside these, more findings are open: {left}."
        yield Paragraph(text=text, source="findings of the ledger")


def measured(
    run: Report, *, entries: Iterable[str] = (), without: Iterable[str] = ()
) -> Iterator[Paragraph]:
    """What an assessment measured, one paragraph a finding.

    Args:
        run: One assessment.
        entries: Families of entries; none = all.
        without: Families that are left out.
    """
    wanted, left = set(entries), set(without)
    for one in run.findings:
        family = one.entry.partition(".")[0]
        if not one.weighs or one.outcome == "not-run":
            continue  # of an attacker who was merely assumed beside the declared one
        if family not in left and (not wanted or family in wanted):
            evidence = one.evidence or "no evidence record"
            yield Paragraph(text=_finding(one), source=f"finding {one.id}, {evidence}")


def _finding(one: Finding) -> str:
    numbers = "; ".join(_number(two) for two in one.measures[:3])
    against = f", against {one.attacker}" if one.attacker else ""
    measured = f" Measured: {numbers}." if numbers else ""
    return f"{one.title}{against}: {one.outcome}. {one.reason.rstrip('.')}.{measured}"


def _number(one: Measure) -> str:
    if one.value is None:
        return f"{one.name}: none ({one.why})"
    if one.low is None or one.high is None:
        return f"{one.name} {one.value:.4g} {one.unit} (n = {one.n})"
    return f"{one.name} {one.value:.4g} ({one.low:.4g} to {one.high:.4g}) {one.unit} (n = {one.n})"


def policies(sheet: DocumentSheet, *kinds: str) -> Iterator[Paragraph]:
    """Texts of some kinds that are in force."""
    for one in sheet.report.policies:
        if one.kind in kinds and one.status == "in force":
            by = f"{one.signed[0].by}, {one.signed[0].role}" if one.signed else one.owner
            text = f"{one.title} is in force, signed off by {by}; its text: {one.digest}."
            yield Paragraph(text=text, source=f"sign-off in the ledger, {one.path}")


def declared(card: Card, *topics: str) -> Iterator[Paragraph]:
    """What a person declared of a model."""
    for topic, words in card.about(*topics):
        text = f"{topic.capitalize()}: {words}"
        source = f"declared in bartizan.toml, [supply.card.{card.model}]; not tested"
        yield Paragraph(text=text, source=source)
