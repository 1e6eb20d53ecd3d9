"""The one identity of an artefact, whatever number of files it has."""

import hashlib
from collections.abc import Mapping


def root_digest(files: Mapping[str, str]) -> str:
    """The root over the digests of files, as OpenSSF Model Signing defines it.

    Args:
        files: By path inside the artefact, ``sha256:<hex>`` of its content.

    Returns:
        ``sha256:<hex>``.
    """
    found = hashlib.sha256()
    for name in sorted(files):
        found.update(bytes.fromhex(files[name].removeprefix("sha256:")))
    return f"sha256:{found.hexdigest()}"
