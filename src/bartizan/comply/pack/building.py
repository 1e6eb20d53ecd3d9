"""Makes a pack: manifest and signature in front, then every file by name."""

from collections.abc import Iterator, Mapping

from bartizan.comply.pack.archive import header
from bartizan.comply.pack.manifest import MANIFEST, Subject, manifest_of, measured
from bartizan.comply.pack.signature import Signer
from bartizan.core.errors import LimitError
from bartizan.core.record import encode
from bartizan.crypto.oms.names import require_name

FILE_BYTES = 64 << 20
"""Of one file: reports have a few megabytes. A reader holds one file in memory at a time."""
FILES = 100_000
"""At most: 30,000 facts with proofs and evidence. The signature of more would have more bytes than
its reader takes (32 MB)."""


def pack_files(
    files: Mapping[str, bytes], *, subject: Subject, signer: Signer
) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a pack, in their order.

    Args:
        files: What goes in, by name.
        subject: What it is about.
        signer: Who signs.

    Raises:
        LimitError: there are too many files, one is too large, or its name too long.
        TrustError: a name is no plain way down.

    Cost: SHA-256 of every byte, and one signature.
    """
    if len(files) > FILES:
        message = f"the pack would hold {len(files):,} files; at most {FILES:,} are packed"
        raise LimitError(message)
    for name, content in files.items():
        header(require_name(name), size_bytes=len(content))
        if len(content) > FILE_BYTES:
            message = f"{name} has {len(content)} bytes; a file of a pack has at most {FILE_BYTES}"
            raise LimitError(message)
    manifest = manifest_of(files, subject=subject, key=signer.key)
    raw = encode(manifest)
    yield MANIFEST, raw
    yield signer.file, signer.sign(measured(manifest.files, manifest=raw))
    for one in manifest.files:
        yield one.name, files[one.name]
