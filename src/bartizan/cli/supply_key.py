"""`bartizan supply key`: make a key that signs models."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import keys
from bartizan.cli.ledger_place import AsJson, tell

NAME = "key"
HELP = (
    "Make a key that signs models: OUT holds the private half, for its owner alone, and OUT.pub "
    "the public half, for everybody who verifies."
)
EPILOG = (
    "Example: bartizan supply key --out ~/keys/release.pem\n\n"
    "Example: bartizan supply key --out release.pem --passphrase ask\n\n"
    "A key of openssl serves as well: openssl genpkey -algorithm EC -pkeyopt "
    "ec_paramgen_curve:P-256\n\n"
    "Exit codes: 0 done, 2 a file exists or cannot be written"
)


class CurveName(StrEnum):
    """The keys of `CURVES`."""

    P256 = "P-256"
    P384 = "P-384"
    P521 = "P-521"


def command(
    *,
    out: Annotated[Path, typer.Option(help="The private key; never overwritten.")],
    curve: Annotated[CurveName, typer.Option(help="Curve.")] = CurveName.P256,
    passphrase: keys.PassphraseFrom = None,
    as_json: AsJson = False,
) -> None:
    """Write both halves of a new key."""
    from bartizan.crypto.key_file import read_key_file  # noqa: PLC0415 (slow to import)
    from bartizan.crypto.oms.ec_key import SigningKey  # noqa: PLC0415 (slow to import)
    from bartizan.crypto.safe_file import PRIVATE, create  # noqa: PLC0415 (slow to import)

    words = None if passphrase is None else keys.passphrase_from(passphrase, twice=True)
    key, public = SigningKey.new(curve.value), out.with_name(f"{out.name}.pub")
    create(public, key.public.pem)
    try:
        create(out, key.pem(words), mode=PRIVATE)
        read_key_file(out)  # as it will be read: a file system without modes would let all read it
    except BaseException:
        public.unlink(missing_ok=True)
        raise
    facts = {"private": str(out), "public": str(public), "fingerprint": key.public.fingerprint}
    tell([f"{name:<11} {value}" for name, value in facts.items()], facts=facts, as_json=as_json)
