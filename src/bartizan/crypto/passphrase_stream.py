"""age files under a passphrase, as a stream.

pyrage reads and writes such files in memory only, so the little that is needed stands here, over
the primitives of `cryptography`. Files are exchanged with pyrage and with `age` in the tests.

Source: the age format, https://c2sp.org/age: "scrypt recipient stanza", "Header MAC", "Payload".
"""

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bartizan.core.errors import InputError
from bartizan.crypto.age_header import Header, Readable, changed
from bartizan.crypto.identity import Passphrase
from bartizan.crypto.pipe import Writable

WORK = 18
"""Binary logarithm of scrypt's cost: 256 MiB and about a second, as the `age` command takes."""
MAX_WORK = 20
"""1 GiB: a hostile file asks for more in order to stop the machine."""
_CHUNK = 64 * 1024
_TAG = 16
"""Bytes that authenticate a chunk."""
_SALT_LABEL = b"age-encryption.org/v1/scrypt"
_ZERO_NONCE = bytes(12)
"""Each wrapping key is used once."""


def encrypt(
    reader: Readable,
    writer: Writable,
    *,
    passphrase: Passphrase,
    random: Callable[[int], bytes] = os.urandom,
    work: int = WORK,
) -> None:
    """Seal everything that `reader` gives.

    Cost: about a second and 256 MiB for the passphrase, then 64 KiB whatever the length.
    """
    file_key, salt = random(16), random(16)
    wrap = ChaCha20Poly1305(_stretched(passphrase, salt=salt, work=work))
    body = _base64(wrap.encrypt(_ZERO_NONCE, file_key, None))
    stanza = b"-> scrypt %s %d\n%s\n" % (_base64(salt), work, body)
    signed = b"age-encryption.org/v1\n" + stanza + b"---"
    nonce = random(16)
    writer.write(signed + b" " + _base64(_mac(file_key, signed)) + b"\n" + nonce)
    cipher = ChaCha20Poly1305(_derived(file_key, salt=nonce, info=b"payload"))
    for count, (chunk, last) in enumerate(_chunks(reader, size=_CHUNK)):
        writer.write(cipher.encrypt(_nonce(count, last=last), chunk, None))


def decrypt(
    reader: Readable,
    writer: Writable,
    *,
    passphrase: Passphrase,
    header: Header,
    name: str,
    max_work: int = MAX_WORK,
) -> None:
    """Open everything that `reader`, at its start, gives.

    What `writer` has got is worth nothing before this returns.

    Raises:
        InputError: the passphrase is wrong, or the file asks for too much work.
        TrustError: the file was changed or cut off.
    """
    file_key = _file_key(header, passphrase=passphrase, name=name, max_work=max_work)
    if not hmac.compare_digest(_base64(_mac(file_key, header.signed)), header.mac):
        raise changed(name)
    reader.seek(header.size_bytes)
    nonce = reader.read(16)
    cipher = ChaCha20Poly1305(_derived(file_key, salt=nonce, info=b"payload"))
    try:
        for count, (chunk, last) in enumerate(_chunks(reader, size=_CHUNK + _TAG)):
            text = cipher.decrypt(_nonce(count, last=last), chunk, None)
            if count and not text:
                raise changed(name)  # only a file without content may end in an empty chunk
            writer.write(text)
    except InvalidTag as error:
        raise changed(name) from error


def _file_key(header: Header, *, passphrase: Passphrase, name: str, max_work: int) -> bytes:
    words = header.stanzas[0]
    salt = _unbase64(words[1], name=name) if len(words) == 3 else b""
    body = _unbase64(header.bodies[0], name=name)
    digits = words[-1]
    usual = digits.isdecimal() and not digits.startswith("0") and len(digits) < 3
    if len(header.stanzas) != 1 or len(salt) != 16 or len(body) != 16 + _TAG or not usual:
        raise changed(name)  # "there MUST be no other stanza"
    if int(digits) > max_work:
        message = (
            f"{name}: this file asks for 2^{digits} units of work for its passphrase, more than "
            f"2^{max_work}; open it with the age command if you trust it"
        )
        raise InputError(message)
    wrap = ChaCha20Poly1305(_stretched(passphrase, salt=salt, work=int(digits)))
    try:
        return wrap.decrypt(_ZERO_NONCE, body, None)
    except InvalidTag as error:
        message = f"{name}: the passphrase does not open this file; nothing was written"
        raise InputError(message) from error


def _stretched(passphrase: Passphrase, *, salt: bytes, work: int) -> bytes:
    scrypt = Scrypt(salt=_SALT_LABEL + salt, length=32, n=1 << work, r=8, p=1)
    return scrypt.derive(passphrase.secret.encode())


def _derived(key: bytes, *, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)


def _mac(file_key: bytes, signed: bytes) -> bytes:
    return hmac.digest(_derived(file_key, salt=None, info=b"header"), signed, "sha256")


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])


def _chunks(reader: Readable, *, size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of one size and whether each is the last; an empty stream is one empty piece."""
    piece = _filled(reader, size)
    while True:
        following = _filled(reader, size) if len(piece) == size else b""
        yield piece, not following
        if not following:
            return
        piece = following


def _filled(reader: Readable, size: int) -> bytes:
    """As many bytes as asked for, unless the end comes first; a pipe gives fewer at a time."""
    parts = []
    while size and (part := reader.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _base64(raw: bytes) -> bytes:
    return b64encode(raw).rstrip(b"=")


def _unbase64(text: str | bytes, *, name: str) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    try:
        found = b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except ValueError as error:
        raise changed(name) from error
    if _base64(found) != raw:
        raise changed(name)  # another spelling of the same bytes
    return found
