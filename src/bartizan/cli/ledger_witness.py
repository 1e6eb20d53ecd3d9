"""`bartizan ledger witness`: vouch for other people's logs, over HTTP or by files."""

import signal
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bartizan.cli import screen
from bartizan.cli.ledger_place import (
    HOME,
    AsJson,
    Home,
    Logs,
    LogsFile,
    Name,
    keys_of,
    read_file,
    tell,
)
from bartizan.core.errors import LedgerError, OutputError, UsageError
from bartizan.crypto.safe_file import create, replace
from bartizan.ledger.submission import SUBMISSION_BYTES, parse_submission
from bartizan.ledger.witness import SIZE, Answer, Witness
from bartizan.ledger.witness_home import open_witness
from bartizan.ledger.witness_server import WitnessServer

NAME = "witness"
HELP = (
    "Be a witness: cosign checkpoints of other people's logs, each only if it continues the one "
    "before. Whoever runs a log cannot be its witness."
)
EPILOG = (
    "Example: bartizan ledger witness serve --name witness.example/w1 --policy logs.txt\n\n"
    "Example: bartizan ledger witness sign request.txt --policy logs.txt\n\n"
    "Exit codes: 0 done (a server: stopped), 2 bad input, place taken or disk full, 4 a key that "
    "others can read, damaged memory, or a log that shows two histories"
)
group = typer.Typer(
    name=NAME, help=HELP, epilog=EPILOG, no_args_is_help=True, rich_markup_mode="rich"
)

MlDsa = Annotated[bool, typer.Option("--ml-dsa", help="Sign with ML-DSA-44 too.")]


@group.command(
    "serve",
    help="Answer submissions over HTTP until Ctrl-C; the keys are made on first use.",
    epilog="Example: bartizan ledger witness serve --name witness.example/w1 --policy logs.txt",
)
def serve(
    *,
    home: Home = HOME,
    name: Name = "",
    log: Logs = None,
    policy: LogsFile = None,
    ml_dsa: MlDsa = False,
    host: Annotated[str, typer.Option(help="Where to listen; TLS is a proxy's job.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 = a free one.")] = 7380,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not tell each request.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve until somebody stops it."""
    console = screen.err()

    def say(line: str) -> None:
        console.print(line, markup=False)

    witness = open_witness(
        home, name=name, logs=keys_of(log, policy=policy), ml_dsa=ml_dsa, tell=say
    )
    quietly = (lambda _: None) if quiet else say
    with WitnessServer(witness, host=host, port=port, tell=quietly) as server:
        facts = {"url": server.url, "logs": sorted(witness.logs), "keys": _keys(witness)}
        tell([f"listening on {server.url}", *_shown(witness)], facts=facts, as_json=as_json)
        signal.signal(signal.SIGTERM, _stop)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("stopped")


@group.command(
    "sign",
    help="Answer one submission in a file, on a machine without a network.",
    epilog=(
        "Example: bartizan ledger witness sign request.txt --policy logs.txt\n\n"
        "The files hold the same bytes as the bodies over HTTP; `bartizan ledger cosign` makes "
        "requests and takes answers."
    ),
)
def sign(
    request: Annotated[Path, typer.Argument(help="What `ledger cosign --request` wrote.")],
    *,
    home: Home = HOME,
    name: Name = "",
    log: Logs = None,
    policy: LogsFile = None,
    ml_dsa: MlDsa = False,
    out: Annotated[Path | None, typer.Option(help="Default: the request's name + .answer.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing answer.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer one file."""
    place = out or request.with_name(f"{request.name}.answer")
    if place.exists() and not force:
        message = f"{place} exists already; --force overwrites it"
        raise OutputError(message)
    raw = read_file(request, limit=SUBMISSION_BYTES, what="a submission")
    wrong: list[str] = []
    witness = open_witness(
        home, name=name, logs=keys_of(log, policy=policy), ml_dsa=ml_dsa, tell=wrong.append
    )
    answer = witness.add_checkpoint(raw)
    if answer.status != 200:
        _refuse(answer, raw=raw, wrong=wrong)
    (replace if force else create)(place, answer.body)
    facts = {"answer": str(place), "keys": _keys(witness)}
    tell([f"cosigned: {place}", *_shown(witness)], facts=facts, as_json=as_json)


def _refuse(answer: Answer, *, raw: bytes, wrong: list[str]) -> NoReturn:
    """Say in words, and by the kind of error, what a status says over HTTP."""
    if wrong:
        raise (LedgerError if answer.status == 500 else UsageError)(wrong[-1])
    if answer.content_type == SIZE:
        if answer.words == str(parse_submission(raw).old):
            message = (
                f"the log shows two histories of {answer.words} entries under its key; the "
                "evidence is in the witness's folder"
            )
            raise LedgerError(message)
        message = (
            f"the witness is at {answer.words} entries; make the request again, from there: "
            f"bartizan ledger cosign --request ... --old {answer.words}"
        )
        raise UsageError(message)
    raise (LedgerError if answer.status in (403, 422) else UsageError)(answer.words)


def _keys(witness: Witness) -> list[str]:
    return [key.verifier_key.text() for key in witness.keys]


def _shown(witness: Witness) -> list[str]:
    return [
        *(f"log: {origin}" for origin in sorted(witness.logs)),
        *(f"key, for the policies of others: {key}" for key in _keys(witness)),
    ]


def _stop(*_: Any) -> NoReturn:
    """What a service's supervisor sends is what a person's Ctrl-C is."""
    raise KeyboardInterrupt
