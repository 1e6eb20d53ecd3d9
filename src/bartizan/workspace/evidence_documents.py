"""What an auditor's documents are filled from: newest runs, registered data, declared cards."""

from collections.abc import Iterator

from bartizan.config import Config
from bartizan.core.compliance import ComplianceReport
from bartizan.core.fact import Registered
from bartizan.core.record import decode
from bartizan.core.report import Report
from bartizan.core.threat import ThreatModel
from bartizan.frameworks.controls import controls
from bartizan.report.comply.documents import Card, DocumentSheet, render_documents
from bartizan.report.oscal import OscalSheet, render_oscal
from bartizan.supply.bom.declared import DeclaredModel
from bartizan.workspace.comply_verbs import Complied
from bartizan.workspace.workspace import Workspace

_TEXTS = (
    *("version", "description", "released", "supplier", "producer", "license"),
    *("approach", "architecture", "training"),
)
_LISTS = ("users", "use_cases", "limitations", "tradeoffs")
"""Fields of a declared model; a card calls its topics the same, with blanks."""


def drawn_up(ws: Workspace, config: Config, *, found: Complied) -> dict[str, bytes]:
    """OSCAL for programs, and documents that a person goes on with; by name.

    Args:
        ws: The workspace.
        config: The project file.
        found: Of the day.

    Raises:
        LedgerError: the log was altered.
        TrustError: a record of the store was.
    """
    report, model = found.report, found.threats.model if found.threats else None
    sheet = OscalSheet(report=report, controls=tuple(controls().values()), model=model)
    drafts = document_sheet(ws, config, report=report, model=model)
    return {
        **{f"oscal/{name}": raw for name, raw in render_oscal(sheet).items()},
        **{f"documents/{name}": raw for name, raw in render_documents(drafts).items()},
    }


def document_sheet(
    ws: Workspace, config: Config, *, report: ComplianceReport, model: ThreatModel | None
) -> DocumentSheet:
    """Everything that the documents of one day are filled from.

    Args:
        ws: The workspace.
        config: The project file.
        report: Of the day.
        model: The threat model, if a system is described.

    Raises:
        LedgerError: the log was altered.
        TrustError: a record of the store was.
    """
    return DocumentSheet(
        report=report,
        model=model,
        runs=tuple(_runs(ws, report)),
        registered=tuple(_registered(ws)),
        training=tuple(one.name for one in config.data if one.role == "train"),
        cards=tuple(Card(model=name, said=_said(one)) for name, one in config.supply.card.items()),
    )


def _runs(ws: Workspace, report: ComplianceReport) -> Iterator[Report]:
    """The newest assessment of each model of the day, by when its last finding was finished."""
    newest: dict[str, tuple[str, str, Report]] = {}
    models = {one.digest for one in report.subjects if one.kind == "model"}
    for name, raw in ws.store.of_kind(Report):
        found = decode(raw, kind=Report)
        when = max((one.finished for one in found.receipts), default="")
        for digest in models & {one.digest for one in found.subjects}:
            if when and found.attackers:
                newest[digest] = max(
                    newest.get(digest, ("", "", found)),
                    (when, name, found),
                    key=lambda one: one[:2],
                )
    for digest in sorted(newest):
        yield newest[digest][2]


def _registered(ws: Workspace) -> Iterator[Registered]:
    """The newest version of each data set."""
    found: dict[str, Registered] = {}
    if ws.ledger is not None and ws.ledger.begun:
        for _, fact in ws.ledger.facts():
            if isinstance(fact, Registered):
                found[fact.data] = fact
    yield from (found[name] for name in sorted(found))


def _said(one: DeclaredModel) -> tuple[tuple[str, str], ...]:
    """What is declared of a model, by topic; what is not declared is not there."""
    plain = [(name, getattr(one, name) or "") for name in _TEXTS]
    listed = [(name.replace("_", " "), text) for name in _LISTS for text in getattr(one, name)]
    risks = [("risks", f"{risk.name}. {risk.mitigation}".strip()) for risk in one.risk]
    groups = [
        ("fairness", f"{two.group}: {two.harms} {two.benefits} {two.mitigation}".strip())
        for two in one.fairness
    ]
    return tuple((topic, text) for topic, text in (*plain, *listed, *risks, *groups) if text)
