"""Flags that say what signs a document about a model."""

from typing import Annotated, TypeAlias

import typer

from bartizan.crypto.identity import passphrase_of
from bartizan.crypto.key_file import read_secret
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.signing.signing import Pen

Key: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="Sign with this private key (PEM; P-256, P-384 or P-521): file:PATH or env:NAME.",
    ),
]
KeyPassphrase: TypeAlias = Annotated[
    str | None,
    typer.Option("--passphrase", help="Where the key's passphrase is: file:PATH or env:NAME."),
]


def pen(key: str | None, *, passphrase: str | None) -> Pen | None:
    """What signs; none if no key was named.

    Raises:
        UsageError: the reference is none, or leads nowhere.
        TrustError: others can read the key.
        InputError: it is no such key.
    """
    if key is None:
        return None
    secret = None if passphrase is None else passphrase_of(passphrase)
    return Pen(key=SigningKey.of_pem(read_secret(key).encode(), passphrase=secret, where=key))
