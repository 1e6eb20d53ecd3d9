"""`bartizan ledger verify`: is everything still what it was?"""

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from bartizan.cli import data_options, exit, options  # noqa: A004
from bartizan.cli.ledger_place import (
    ROOTS_BYTES,
    AsJson,
    policy_of,
    project_of,
    read_file,
    tell,
)
from bartizan.config import Config
from bartizan.core.errors import LedgerError, UsageError
from bartizan.ledger.anchor import Anchor
from bartizan.ledger.anchor_timestamp import TimestampAnchor
from bartizan.ledger.policy import Policy, parse_policy
from bartizan.ledger.proof import PROOF_BYTES
from bartizan.ledger.statement import statement
from bartizan.ledger.verifier_key import VerifierKey, parse_verifier_key
from bartizan.workspace import LedgerReport, Looked, Shown, Workspace, ledger_settings, shown

NAME = "verify"
HELP = (
    "Hash the whole log anew, check its signatures and witnesses, the evidence behind every "
    "finding, and every row of registered data; or check a proof file. Needs no network."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan ledger verify   (with a bartizan.toml: its data sets are compared row by row)\n\n"
    "bartizan ledger verify --data month.csv --name month\n\n"
    "bartizan ledger verify --proof row-12.proof --key 'bank.example/fraud+1a2b3c4d+AZ...'\n\n"
    "Exit codes: 0 everything holds, 2 usage or bad input, 4 something was altered."
)

_SHOWN = 20
"""Row ids that a person reads; --json has all."""


def command(
    *,
    data: data_options.Data = None,
    name: Annotated[
        str | None, typer.Option(help="The registered data set that --data is now.")
    ] = None,
    proof: Annotated[
        Path | None, typer.Option(help="A file of `bartizan ledger prove`; nothing else is needed.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The log's verifier key, known from elsewhere.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file: which witnesses must have signed.")
    ] = None,
    max_age: Annotated[
        float | None, typer.Option(min=0, help="Hours since witnesses last saw the log.")
    ] = None,
    roots: Annotated[
        Path | None,
        typer.Option(help="Root certificates (PEM): time stamps beside the log are checked too."),
    ] = None,
    project: data_options.Project = None,
    workspace: options.Place = None,
    as_json: AsJson = False,
) -> int:
    """Verify everything, or one proof."""
    config, folder = project_of(project)
    known = None if key is None else parse_verifier_key(key)
    rules = _policy(policy, config, folder)
    age_s = _age(max_age, config)
    if proof is not None:
        return _verify_proof(proof, key=known, policy=rules, max_age_s=age_s, as_json=as_json)
    place = workspace or folder / ".bartizan"
    with Workspace(place, ledger=ledger_settings(config)) as ws:
        report = ws.verify_ledger(
            _places(data, name, config, folder),
            key=known,
            policy=rules,
            max_age_s=age_s,
            anchors=_anchors(roots),
        )
    show(report, as_json=as_json)
    return exit.PASS if report.held else exit.TRUST


def _policy(path: Path | None, config: Config | None, folder: Path) -> Policy | None:
    if path is None and config is not None and config.ledger.policy is not None:
        path = folder / config.ledger.policy
    return None if path is None else policy_of(path)


def _age(hours: float | None, config: Config | None) -> float | None:
    if hours is None and config is not None:
        hours = config.ledger.max_age_h
    return None if hours is None else hours * 3600


def _anchors(roots: Path | None) -> dict[str, Anchor]:
    if roots is None:
        return {}
    raw = read_file(roots, limit=ROOTS_BYTES, what="the certificates")
    return {"rfc3161": TimestampAnchor(roots=raw)}


def _places(
    data: str | None, name: str | None, config: Config | None, folder: Path
) -> dict[str, Any]:
    """Where the rows of registered data sets are now.

    Raises:
        UsageError: a file without a name, or a name without a file.
    """
    if (data is None) != (name is None):
        message = "--data and --name belong together: which registered data set is that file?"
        raise UsageError(message)
    places = {} if config is None else {one.name: folder / one.path for one in config.data}
    return places if data is None or name is None else {**places, name: Path(data)}


def show(report: LedgerReport, *, as_json: bool = False) -> None:
    """Print what was seen."""
    lines = [line for one in report.looked for line in _lines(one)]
    tell([*lines, *report.guarantees], facts=msgspec.to_builtins(report), as_json=as_json)


def show_one(looked: Looked) -> None:
    """Print one thing that was looked at."""
    tell(_lines(looked), facts=msgspec.to_builtins(looked), as_json=False)


def _lines(one: Looked) -> list[str]:
    lines = [f"{'holds  ' if one.held else 'ALTERED'} {one.what}: {one.told}"]
    if one.rows:
        more = f" and {len(one.rows) - _SHOWN:,} more" if len(one.rows) > _SHOWN else ""
        ids = ", ".join(str(row) for row in one.rows[:_SHOWN])
        lines.append(f"        rows that are not what they were: {ids}{more}")
    return lines


def _verify_proof(
    path: Path,
    *,
    key: VerifierKey | None,
    policy: Policy | None,
    max_age_s: float | None,
    as_json: bool,
) -> int:
    """Check one proof file.

    Raises:
        UsageError: nobody said which key to believe.
        LedgerError: it does not hold.
    """
    if policy is None:
        if key is None:
            message = (
                "whose log is it? Give its verifier key with --key, or a policy with --policy; "
                "a key that came with the proof would prove nothing"
            )
            raise UsageError(message)
        policy = parse_policy(f"log {key.text()}\nquorum none\n".encode())
    raw, now = read_file(path, limit=PROOF_BYTES, what="the proof"), time.time()
    try:
        found = shown(raw, policy=policy, now=now, max_age_s=max_age_s)
    except LedgerError as error:
        message = f"{path} does not hold: {error}"
        raise LedgerError(message) from error
    sentences = statement(found.trusted, now=now)
    tell([*_told(found), *sentences], facts=_facts(found, sentences), as_json=as_json)
    return exit.PASS


def _told(found: Shown) -> list[str]:
    """What a proof shows, for a person."""
    if found.fact is None or found.values is None:
        return [f"holds   entry: {found.entry.decode(errors='replace')}"]
    fact = found.fact
    head = (
        f"holds   row {found.row} of {fact.data}, version {fact.version}, registered "
        f"{fact.when} by {fact.by}"
    )
    return [head, *(f"        {name} = {value}" for name, value in found.values.items())]


def _facts(found: Shown, sentences: tuple[str, ...]) -> dict[str, Any]:
    return {
        "held": True,
        "entry": msgspec.Raw(found.entry),
        "row": found.row,
        "values": None if found.values is None else {k: str(v) for k, v in found.values.items()},
        "guarantees": list(sentences),
    }
