"""The `bartizan` command."""

import sys
from types import ModuleType
from typing import Annotated

import typer

import bartizan
from bartizan.cli import (
    assess,
    catalog,
    comply_documents,
    comply_gate,
    comply_pack,
    comply_report,
    comply_sign_off,
    comply_verify,
    data_check,
    data_clean,
    data_erase,
    data_key,
    data_open,
    data_register,
    data_rotate,
    data_seal,
    demo,
    doctor,
    init,
    ledger_anchor,
    ledger_cosign,
    ledger_evidence,
    ledger_prove,
    ledger_verify,
    ledger_witness,
    supply_admit,
    supply_bom,
    supply_key,
    supply_open,
    supply_provenance,
    supply_scan,
    supply_seal,
    supply_sign,
    supply_verify,
    threat_diff,
    threat_model,
)
from bartizan.cli.first_verb import group_of
from bartizan.cli.light import LIGHT
from bartizan.cli.running import code_of

app = typer.Typer(
    name="bartizan",
    help="Security for predictive machine learning: attack the model, judge it, keep the evidence.",
    epilog="Example: bartizan demo   (then: bartizan init, bartizan assess)",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature of a typer callback
    if wanted:
        print(f"bartizan {bartizan.__version__}")  # noqa: T201
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and exit.")
    ] = False,
) -> None:
    """Attack the model, judge it, keep the evidence."""


def _add(group: typer.Typer, verbs: tuple[ModuleType, ...]) -> None:
    for verb in verbs:
        group.command(verb.NAME, help=verb.HELP, epilog=verb.EPILOG)(verb.command)


def _group(
    name: str, *, about: str, verbs: tuple[ModuleType, ...], first: bool = False
) -> typer.Typer:
    """A group of verbs; `first` = its bare name does what its first verb does."""
    group = group_of(about, first=first)
    _add(group, verbs)
    app.add_typer(group, name=name)
    return group


_add(app, (init, assess, catalog, demo, doctor))
_group("threat", about=LIGHT["threat"].about, verbs=(threat_model, threat_diff), first=True)
_group(
    "data",
    about="Is the data sound, and is it the data we think it is?",
    verbs=(
        data_check,
        data_clean,
        data_register,
        data_erase,
        data_key,
        data_seal,
        data_open,
        data_rotate,
    ),
)
_group(
    "supply",
    about=LIGHT["supply"].about,
    verbs=(
        supply_scan,
        supply_key,
        supply_sign,
        supply_verify,
        supply_seal,
        supply_open,
        supply_bom,
        supply_provenance,
        supply_admit,
    ),
)
_group(
    "comply",
    about="What shows all of this to somebody who was not there?",
    verbs=(
        comply_report,
        comply_gate,
        comply_documents,
        comply_pack,
        comply_verify,
        comply_sign_off,
    ),
    first=True,
)
_ledger = _group(
    "ledger",
    about="What was written once can be proven, and cannot be altered unnoticed.",
    verbs=(ledger_verify, ledger_prove, ledger_cosign, ledger_anchor, ledger_evidence),
)
_ledger.add_typer(ledger_witness.group)


def run() -> None:
    """Run the command; every end has its exit code."""
    sys.exit(code_of(app))


if __name__ == "__main__":
    run()
