"""One line of a signed note: who signed, with which key, and the signature.

Source: C2SP signed-note, section "Signatures".
"""

from dataclasses import dataclass

from bartizan.core.errors import LedgerError
from bartizan.ledger.canonical_base64 import decoded, encoded
from bartizan.ledger.verifier_key import KEY_ID_BYTES, require_name

_DASH = "\u2014 "
"""Em dash and space, with which every signature line begins."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of a note.

    Attributes:
        name: Of the key.
        key_id: Four bytes.
        value: What the algorithm made; for cosignatures it starts with the time.
    """

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> bytes:
        """As it stands in a note, without its newline."""
        return f"{_DASH}{self.name} {encoded(self.key_id + self.value)}".encode()


def parse_signature(line: bytes) -> Signature:
    """Read one signature line, without its newline. It is not checked.

    Raises:
        LedgerError: it is none.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        message = "a signature line is not UTF-8"
        raise LedgerError(message) from error
    name, gap, value = text.removeprefix(_DASH).partition(" ")
    if not text.startswith(_DASH) or not gap:
        message = "expected a signature line: em dash, name and base64, with one blank between"
        raise LedgerError(message)
    require_name(name)
    raw = decoded(value, what=f"the signature of {name[:80]!r}")
    if len(raw) <= KEY_ID_BYTES:
        message = f"the signature of {name[:80]!r} is {len(raw)} bytes long, too short for one"
        raise LedgerError(message)
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])
