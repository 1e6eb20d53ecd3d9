"""RFC 3161: a time-stamping authority signs that it saw a checkpoint, and when.

The stamp is verified at the moment it comes, with the nonce of its request, and again by
everybody who reads the proof, against root certificates that they name. Nothing of the machine's
own list of authorities is trusted.

Source: RFC 3161, sections 2.4 (request, response), 2.3 (purpose of the certificate) and 3.4
(HTTP). Deviations: ``grantedWithMods`` is refused, since it means that the authority stamped
something else than it was asked to. Certificates have to be valid at the time that the stamp
names, and revocation lists are not fetched: a proof has to be verifiable offline.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bartizan.core.errors import ConfigError, LedgerError, MissingExtraError, UsageError
from bartizan.ledger.anchor import Anchored, AnchorProof, Kind, require_about
from bartizan.ledger.posting import Post, post

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
"""Content types of section 3.4."""
_AHEAD = timedelta(minutes=5)
"""How far an authority's clock may be ahead of ours; a stamp of the future proves nothing."""
_REASON_LETTERS = 200
"""Of an authority's own words in a message."""


def _now() -> datetime:
    return datetime.now(tz=UTC)


@dataclass(frozen=True, kw_only=True)
class TimestampAnchor:
    """One authority: where to ask, and whom to believe."""

    roots: bytes
    """Root certificates, PEM. All that is trusted."""
    url: str = ""
    """Where to ask; not needed to verify."""
    policy: str = ""
    """Object identifier, in dots, of the policy that a stamp must be made under; empty = any."""
    send: Post = post
    clock: Callable[[], datetime] = _now
    """UTC."""

    @property
    def kind(self) -> Kind:
        """Also the ending of the file."""
        return "rfc3161"

    def anchor(self, text: str) -> AnchorProof:
        """Ask for a stamp over a checkpoint's text, and verify it.

        Raises:
            ConfigError: the certificates, the policy or the address cannot be used.
            UsageError: no stamp: the authority cannot be reached, or refuses.
            LedgerError: what it answered is no valid stamp of this text.
        """
        client = _client()
        ask = client.TimestampRequestBuilder().data(text.encode())
        request = ask.hash_algorithm(client.HashAlgorithm.SHA256).build()
        if not self.url:
            message = "expected the address of a time-stamping authority, got none; name one"
            raise ConfigError(message)
        reply = self.send(self.url, request.as_bytes(), content_type=_QUERY)
        if reply.status != 200 or reply.content_type != _REPLY:
            message = (
                f"{self.url} is no time-stamping authority: expected status 200 and {_REPLY}, got "
                f"status {reply.status} and {reply.content_type[:80] or 'nothing said'!r}"
            )
            raise UsageError(message)
        self._stamped(reply.body, text=text, nonce=request.nonce)
        return AnchorProof(kind="rfc3161", text=text, body=reply.body)

    def verify(self, proof: AnchorProof, *, text: str) -> Anchored:
        """Check a stamp offline.

        Raises:
            ConfigError: the certificates or the policy cannot be used.
            LedgerError: it does not hold.
        """
        checkpoint = require_about(proof, kind=self.kind, text=text)
        stamp = self._stamped(proof.body, text=text, nonce=None)
        return Anchored(
            kind=self.kind,
            checkpoint=checkpoint,
            when=stamp.gen_time,
            place=f"time stamp with serial number {stamp.serial_number}",
        )

    def _stamped(self, raw: bytes, *, text: str, nonce: int | None) -> Any:
        """The signed part of a response, verified."""
        client = _client()
        verifier = self._verifier(nonce=nonce)
        try:
            response = client.decode_timestamp_response(raw)
            _require_granted(response)
            verifier.verify_message(response, text.encode())
            stamp = response.tst_info
            when = stamp.gen_time
        except (ValueError, client.VerificationError) as error:
            message = f"the time stamp does not hold: {_reason(error)}"
            raise LedgerError(message) from error
        if when > self.clock() + _AHEAD:
            message = f"the time stamp is of the future ({when:%Y-%m-%d %H:%M:%S} UTC)"
            raise LedgerError(message)
        return stamp

    def _verifier(self, *, nonce: int | None) -> Any:
        from cryptography import x509  # noqa: PLC0415 (only where a stamp is looked at)

        try:
            roots = x509.load_pem_x509_certificates(self.roots)
            policy = x509.ObjectIdentifier(self.policy) if self.policy else None
        except ValueError as error:
            message = (
                "expected root certificates in PEM and a policy such as 1.2.3.4.1; these cannot "
                f"be read: {error}"
            )
            raise ConfigError(message) from error
        builder = _client().VerifierBuilder(policy_id=policy, roots=roots, nonce=nonce)
        return builder.build()


def _require_granted(response: Any) -> None:
    """Say why there is no stamp, where the authority says it."""
    if response.status != 0:
        said = " ".join(response.status_string)[:_REASON_LETTERS]
        message = f"the authority granted no time stamp (status {response.status}): {said!r}"
        raise LedgerError(message)


def _reason(error: Exception) -> str:
    """The library's words, in ours where its own say little."""
    said = str(error)
    known = {
        "Mismatch between messages": "it is about other bytes than this checkpoint's text",
        "Nonce mismatch": "it answers another request (its nonce differs); was it replayed?",
        "Policy ID mismatch": "it was made under another policy than the one asked for",
        "Error while verifying certificates": (
            "its signature leads to none of the root certificates, or a certificate was not valid "
            "at the time of the stamp"
        ),
        "ASN.1 parse error": "it is no time-stamp response; cut short, or something else",
        "Malformed": "it is no time-stamp response; cut short, or something else",
        "EKU": "its certificate is not one for time stamps",
    }
    return next((words for part, words in known.items() if part in said), said)


def _client() -> Any:
    try:
        import rfc3161_client  # noqa: PLC0415 (an extra)
    except ImportError as error:
        message = "time stamps need rfc3161-client: pip install 'bartizan[timestamp]'"
        raise MissingExtraError(message) from error
    return rfc3161_client
