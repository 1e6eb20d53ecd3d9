"""Names of files that a file gives: do they stay beside it?"""

import re

_ELSEWHERE = re.compile(r"^(?:[/\\~]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*:)|\x00")
"""Begins at a root, a home, a drive or with a scheme such as ``file:``; or is cut by a zero."""
_BETWEEN = re.compile(r"[/\\]")


def leaves_folder(name: str) -> bool:
    r"""Whether a name leads out of the folder in which it is looked up, on any system.

    Example:
        >>> leaves_folder("weights/part.bin"), leaves_folder("a/../../b"), leaves_folder("C:\\x")
        (False, True, True)
    """
    return bool(_ELSEWHERE.search(name)) or ".." in map(str.strip, _BETWEEN.split(name))
