"""Who signs a pack: a key as models are signed with, or the key of the ledger.

With a key of models, the signature is that of OpenSSF Model Signing over all files: whoever unpacks
the pack can check it with any program that reads such signatures. With the ledger's key it is a
signed note. Its first line holds blanks, which no name of a log may, so it can never be taken for a
checkpoint of the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.bundle import Bundle, read_bundle
from bartizan.crypto.oms.ec_key import SigningKey, VerifyingKey
from bartizan.crypto.oms.manifest import Manifest
from bartizan.crypto.oms.statement import Statement, read_statement
from bartizan.ledger.note import NoteSigner, NoteVerifier, open_note, sign_note
from bartizan.ledger.signing_key import SigningKey as NoteKey
from bartizan.ledger.verifier_key import VerifierKey, parse_verifier_key

BUNDLE, NOTE = "signature.json", "signature.note"
SIGNATURES = (BUNDLE, NOTE)
_NAME = "evidence-pack"
"""What the statement calls its subject, so that no signature of a model passes for one."""
_FIRST = "bartizan evidence pack v1"

Key = VerifyingKey | VerifierKey
"""Of somebody who may sign packs."""


class Signer(Protocol):
    """Whoever signs."""

    @property
    def key(self) -> str:
        """The public key, for the manifest."""
        ...

    @property
    def file(self) -> str:
        """What the signature is called in the pack."""
        ...

    def sign(self, measured: Manifest) -> bytes:
        """The signature."""
        ...


@dataclass(frozen=True)
class KeySigner:
    """Signs with a key on an elliptic curve; each signature is another one."""

    secret: SigningKey

    @property
    def key(self) -> str:
        """The public key as PEM."""
        return self.secret.public.pem.decode()

    @property
    def file(self) -> str:
        """A bundle."""
        return BUNDLE

    def sign(self, measured: Manifest) -> bytes:
        """A bundle with a statement over all files."""
        payload = Statement(name=_NAME, manifest=measured).raw
        unsigned = Bundle(payload=payload, signature=b"")
        signature = self.secret.sign(unsigned.signed)
        hint = self.secret.public.fingerprint
        return Bundle(payload=payload, signature=signature, hint=hint).encode()


@dataclass(frozen=True)
class LogSigner:
    """Signs with the key of the ledger; equal packs have equal signatures."""

    secret: NoteKey

    @property
    def key(self) -> str:
        """The verifier key."""
        return self.secret.verifier_key.text()

    @property
    def file(self) -> str:
        """A note."""
        return NOTE

    def sign(self, measured: Manifest) -> bytes:
        """A note over the root of all files."""
        return sign_note(_text(measured), signers=[NoteSigner(self.secret)])


def key_of(text: str) -> Key:
    """A public key from its text.

    Raises:
        InputError: it is none of the kinds that sign packs.
        LedgerError: it is no verifier key.
    """
    if text.lstrip().startswith("-----"):
        return VerifyingKey.of_pem(text.encode(), where="the key")
    return parse_verifier_key(text.strip())


def label_of(key: Key) -> str:
    """A key for people."""
    return f"key:{key.fingerprint}" if isinstance(key, VerifyingKey) else f"log:{key.text()}"


def signed_by(
    raw: bytes, *, file: str, measured: Manifest, carried: str, trusted: Sequence[Key]
) -> tuple[str, bool]:
    """Check a signature.

    Args:
        raw: The file.
        file: Its name.
        measured: What the pack holds.
        carried: The key that the manifest names.
        trusted: Keys that may sign; none = whichever the pack names.

    Returns:
        Who signed, and whether that key was among the trusted ones.

    Raises:
        TrustError: nobody did, somebody else did, or something else was signed.
    """
    try:
        key = key_of(carried)
    except InputError as error:
        message = f"the pack names no key that signs packs: {error}"
        raise TrustError(message) from error
    if trusted and label_of(key) not in {label_of(one) for one in trusted}:
        known = ", ".join(label_of(one)[:90] for one in trusted)
        message = f"the pack is signed by {label_of(key)[:90]}, and only {known} may sign"
        raise TrustError(message)
    if (file == BUNDLE) != isinstance(key, VerifyingKey):
        message = "the pack names a key of one kind, and holds a signature of another"
        raise TrustError(message)
    if isinstance(key, VerifyingKey):
        _require_bundle(raw, key=key, measured=measured)
    else:
        _require_note(raw, key=key, measured=measured)
    return label_of(key), bool(trusted)


def _require_bundle(raw: bytes, *, key: VerifyingKey, measured: Manifest) -> None:
    try:
        bundle = read_bundle(raw)
        if bundle.chain or bundle.key_pem or bundle.hint != key.fingerprint:
            message = "the signature of the pack is by another key than the one that it names"
            raise TrustError(message)
        key.verify(bundle.signed, signature=bundle.signature)
        statement = read_statement(bundle.payload)
    except InputError as error:
        message = f"the signature of the pack is none: {error}"
        raise TrustError(message) from error
    same = statement.manifest.digests() == measured.digests()
    if statement.name != _NAME or statement.ignored or not same:
        raise _changed()


def _require_note(raw: bytes, *, key: VerifierKey, measured: Manifest) -> None:
    note = open_note(raw, verifiers=[NoteVerifier(key)])
    if note.text != _text(measured) or note.unverified:
        raise _changed()


def _text(measured: Manifest) -> str:
    return f"{_FIRST}\n{len(measured.files)}\n{measured.root}\n"


def _changed() -> TrustError:
    return TrustError(
        "the pack is not what was signed: a file was changed, added, removed or renamed"
    )
