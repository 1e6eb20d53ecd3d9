"""Base64 with one spelling for each value: what can be spelled twice can be changed unnoticed."""

import binascii

from bartizan.core.errors import LedgerError


def encoded(raw: bytes) -> str:
    """Standard base64 with padding, on one line (RFC 4648 section 4)."""
    return binascii.b2a_base64(raw, newline=False).decode("ascii")


def decoded(text: str, *, what: str) -> bytes:
    """Read what `encoded` wrote, and nothing else.

    Args:
        text: Base64; other alphabets, blanks, missing padding and stray bits are refused.
        what: How a message calls it, such as "the root hash".

    Raises:
        LedgerError: it is not the canonical spelling of any bytes.
    """
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        message = f"{what} is not base64; was the text cut off or retyped?"
        raise LedgerError(message) from error
    # Strict mode lets bits behind the last byte pass: "QQ==" and "QR==" are both the letter A.
    if encoded(raw) != text:
        message = f"{what} is base64 with stray bits at its end; expected the canonical spelling"
        raise LedgerError(message)
    return raw
