"""Flags that say what signs a document about a model."""

from typing import Annotated, TypeAlias

import typer

from bartizan.cli import keys
from bartizan.crypto.key_file import read_secret
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.signing.signing import Pen

Key: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="Sign with this private key (PEM; P-256, P-384 or P-521): a path, file:PATH or "
        "env:NAME.",
    ),
]


def pen(key: str | None, *, passphrase: str | None) -> Pen | None:
    """What signs; none if no key was named.

    Raises:
        UsageError: there is no such key.
        TrustError: others can read the key.
        InputError: it is no key that signs models, or the passphrase does not open it.
    """
    if key is None:
        return None
    reference = key if key.startswith(("env:", "file:")) else f"file:{key}"
    words = None if passphrase is None else keys.passphrase_from(passphrase, twice=False)
    pem = read_secret(reference).encode()
    return Pen(key=SigningKey.of_pem(pem, passphrase=words, where=reference))
