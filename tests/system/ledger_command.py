"""The commands around the ledger under `bartizan ledger`, and nothing else."""

import typer

from bartizan.cli import ledger_anchor, ledger_cosign, ledger_evidence, ledger_witness, main


def wired() -> typer.Typer:
    """A command line with `ledger anchor|cosign|evidence|witness`."""
    app, ledger = typer.Typer(no_args_is_help=True), typer.Typer()
    for verb in (ledger_anchor, ledger_cosign, ledger_evidence):
        ledger.command(verb.NAME, help=verb.HELP, epilog=verb.EPILOG)(verb.command)
    ledger.add_typer(ledger_witness.group)
    app.add_typer(ledger, name="ledger")
    return app


if __name__ == "__main__":
    main.app = wired()
    main.run()
