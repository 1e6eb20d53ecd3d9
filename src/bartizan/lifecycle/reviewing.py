"""What could go wrong with the system around the worked example, and what shows it was handled."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bartizan.comply.pack.checking import Checked, checked
from bartizan.comply.pack.places import opened, save_archive
from bartizan.config import FILE_NAME, called, read_described
from bartizan.core.compliance import ComplianceReport
from bartizan.core.threat import ThreatModel
from bartizan.ledger.verifier_key import parse_verifier_key
from bartizan.lifecycle.places import WORKSPACE
from bartizan.workspace import Workspace, ledger_settings
from bartizan.workspace.evidence_pack import PackOrder, evidence_pack


@dataclass(frozen=True)
class Reviewed:
    """The threats of the system, the clauses, and the pack of evidence."""

    model: ThreatModel
    page: Path
    clauses: ComplianceReport
    pack: Path
    checked: Checked
    """What whoever gets the pack can check without us."""


def review(folder: Path, *, told: Callable[[str], object]) -> Reviewed:
    """Derive threats and clauses of the example; what its ledger holds moves both.

    Args:
        folder: Of the example; its models have been assessed.
        told: Called with what happens next, in words.

    Raises:
        OutputError: the folder cannot be written.
    """
    place, pack = folder / FILE_NAME, folder / "evidence.tar"
    described = read_described(place)
    config = described.config
    with Workspace(folder / WORKSPACE, ledger=ledger_settings(config)) as ws:
        told("asking what could go wrong with the system around them")
        found = ws.threat.model(
            config, folder=folder, lines=described.lines, file=called(place, start=Path.cwd())
        )
        written = found.save(folder / "threats")
        told("packing what shows that it was handled, and checking the pack as a stranger would")
        clauses = ws.comply.report(config, folder=folder)
        clauses.save(folder / "comply")
        made = evidence_pack(ws, PackOrder(config=config, folder=folder))
        save_archive(made.files, to=pack)
    with opened(pack) as members:
        seen = checked(members, keys=[parse_verifier_key(made.signer)])
    return Reviewed(
        model=found.model, page=written[0], clauses=clauses.report, pack=pack, checked=seen
    )
