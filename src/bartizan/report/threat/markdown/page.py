"""The threat model as Markdown, for a repository or a review in text."""

from collections.abc import Iterable, Iterator, Sequence

from bartizan.core.threat import Countermeasure, Threat, ThreatModel
from bartizan.report.markdown import row, rule, text
from bartizan.report.threat import terms
from bartizan.report.threat.markdown.pieces import code, command, element, listed, table
from bartizan.report.threat.markdown.plan import plan_parts
from bartizan.report.threat.mermaid import chart
from bartizan.report.threat.sheet import Sheet
from bartizan.report.threat.summary.evidence import evidence, moved
from bartizan.report.threat.summary.headline import headline
from bartizan.report.threat.summary.matrix import Matrix, matrices
from bartizan.report.threat.summary.register import (
    Numbered,
    Wanted,
    Where,
    controls,
    first_steps,
    numbered,
    ruled,
)
from bartizan.report.words import ACCESS


def render(sheet: Sheet) -> bytes:
    """Write it; equal sheets give equal bytes. Names and texts are inert: see `text`."""
    model = sheet.model
    threats = numbered(model)
    wanted = controls(threats)
    parts = [
        *_head(sheet, first=first_steps(wanted)),
        *_part("Landscape", f"```mermaid\n{chart(model)}```"),
        *_part("Risk matrix", "Numbers are those of the threats below."),
        *(_matrix(one) for one in matrices(threats)),
        *_part("Threats", _register(sheet, threats)),
        *(part for one in threats for part in _threat(sheet, one)),
        *_part("Open questions", _questions(model)),
        *_part("Controls", _controls(sheet, wanted)),
        *_part("Requirements", _needs(model)),
        *_part("Decisions", *_decisions(model, ruled(threats))),
        *_part("Attackers to test against", _attackers(model)),
        *_part("Incident plan", *plan_parts(model, {one.threat.id: one.number for one in threats})),
        *_part("Notes", listed(model.notes)),
        _colophon(model),
    ]
    return ("\n\n".join(parts) + "\n").encode()


def _part(title: str, *texts: str) -> tuple[str, ...]:
    return (f"## {title}", *texts)


def _head(sheet: Sheet, *, first: Sequence[Wanted]) -> Iterator[str]:
    spec, head = sheet.model.system.system, headline(sheet.model)
    yield f"# Threat model: {text(spec.name)}"
    if spec.purpose:
        yield text(spec.purpose)
    yield f"**{head.word}.** {text(head.sentence)}"
    counts = terms.by_priority(sheet.model.threats)
    opened = ", ".join(f"{count} {name}" for name, count in counts.items())
    owner = text(spec.owner or "not said")
    yield f"Open by priority: {opened}. Owner: {owner}. Stakes: {spec.stakes or 'not said'}."
    if first:
        yield "What to do first:"
        yield "\n".join(
            f"{at}. {text(one.title)} (against {terms.counted(sum(one.weight), 'open threat')}; "
            f"{text(', '.join(one.owners))}){command(one.command, lead=': ')}"
            for at, one in enumerate(first, start=1)
        )


def _matrix(one: Matrix) -> str:
    head = row(f"{one.title}. Likelihood", *(f"impact {step}" for step in range(1, 6)))
    lines = [
        row(
            str(likelihood),
            *(", ".join(str(found.number) for found, _ in cell.threats) for cell in cells),
        )
        for likelihood, cells in one.rows
    ]
    return "\n".join([head, rule(6), *lines])


def _register(sheet: Sheet, threats: Iterable[Numbered]) -> str:
    columns = ("#", "Threat", "Element", "L", "I", "D", "LxIxD", "Priority", "Standing", "Evidence")
    lines = []
    for one in threats:
        found = one.threat
        numbers = (moved(found, key) for key in ("likelihood", "impact", "detection", "product"))
        lines.append(
            row(
                str(one.number),
                text(found.title),
                element(sheet.model.system, found.element),
                *numbers,
                f"{found.inherent.priority} → {found.residual.priority}",
                found.standing,
                evidence(found),
            )
        )
    return table(columns, lines, none="No rule found a threat in this description.")


def _threat(sheet: Sheet, one: Numbered) -> Iterator[str]:
    """One threat at length."""
    found = one.threat
    yield f"### {one.number}. {text(found.title)}: {element(sheet.model.system, found.element)}"
    yield f"{text(found.about)} {text(found.consequence)}"
    yield "\n".join(f"- {fact}" for fact in _facts(sheet, found))
    yield _countermeasures(found)


def _facts(sheet: Sheet, one: Threat) -> Iterator[str]:
    ids = (*one.taxonomy.atlas, *one.taxonomy.nist_ai_100_2, *one.taxonomy.owasp_ml)
    named = [f"{each} {sheet.names.get(each, '')}".strip() for each in ids]
    yield f"Id: {code(one.id)}; {text(one.family)}, {text(one.layer)}, {text(one.phase)}"
    yield f"STRIDE: {text(', '.join(one.stride))}; lost: {text(', '.join(one.harms))}"
    yield f"Noticed: {text(one.detect)}"
    yield f"Tested by: {', '.join(map(code, one.tested_by)) or 'nothing'}"
    if one.tested_by:
        found = ", ".join(f"{code(two.finding)}: {two.outcome}" for two in one.proofs)
        yield f"Findings: {found or 'none about the model and data of today'}"
    if named:
        yield f"Known as: {text('; '.join(named))}"
    if one.because:
        yield f"Because: {text('; '.join(one.because))}"
    yield f"Sources: {text('; '.join(one.references))}"


def _shown(one: Countermeasure) -> str:
    """What speaks for a control, or against it."""
    if one.looked is not None:
        return f"{one.looked.by} looked on {one.looked.when[:10]} (audit {one.looked.audit})"
    return ", ".join(f"{two.finding}: {two.outcome}" for two in one.proofs)


def _countermeasures(one: Threat) -> str:
    lines = [
        row(
            f"{text(two.title)} {code(two.control)}",
            two.status + (f", due {text(two.due)}" if two.due else ""),
            text(two.owner),
            two.stage,
            f"{two.lowers} by {two.by}",
            command(two.command),
            text(_shown(two)),
        )
        for two in one.countermeasures
    ]
    columns = ("Control", "Status", "Owner", "Stage", "Lowers", "Verified by", "Evidence")
    return table(columns, lines, none="No control is known.")


def _questions(model: ThreatModel) -> str:
    lines = [
        row(
            text(one.text),
            f"{text(terms.owned(one.owner))}: {code(one.attribute)}",
            ", ".join(map(code, one.threats)),
        )
        for one in model.questions
    ]
    none = "No rule asks for anything that the description leaves out."
    return table(("Question", "Where it is written", "Threats behind it"), lines, none=none)


def _controls(sheet: Sheet, wanted: Iterable[Wanted]) -> str:
    lines = [
        row(
            f"{text(one.title)} {code(one.control)}",
            one.status,
            ", ".join(
                f"{element(sheet.model.system, at.element)}{_differs(at, one)}" for at in one.places
            ),
            text(", ".join(one.owners)),
            one.stage,
            ", ".join(str(two.number) for two in one.answers),
            command(one.command),
        )
        for one in wanted
    ]
    columns = ("Control", "Status", "Where", "Owner", "Stage", "Against", "Verified by")
    return table(columns, lines, none="No threat asks for a control.")


def _differs(at: Where, one: Wanted) -> str:
    """What a place says of a control beyond its status all in all."""
    said: list[str] = [at.status] if at.status != one.status else []
    said += [f"due {text(at.due)}"] if at.due else []
    return f" ({', '.join(said)})" if said else ""


def _needs(model: ThreatModel) -> str:
    lines = [
        row(text(one.text), one.status, text(one.owner), ", ".join(map(code, one.controls)))
        for one in model.needs
    ]
    none = "The description names no security requirement."
    return table(("Requirement", "Status", "Owner", "Controls"), lines, none=none)


def _decisions(model: ThreatModel, found: Iterable[Numbered]) -> Iterator[str]:
    lines = [
        row(
            str(one.number),
            text(one.threat.title),
            terms.CHOICES[ruling.choice],
            text(ruling.who),
            text(ruling.why),
            text(ruling.expires),
            "yes" if ruling.holds else "**expired**",
        )
        for one in found
        if (ruling := one.threat.ruling) is not None
    ]
    columns = ("#", "Threat", "Decision", "Who", "Why", "Until", "Holds")
    yield table(columns, lines, none="Nothing was decided about a single threat.")
    if model.orphans:
        yield "Written about what is not there:"
        yield "\n".join(f"- **{text(one.what)}**: {text(one.why)}" for one in model.orphans)


def _attackers(model: ThreatModel) -> str:
    lines = [
        row(
            text(one.name),
            text(one.model),
            ACCESS[one.access],
            text("; ".join(one.why)),
            ", ".join(map(code, one.threats)),
        )
        for one in model.attackers
    ]
    columns = ("Attacker", "Model", "Knows", "Why", "Stands for")
    return table(columns, lines, none="No threat proposes one.")


def _colophon(model: ThreatModel) -> str:
    known = ", ".join(f"{name} {version}" for name, version in model.catalogues) or "none"
    made = f"{model.tool.name} {model.tool.version}, rules {model.rules}"
    return f"{text(made)}; catalogues: {text(known)}."
