"""No model is put back to an older version of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from bartizan.core.errors import TrustError
from bartizan.crypto.oms.statement import Statement


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The newest version that somebody signed of a model, and that was accepted here."""

    version: int
    """0 = only models without a version."""
    root: str


Memory: TypeAlias = Callable[[str, str], Seen | None]
"""``memory(name, signer)``: what was seen of the model of a name by a signer; none = nothing.

By signer, so that nobody uses up the versions of somebody else's model of the same name.
"""


def require_newest(statement: Statement, *, seen: Seen | None, versioned: bool) -> None:
    """Refuse a model that is older than one that was seen.

    Args:
        statement: What was signed.
        seen: The newest one; none = it is the first.
        versioned: Whether a version must be there.

    Raises:
        TrustError: its version is missing, older, or that of another model.
    """
    version = statement.version or 0
    if not version and (versioned or (seen is not None and seen.version)):
        message = (
            f"the model {statement.name!a} was signed without a version, so nobody could tell an "
            "old one from a new one; have it signed with --version"
        )
        raise TrustError(message)
    if seen is None or not seen.version:
        return
    if version < seen.version:
        message = (
            f"this is version {version} of {statement.name!a}, and version {seen.version} was "
            "seen here already: an old model was put in place of a newer one"
        )
        raise TrustError(message)
    if version == seen.version and statement.manifest.root != seen.root:
        message = (
            f"version {version} of {statement.name!a} was another model when it was seen here "
            f"({seen.root}); two models share one version"
        )
        raise TrustError(message)
