"""The keys of a workspace's log: the one that signs, and the one that it is known by."""

from collections.abc import Callable
from pathlib import Path

from bartizan.core.errors import ConfigError, LedgerError, OutputError
from bartizan.crypto.safe_file import create
from bartizan.ledger.signing_key import (
    SigningKey,
    generate_signing_key,
    load_signing_key,
    write_signing_key,
)
from bartizan.ledger.verifier_key import VerifierKey, parse_verifier_key

SECRET, PUBLIC = "ledger.key", "ledger.pub"


class LedgerKeys:
    """Where the keys are, and whether they belong together."""

    def __init__(
        self, log: Path, *, origin: str, named: str | None, begun: Callable[[], bool]
    ) -> None:
        """Make nothing yet.

        Args:
            log: The log's folder; the keys lie beside it.
            origin: Name of the log.
            named: Where the project says its key is, ``env:NAME`` or ``file:PATH``; none = the
                workspace has a key of its own, made with the log.
            begun: Whether the log holds a fact. Another process may begin it at any time.
        """
        self._log, self._origin, self._named, self._begun = log, origin, named, begun
        self._secret, self._public = log.parent / SECRET, log.parent / PUBLIC

    @property
    def there(self) -> bool:
        """Whether a key was made, or is named by the project."""
        return self._named is not None or self._secret.exists()

    def public(self) -> VerifierKey:
        """The key that this workspace knows its log by.

        Raises:
            LedgerError: there is none, or it was altered.
        """
        try:
            return parse_verifier_key(self._public.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError, LedgerError) as error:
            why = (error.strerror or error) if isinstance(error, OSError) else error
            message = (
                f"cannot read {self._public}, the key to check the log with ({why}); restore the "
                "file from a copy, or write the log's verifier key into it, the one line that you "
                "know it by from elsewhere"
            )
            raise LedgerError(message) from error

    def loaded(self) -> SigningKey:
        """The key that signs, as it is.

        Raises:
            UsageError: it is not where it should be.
        """
        return load_signing_key(self._named or f"file:{self._secret}")

    def signing(self) -> SigningKey:
        """The key that signs; made, if the log is not begun and the project names none.

        Raises:
            OutputError: the key of a log that is begun is gone.
            ConfigError: the key is not that of this log.
        """
        if self.there:
            key = self.loaded()
        elif self._begun():
            message = (
                f"the log's signing key {self._secret} is gone; without it nothing can be added"
            )
            raise OutputError(message)
        else:
            key = self._made()
        self._require_same(key)
        return key

    def _made(self) -> SigningKey:
        """Make a key; of two processes that do at once, the first one's counts."""
        key = generate_signing_key(self._origin)
        try:
            write_signing_key(key, self._secret)
        except OutputError:
            if not self._secret.exists():
                raise
            return load_signing_key(f"file:{self._secret}")
        return key

    def _require_same(self, key: SigningKey) -> None:
        """The key that signs is the one the log is known by."""
        text = key.verifier_key.text()
        if not self._public.exists() and not self._begun():
            try:
                create(self._public, f"{text}\n".encode())
            except OutputError:
                if not self._public.exists():
                    raise
                # somebody else has begun the log; who it is, is seen below
        if self.public() != key.verifier_key:
            message = (
                f"the signing key is that of {key.verifier_key.name!r}, and the log in "
                f"{self._log} is known by another one; correct [ledger] key, or begin a new log "
                "in another workspace"
            )
            raise ConfigError(message)
