"""A stand-in for signed checkpoints: size, root, and a keyed hash that no file can make."""

import hmac

from bartizan.core.errors import LedgerError

KEY = b"the log's key"


def publish(size: int, root: bytes) -> bytes:
    """The checkpoint of a size and a root."""
    return signed(size, root, key=KEY)


def signed(size: int, root: bytes, *, key: bytes) -> bytes:
    text = f"log.example\n{size}\n{root.hex()}\n"
    return f"{text}{hmac.digest(key, text.encode(), 'sha256').hex()}\n".encode()


def read(raw: bytes) -> tuple[int, bytes]:
    """Check a checkpoint. Further lines are cosignatures."""
    lines = raw.split(b"\n")
    text = b"\n".join(lines[:3]) + b"\n"
    wanted = hmac.digest(KEY, text, "sha256").hex().encode()
    if len(lines) < 5 or lines[-1] or not hmac.compare_digest(lines[3], wanted):
        message = "the checkpoint is not signed by the key of the log"
        raise LedgerError(message)
    return int(lines[1]), bytes.fromhex(lines[2].decode())
