"""`bartizan demo`: the whole way on an example that ships with Bartizan."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bartizan.assess.run import Assessment
from bartizan.cli import data_clean, exit, ledger_verify, screen, threat_model  # noqa: A004
from bartizan.cli.options import ProfileName
from bartizan.lifecycle.admitting import Shipped, ship
from bartizan.lifecycle.assessing import demonstrate
from bartizan.lifecycle.cleansing import Cleansed, cleanse
from bartizan.lifecycle.preparing import prepare
from bartizan.lifecycle.proving import Proven, prove
from bartizan.lifecycle.reviewing import Reviewed, review
from bartizan.report.threat.terms import counted

NAME = "demo"
HELP = (
    "Make a stream of card purchases, register and check it, alter one row and see it caught; "
    "plant a mark in the training data, find it, clean it and train anew; train two fraud models "
    "and attack both; scan, sign, seal and admit one of them, and refuse another in its place. "
    "Leaves reports, a ledger and a project file to go on with. Needs no data and no network."
)
EPILOG = "Example: bartizan demo --out demo-out"


def command(
    *,
    out: Annotated[Path, typer.Option(help="Folder for everything.")] = Path("demo-out"),
    profile: Annotated[ProfileName, typer.Option(help="How much work.")] = ProfileName.QUICK,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 7,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes.")] = None,
) -> int:
    """Run the example; it succeeds when it ran to the end, whatever it found."""
    console = screen.err()

    def shown(run: Assessment) -> None:
        for _ in screen.shown(run, quiet=False):
            pass

    def told(text: str) -> None:
        console.print(f"[dim]…[/] {text}")

    prepare(out, seed=seed, told=told)
    proven = prove(out, seed=seed, told=told)
    _show_proof(proven)
    cleansed = cleanse(out, seed=seed, told=told, shown=lambda _: None)
    _show_cleansed(cleansed)
    cores = workers or os.cpu_count() or 1
    done = demonstrate(out, seed=seed, profile=str(profile), workers=cores, told=told, shown=shown)
    for one in done:
        screen.summary(one.result.report)
    shipped = ship(out, seed=seed, profile=str(profile), workers=cores, told=told, shown=shown)
    _show_shipped(shipped)
    reviewed = review(out, told=told)
    _show_reviewed(reviewed)
    screen.out().print("")
    screen.out().print(f"report on the data: {proven.report}", markup=False)
    screen.out().print(f"report on the poisoned data: {cleansed.report}", markup=False)
    for one in done:
        screen.out().print(f"report on {one.model}: {one.report}", markup=False)
    screen.out().print(f"report on its admission: {out / 'admission'}/report.html", markup=False)
    screen.out().print(f"threats of the system: {reviewed.page}", markup=False)
    screen.out().print(f"pack of evidence: {reviewed.pack}", markup=False)
    screen.out().print(f"go on with: cd {out} && bartizan assess --help", markup=False)
    return exit.PASS


def _show_proof(proven: Proven) -> None:
    """The check, and the altered row."""
    screen.summary(proven.checked.report)
    ledger_verify.show(proven.whole)
    screen.out().print(f"\nrow {proven.row} of the copy costs a cent more:", markup=False)
    for looked in proven.altered.looked:
        if not looked.held:
            ledger_verify.show_one(looked)


def _show_cleansed(cleansed: Cleansed) -> None:
    """What was found of the ring's mark, and what cleaning gained."""
    screen.summary(cleansed.checked.report)
    cleaned = cleansed.cleaned
    screen.summary(cleaned.report)
    screen.out().print(
        f"{cleansed.hit} of the {cleansed.planted} rows that the ring planted left, and "
        f"{cleaned.taken - cleansed.hit} others:",
        markup=False,
    )
    for line in data_clean.measured(cleaned):
        screen.out().print(line, markup=False)


def _show_reviewed(reviewed: Reviewed) -> None:
    """The system, where its threats are, and which of them this run has moved."""
    model = reviewed.model
    moved = [one for one in model.threats if one.proofs]
    lines = [
        "",
        f"{model.system.system.name}: {counted(len(model.threats), 'threat')}",
        *threat_model.landscape(model),
        *threat_model.matrix(model),
        "what this run has found of them:",
        *(
            f"  {one.title}: {one.inherent.priority} ({one.inherent.product}) -> "
            f"{one.residual.priority} ({one.residual.product})"
            for one in moved
        ),
        "",
        *(
            f"{one.title}: evidence for {one.counted('evidence present')} of "
            f"{len(one.counted_clauses) - one.counted('not applicable')} clauses, against "
            f"{one.counted('evidence failing')}"
            for one in reviewed.clauses.frameworks
        ),
        (
            f"{reviewed.pack.name} holds: {reviewed.checked.facts:,} facts proven to stand in the "
            f"ledger, {reviewed.checked.evidence:,} records of evidence"
        ),
    ]
    for line in lines:
        screen.out().print(line, markup=False)


def _show_shipped(shipped: Shipped) -> None:
    """From a model that was assessed to one that may be served."""
    said, place = shipped.signature.statement, shipped.admitted.place
    lines = [
        "",
        shipped.scanned.report.headline,
        f"signed: {said.name}, root {said.manifest.root}",
        f"sealed: {shipped.sealed.path.name}, {shipped.sealed.size_bytes:,} bytes",
        shipped.refused.report.headline,
        shipped.admitted.report.headline,
    ]
    if place is not None:
        lines.append(f"entry {place.index:,} of the ledger says so")
    lines += ["with another model in its place:", shipped.swapped.report.headline]
    for line in lines:
        screen.out().print(line, markup=False)
