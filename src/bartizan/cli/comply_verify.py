"""`bartizan comply verify`: does a pack of evidence hold?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli.ledger_place import AsJson, read_file, tell
from bartizan.comply.pack.checking import Checked, checked
from bartizan.comply.pack.places import opened
from bartizan.comply.pack.signature import Key, key_of
from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.ledger.verifier_key import parse_verifier_key

NAME = "verify"
HELP = (
    "Check a pack of evidence offline: who signed it, that no byte of it was changed, that every "
    "fact stands in the log, and that evidence and report say what the log says."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan comply verify evidence.tar --key audit.pem.pub\n\n"
    "bartizan comply verify evidence.tar --key 'bank.example/log+c2bd8a22+AR7...'\n\n"
    "Nothing is written to the disk. Exit codes: 0 it holds, 2 usage, 4 it does not."
)
_KEY_BYTES = 1 << 16
"""Of a file with a public key: some hundreds."""


def command(
    pack: Annotated[Path, typer.Argument(help="The archive, or a folder with the same files.")],
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(
            help="Who may sign: a file with a public key (PEM), or a verifier key. Repeatable. "
            "Without it, whoever signed is shown, and nobody vouches for them."
        ),
    ] = None,
    log: Annotated[
        str | None, typer.Option(help="Verifier key of the ledger, as you know it from elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check one pack."""
    with _named("--key"):
        keys = [_key(one) for one in key or ()]
    with _named("--log"):
        known = None if log is None else parse_verifier_key(log)
    with opened(pack) as members:
        found = checked(members, keys=keys, log=known)
    tell(_lines(pack, found), facts=_facts(found), as_json=as_json)


@contextmanager
def _named(flag: str) -> Iterator[None]:
    """A key that is none is a mistake of whoever names it, and says nothing of the pack."""
    try:
        yield
    except (LedgerError, InputError) as error:
        message = f"{flag}: {error}; no pack was looked at"
        raise UsageError(message) from error


def _key(said: str) -> Key:
    if "+" in said and not Path(said).exists():
        return parse_verifier_key(said)
    raw = read_file(Path(said), limit=_KEY_BYTES, what="the key")
    return key_of(raw.decode("utf-8", "replace"))


def _lines(pack: Path, found: Checked) -> list[str]:
    manifest = found.manifest
    lines = [
        (
            f"{pack}: holds. Evidence of {manifest.project} as of {manifest.day}, "
            f"{found.files:,} files, each is what was signed"
        ),
        f"signer    {found.signer}",
    ]
    if not found.vouched:
        lines.append(
            "NOT KNOWN: this key came with the pack, so anybody may have made it; compare it with "
            "the one that its owner gives you, or name it with --key"
        )
    if found.origin:
        lines += [
            f"log       {found.origin}, {found.entries:,} entries",
            f"facts     {found.facts:,} proven to stand in the log",
            (
                f"evidence  {found.evidence:,} records that facts name; {found.missing:,} more are "
                "named and not here"
            ),
            f"report    {found.grounded:,} findings that it rests on stand in the log",
        ]
    else:
        lines.append("log       none: nothing shows when anything was found")
    lines.append(
        f"policies  {found.policies:,} texts, {found.signed_off:,} signed off word for word"
    )
    return lines


def _facts(found: Checked) -> dict[str, object]:
    return {
        "project": found.manifest.project,
        "day": found.manifest.day,
        "files": found.files,
        "signer": found.signer,
        "signer_known": found.vouched,
        "log": found.origin or None,
        "entries": found.entries,
        "facts": found.facts,
        "evidence": found.evidence,
        "evidence_missing": found.missing,
        "findings_in_log": found.grounded,
        "policies": found.policies,
        "policies_signed_off": found.signed_off,
    }
