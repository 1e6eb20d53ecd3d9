"""Which names files of a model may have: names that a person sees as they are, everywhere."""

import unicodedata

from bartizan.core.errors import TrustError

NAME_BYTES = 4096
"""Linux knows no longer path."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control characters, marks that turn the direction of reading or show nothing, halves of
characters (which is how names that are no UTF-8 arrive), and line breaks."""


def require_name(name: str) -> str:
    """Refuse a name that is no plain way down from the model's folder, or looks like another.

    Args:
        name: With ``/`` between its parts.

    Returns:
        The same name.

    Raises:
        TrustError: it is absolute, goes up, is not written in its shortest form, is too long, is
            not UTF-8, or holds characters that nobody sees.
    """
    if _says_nothing(name):
        raise _refused(name, "a relative path without empty parts, `.` and `..`")
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        raise _refused(name, "UTF-8 without control characters and marks of direction")
    if "\\" in name:
        raise _refused(name, "no backslash, which separates folders on other systems")
    if len(name.encode()) > NAME_BYTES:
        raise _refused(name, f"at most {NAME_BYTES} bytes")
    return name


def _says_nothing(name: str) -> bool:
    return any(part in ("", ".", "..") for part in name.split("/"))


def _refused(name: str, expected: str) -> TrustError:
    return TrustError(f"the file name {name[:80]!a} is refused: expected {expected}; rename it")
