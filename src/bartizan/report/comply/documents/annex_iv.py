"""Technical documentation: the nine parts of annex IV of the EU AI Act.

Source: Regulation (EU) 2024/1689, article 11(1) and annex IV; the headings are our own words.
"""

from bartizan.core.compliance import FrameworkState
from bartizan.core.skeleton import Paragraph, Section, Skeleton
from bartizan.core.system import SystemSpec
from bartizan.report.comply.documents import statements as said
from bartizan.report.comply.documents.sheet import DocumentSheet
from bartizan.report.comply.view import counts


def made(sheet: DocumentSheet) -> tuple[Skeleton, ...]:
    """One for the system; none if nobody described it."""
    if sheet.system is None:
        return ()
    parts = (_general, _built, _working, _metrics, _risk, _changes, _standards, _declared, _after)
    return (
        Skeleton(
            kind="annex-iv",
            title="Technical documentation (skeleton)",
            about=sheet.system.system.name,
            basis="Regulation (EU) 2024/1689, article 11(1) and annex IV",
            day=sheet.report.day,
            sections=tuple(part(sheet) for part in parts),
            notes=(_high_risk(sheet.system.system),),
        ),
    )


def _high_risk(system: SystemSpec) -> str:
    """Whether the documentation is asked of this system, as far as it is described."""
    asked = "It is asked of high-risk systems. Whether this is one is for its provider to say"
    told = "the description of the system does not say it"
    if system.high_risk is not None:
        told = f"by its description it is {'' if system.high_risk else 'not '}one (high_risk)"
    elif system.creditworthiness:
        told = "by its description its scores say who is worth credit, which annex III 5(b) names"
    return f"{asked} (article 6); {told}."


def _general(sheet: DocumentSheet) -> Section:
    return Section(
        id="1",
        title="General description",
        asks="Purpose, provider, version, what it works with, what it runs on, how it is "
        "delivered, its interface, and instructions.",
        filled=(
            *said.purpose(sheet),
            *said.subjects(sheet),
            *said.parts(sheet),
            *(one for card in sheet.cards for one in said.declared(card, "version", "supplier")),
        ),
        gaps=(
            "Name and address of the provider, and how this version relates to earlier ones.",
            "The hardware it is meant to run on, and the forms in which it is delivered.",
            "The user interface, and the instructions for use.",
        ),
    )


def _built(sheet: DocumentSheet) -> Section:
    topics = ("architecture", "training", "approach", "tradeoffs")
    return Section(
        id="2",
        title="Elements of the system, and how it was developed",
        asks="Design choices, architecture, data and where it is from, human oversight, changes "
        "that are foreseen, tests with their logs, and security.",
        filled=(
            *(one for card in sheet.cards for one in said.declared(card, *topics)),
            *said.data(sheet),
            *said.oversight(sheet),
            *_tests(sheet),
            *said.controls(sheet, stages=("data", "supply", "gateway", "harden")),
        ),
        gaps=(
            "Why the system was designed so, which assumptions it makes, and about whom.",
            "How data was labelled and cleaned, who is in it and who is not.",
            "How a person oversees it, and can stop or overrule it (article 14).",
            "Signed and dated reports of tests by those who answer for them.",
        ),
    )


def _tests(sheet: DocumentSheet) -> tuple[Paragraph, ...]:
    return tuple(
        Paragraph(
            text=f"Assessment with profile {run.coverage.profile}, seed {run.coverage.seed}: "
            f"{run.headline}",
            source=f"report of {run.tool.name} {run.tool.version} in the store",
        )
        for run in sheet.runs
    )


def _working(sheet: DocumentSheet) -> Section:
    topics = ("limitations", "fairness", "risks")
    return Section(
        id="3",
        title="Monitoring, functioning and control",
        asks="What it can and cannot do, how accurate it is, for which groups less so, what may "
        "go wrong, and what is asked of those who use it.",
        filled=(
            *(one for run in sheet.runs for one in said.measured(run, entries=("utility",))),
            *(one for run in sheet.runs for one in said.measured(run, entries=("fairness",))),
            *(one for card in sheet.cards for one in said.declared(card, *topics)),
            *said.threats(sheet),
        ),
        gaps=(
            "The accuracy that is expected for the purpose, in whole and for each group.",
            "Outcomes that were not meant and can be foreseen, for health, safety and rights.",
            "Which inputs it may be given, and by whom.",
        ),
    )


def _metrics(sheet: DocumentSheet) -> Section:
    lines = tuple(
        Paragraph(
            text=f"{one.title} is judged by {one.threshold.measure} {one.threshold.op} "
            f"{one.threshold.value:g} (line: {one.threshold.source}).",
            source=f"finding {one.id}",
        )
        for run in sheet.runs
        for one in run.findings
        if one.threshold is not None
    )
    return Section(
        id="4",
        title="Why these measures of performance",
        asks="That the measures fit this system.",
        filled=lines,
        gaps=("Why these measures and lines are the right ones for this purpose.",),
    )


def _risk(sheet: DocumentSheet) -> Section:
    return Section(
        id="5",
        title="Risk management",
        asks="The system of risk management that article 9 asks for.",
        filled=(
            *said.threats(sheet),
            *said.clauses(sheet, framework="eu-ai-act", ids=("Article 9",)),
            *said.opened(sheet),
            *said.policies(sheet, "risk-management"),
        ),
        gaps=(
            (
                "Risks to health, safety and fundamental rights, foreseeable misuse included; the "
                "threats above are those of security."
            ),
            "Who judged what remains to be acceptable, and why.",
        ),
    )


def _changes(sheet: DocumentSheet) -> Section:
    changed = tuple(
        Paragraph(
            text=f"{one.data} came to version {one.version} on {one.when[:10]}: {one.change}, "
            f"{one.changed:,} rows.",
            source="fact `registered` of the ledger",
        )
        for one in sheet.registered
    )
    return Section(
        id="6",
        title="Changes through the life of the system",
        asks="What the provider changed since it was first used.",
        filled=(*changed, *said.policies(sheet, "retraining")),
        gaps=("Changes of the system, its model and its purpose, and why each was made.",),
    )


def _standards(sheet: DocumentSheet) -> Section:
    named = tuple(
        Paragraph(text=_compared(one), source="compliance report")
        for one in sheet.report.frameworks
    )
    return Section(
        id="7",
        title="Standards",
        asks="Harmonised standards that were applied, in whole or in part; else what was done "
        "in their place.",
        filled=named,
        gaps=(
            (
                "Which harmonised standards were applied. The frameworks above are what evidence "
                "was compared with, which is not the same."
            ),
        ),
    )


def _compared(one: FrameworkState) -> str:
    found = counts(one)
    apply = sum(found.values()) - found["not applicable"]
    return (
        f"{one.title} {one.version}, looked at on {one.as_of}: evidence present for "
        f"{found['evidence present']} of {apply} clauses that apply."
    )


def _declared(sheet: DocumentSheet) -> Section:
    del sheet  # no evidence can say this
    return Section(
        id="8",
        title="Declaration of conformity",
        asks="A copy of the declaration of article 47.",
        gaps=("The declaration, by the provider alone. No program writes it.",),
    )


def _after(sheet: DocumentSheet) -> Section:
    plan = sheet.model.plan if sheet.model else None
    books = tuple(
        Paragraph(
            text=f"{one.title}. Noticed by: {' '.join(one.triggers)}",
            source=f"incident plan, playbook {one.family}",
        )
        for one in (plan.playbooks if plan else ())
    )
    return Section(
        id="9",
        title="After it is on the market",
        asks="How its performance is watched, and the plan of article 72.",
        filled=(
            *books,
            *said.controls(sheet, stages=("monitor", "respond")),
            *said.policies(sheet, "incident-response"),
        ),
        gaps=("The plan of monitoring: what is collected, how often, who looks, what follows.",),
    )
