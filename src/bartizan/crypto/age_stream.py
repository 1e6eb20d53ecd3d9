"""From one stream to another, through age; what goes wrong is one of our errors."""

from collections.abc import Callable

import pyrage

from bartizan.core.errors import InputError
from bartizan.crypto import passphrase_stream
from bartizan.crypto.age_header import Header, Readable, changed
from bartizan.crypto.identity import Key, Lock, Passphrase
from bartizan.crypto.pipe import Writable

_ALIEN = "No matching keys found"
"""What pyrage says of a file that is for others."""
_REFUSALS = (pyrage.EncryptError, pyrage.DecryptError, OSError)
"""What pyrage raises on its own account; OSError for a part that is not genuine."""


def encrypt(reader: Readable, writer: Writable, *, lock: Lock) -> None:
    """Seal everything that `reader` gives.

    Raises:
        InputError: the file could not be sealed to these recipients.
    """
    if isinstance(lock, Passphrase):
        passphrase_stream.encrypt(reader, writer, passphrase=lock)
        return
    ends = _Ends(reader, writer)
    error = ends.refused(lambda: pyrage.encrypt_io(ends, ends, list(lock.keys)))
    if error is not None:
        message = f"cannot seal to these recipients: {error}"
        raise InputError(message) from error


def decrypt(reader: Readable, writer: Writable, *, key: Key, header: Header, name: str) -> None:
    """Open everything that `reader` gives; what was written is worth nothing before this returns.

    Args:
        reader: An age file, at its start.
        writer: Takes the content.
        key: Identities, or the passphrase.
        header: Of the same file.
        name: For messages.

    Raises:
        InputError: the key does not open this file.
        TrustError: the file was changed or cut off.
    """
    _refuse_other_kind(key, header=header, name=name)
    if isinstance(key, Passphrase):
        passphrase_stream.decrypt(reader, writer, passphrase=key, header=header, name=name)
        return
    ends = _Ends(reader, writer)
    error = ends.refused(lambda: pyrage.decrypt_io(ends, ends, list(key.keys)))
    if error is None:
        return
    if str(error) != _ALIEN:
        raise changed(name) from error
    message = (
        f"{name}: none of these identities is among the recipients of this file; "
        "nothing was written"
    )
    raise InputError(message) from error


def _refuse_other_kind(key: Key, *, header: Header, name: str) -> None:
    """Refuse an identity where a passphrase is asked for, and the other way round."""
    if header.by_passphrase == isinstance(key, Passphrase):
        return
    there, here = ("a passphrase", "an identity")
    if not header.by_passphrase:
        there, here = "recipients", "a passphrase"
    message = f"{name}: this file was sealed with {there}; {here} does not open it"
    raise InputError(message)


class _Ends:
    """Both ends of a call to pyrage, which swallows what they raise."""

    def __init__(self, reader: Readable, writer: Writable) -> None:
        self._reader = reader
        self._writer = writer
        self._error: BaseException | None = None

    def refused(self, call: Callable[[], object]) -> Exception | None:
        """Make the call; return what pyrage has against it, raise what an end raised."""
        try:
            call()
        except BaseException as error:
            if self._error is not None:
                raise self._error from None
            if not isinstance(error, _REFUSALS):
                raise
            if KeyboardInterrupt.__name__ in str(error):  # Ctrl-C met an end before it could tell
                raise KeyboardInterrupt from error
            return error
        return None

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the source."""
        try:
            return self._reader.read(size)
        except BaseException as error:
            self._error = error
            raise

    def write(self, part: bytes) -> int:
        """The next bytes of the result."""
        try:
            return self._writer.write(part)
        except BaseException as error:
            self._error = error
            raise

    def flush(self) -> None:
        """Pass on what is held back; nothing is, the caller does it at the end."""
