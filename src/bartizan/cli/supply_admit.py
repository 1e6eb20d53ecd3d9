"""`bartizan supply admit`: may this model be served?"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bartizan.cli import exit, options, screen, supply_options  # noqa: A004
from bartizan.cli.deliver import deliver, reproduce
from bartizan.cli.ledger_place import project_of
from bartizan.core.errors import UsageError

if TYPE_CHECKING:
    from bartizan.config import Config
    from bartizan.core.report import Report
    from bartizan.supply.admission.declared import Declared
    from bartizan.supply.admission.terms import Profile, Source, Terms

NAME = "admit"
HELP = (
    "Let a model in, or not: its signature must be of somebody trusted, its files clean and of a "
    "format that may be served, and the ledger must say that this very model was assessed not "
    "long ago and holds. What is admitted is written into the ledger."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan supply admit fraud.onnx --key release.pem.pub\n\n"
    "bartizan supply admit models/fraud   (trust and terms as in bartizan.toml)\n\n"
    "Exit codes: 0 admitted, 1 its assessment failed, 2 usage or bad input, 3 evidence is missing "
    "or too old, or something was not read, 4 hostile, unsigned, changed or of a format that is "
    "not served, 130 stopped."
)


class EvidenceOf(StrEnum):
    """Which findings count."""

    DECLARED = "declared"
    ANY = "any"


def command(  # noqa: PLR0913 - one parameter for each flag
    model: supply_options.ModelPath,
    *,
    key: supply_options.Keys = None,
    root: supply_options.Roots = None,
    identity: supply_options.Identities = None,
    policy: supply_options.PolicyFile = None,
    signature: Annotated[
        Path | None, typer.Option(help="The bundle; default: model.sig in it, or FILE.sig.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What its signer must call it; default: anything.")
    ] = None,
    allow: supply_options.Allowed = None,
    evidence: Annotated[
        EvidenceOf | None,
        typer.Option(
            help="Which findings count: those made as the project file declares (the default), "
            "or any, against whomever and on whatever rows they were made."
        ),
    ] = None,
    least: Annotated[
        options.ProfileName | None,
        typer.Option("--profile", help="How much must have been tried; default: as declared."),
    ] = None,
    by: Annotated[str, typer.Option(help="Who admits, for the ledger; default: the user.")] = "",
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    fail_on: options.FailOn = None,
    out: options.Out = Path("out"),
    formats: options.Formats = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Admit one model."""
    trust = supply_options.trust_of(
        key, roots=root, identities=identity, policy=policy, project=project, model=model
    )
    config, folder = project_of(project)
    if config is not None or workspace is None:
        supply_options.require_outside(model, folder=folder, project=project)
    allowed, notes = supply_options.allowed_of(allow, paths=[model], project=project)
    place = workspace or folder / ".bartizan"
    if not place.exists():
        message = (
            f"there is no workspace in {place}, and so no evidence; assess the model first "
            "(bartizan assess), or say where the workspace is with --workspace"
        )
        raise UsageError(message)
    from bartizan.workspace import Workspace, ledger_settings  # noqa: PLC0415 (slow to import)

    terms = _terms(
        config,
        evidence=None if evidence is None else evidence.value,
        least=None if least is None else least.value,
    )
    with Workspace(place, ledger=ledger_settings(config)) as ws:
        run = ws.supply.admission(
            model,
            trust=trust,
            signature=signature,
            name=name,
            terms=terms,
            declared=_declared(config, folder, model=model, terms=terms),
            fail_on=fail_on.value if fail_on else (config.policy.fail_on if config else "high"),
            allow=allowed,
            reproduce=reproduce(),
            warnings=notes,
        )
        try:
            for _ in screen.shown(run, quiet=quiet):
                pass
        except KeyboardInterrupt:
            run.interrupt("stopped by Ctrl-C; nothing is admitted")
        result = ws.supply.admitted(run, by=by)
    code = deliver(result, out=out, formats=formats, examples=False, as_json=as_json)
    return exit.TRUST if _distrusted(result.report) else code


def _terms(config: Config | None, *, evidence: Source | None, least: Profile | None) -> Terms:
    """What is demanded: by flags, else by the project file, else by default."""
    from msgspec.structs import replace  # noqa: PLC0415 (no help needs it)

    from bartizan.supply.admission.terms import Terms  # noqa: PLC0415 (slow to import)

    terms = config.supply.admit if config else Terms()
    return replace(terms, evidence=evidence or terms.evidence, profile=least or terms.profile)


def _declared(config: Config | None, folder: Path, *, model: Path, terms: Terms) -> Declared | None:
    """What evidence must be about; the declared data is read only where somebody asks."""
    if config is None or terms.evidence == "any":
        return None
    from bartizan.workspace.declared import declared  # noqa: PLC0415 (slow to import)

    today = datetime.now(UTC).date()
    return declared(config, folder, model=model, today=today, require=terms.require)


def _distrusted(report: Report) -> bool:
    """Whether it is kept out for what it is, and not for how it was assessed."""
    from bartizan.core.verdict import failing  # noqa: PLC0415 (slow to import)
    from bartizan.supply.admission.entries import EVIDENCE  # noqa: PLC0415 (slow to import)

    if report.coverage.interrupted:
        return False
    return any(finding.entry != EVIDENCE.id for finding in failing(report))
