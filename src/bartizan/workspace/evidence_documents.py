"""What an auditor's documents are filled from: runs that count, registered data, declared cards."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from bartizan.config import Config
from bartizan.core.compliance import ComplianceReport
from bartizan.core.fact import Registered
from bartizan.core.finding import Finding
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
    """What assessments of the models of the day found, as far as the report rests on it.

    Of each finding the one that is open or that passed for the report: a pass on other rows, of
    long ago or before a failure is none of them. Runs that have nothing of it left are not there.
    """
    models = {one.digest for one in report.subjects if one.kind == "model"}
    runs = [
        run
        for _, raw in ws.store.of_kind(Report)
        if (run := decode(raw, kind=Report)).receipts
        if any(one.kind == "model" and one.digest in models for one in run.subjects)
    ]
    runs.sort(key=lambda run: max(one.finished for one in run.receipts))
    chosen = _chosen(runs, report=report)
    for at, run in enumerate(runs):
        kept = tuple(one for one in run.findings if chosen.get((_model(run), one.id)) == at)
        if kept:
            yield _left(run, kept=kept)


def _chosen(runs: Sequence[Report], *, report: ComplianceReport) -> dict[tuple[str, str], int]:
    """By model and finding, the run that says what the report rests on; the newest come last."""
    opened = {one.id: one.outcome for one in report.findings}
    passed = {(one.id, one.when) for one in report.passed}
    found: dict[tuple[str, str], int] = {}
    alike: set[tuple[str, str]] = set()
    for at, run in enumerate(runs):
        for one, receipt in zip(run.findings, run.receipts, strict=True):
            key = (_model(run), one.id)
            wanted = opened.get(one.id)
            if wanted is None:
                if one.outcome == "pass" and (one.id, receipt.finished) in passed:
                    found[key] = at
            elif one.weighs and (one.outcome == wanted or one.outcome != "pass"):
                if one.outcome != wanted and key in alike:
                    continue  # a run without a verdict does not take a failure's place
                found[key] = at
                alike |= {key} if one.outcome == wanted else set()
    return found


def _model(run: Report) -> str:
    """Digest of the model that a run is about."""
    return next(one.digest for one in run.subjects if one.kind == "model")


def _left(run: Report, *, kept: tuple[Finding, ...]) -> Report:
    """A run with what is left of it; its headline is about all that it found."""
    weighing = sum(one.weighs for one in run.findings)
    headline = run.headline
    if len(kept) < weighing:
        headline = (
            f"of its findings, {len(kept)} of {weighing} count today; the others were asked again "
            "since, or are not about the models and data of today"
        )
    return replace(run, findings=kept, headline=headline)


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
