"""What signs a model, or a document about one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from bartizan.cli import keys, supply_options

if TYPE_CHECKING:
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
        UsageError, TrustError, InputError: as for `pen_of_key`.
    """
    return None if key is None else pen_of_key(key, passphrase=passphrase)


def pen_of_key(key: str, *, passphrase: str | None, certificate: Path | None = None) -> Pen:
    """What signs.

    Args:
        key: Where the private key is: a path, ``file:PATH`` or ``env:NAME``.
        passphrase: Where its passphrase is; none = it is not encrypted.
        certificate: A file with the key's own certificate, then its issuer's, and so on; none =
            the bare key signs.

    Raises:
        UsageError: there is no such key.
        TrustError: others can read the key, or the certificate is not valid now.
        InputError: it is no key that signs models, the passphrase does not open it, or the
            certificates are those of another key.
    """
    from bartizan.crypto.key_file import read_secret  # noqa: PLC0415 (slow to import)
    from bartizan.crypto.oms.ec_key import SigningKey  # noqa: PLC0415 (slow to import)
    from bartizan.supply.signing.signing import Pen, pen_of  # noqa: PLC0415 (slow to import)

    reference = key if key.startswith(("env:", "file:")) else f"file:{key}"
    words = None if passphrase is None else keys.passphrase_from(passphrase, twice=False)
    pem = read_secret(reference).encode()
    found = SigningKey.of_pem(pem, passphrase=words, where=reference)
    if certificate is None:
        return Pen(key=found)
    chain = supply_options.pem_of(certificate, what="the certificates")
    return pen_of(found, certificates=chain, where=str(certificate), now=datetime.now(UTC))
