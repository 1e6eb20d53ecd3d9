"""What to write so that names which nobody knows are allowed, for somebody who knows them."""

import re
from collections.abc import Sequence

from bartizan.supply.scanners.notice import Notice

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
"""What may be copied into a shell: letters, digits and dots."""
_UNKNOWN = "pickle.import"
"""A name that is looked up, stands on no list and is used in no known attack."""
_OF_NAMES = (_UNKNOWN, "pickle.call")
_HARMFUL = ("suspicious", "malicious")
_BRIEF = 8
"""Names in a sentence of a headline; the report has all."""
_MOST = 300
"""Names in the report; the largest pickles of the benchmark's libraries have 60."""
_CODE = frozenset(("cloudpickle", "dill"))
"""Packages whose pickles carry functions as code, beside names."""


def unknown_names(notices: Sequence[Notice]) -> tuple[str, ...]:
    """Names that a policy could allow, each once, in the order of the file.

    What attacks use is not among them, and nothing that is no plain name.
    """
    found = (one.what for one in notices if one.rule == _UNKNOWN)
    return tuple(dict.fromkeys(name for name in found if _NAME.fullmatch(name)))


def flags(names: Sequence[str]) -> str:
    """As words of a command.

    Example:
        >>> flags(["shop.Ratio", "shop.Sum"])
        '--allow shop.Ratio --allow shop.Sum'
    """
    return " ".join(f"--allow {name}" for name in names)


def suffices(notices: Sequence[Notice]) -> bool:
    """Whether nothing harmful is left if all unknown names are allowed."""
    names = set(unknown_names(notices))
    harmful = [one for one in notices if one.verdict in _HARMFUL]
    return bool(names) and all(one.rule in _OF_NAMES and one.what in names for one in harmful)


def briefly(notices: Sequence[Notice]) -> str:
    """The end of a reason: how to allow the names, where that is all it takes; empty = it is not.

    Args:
        notices: All of one file.
    """
    if not suffices(notices):
        return ""
    names = unknown_names(notices)
    if len(names) > _BRIEF:
        return f"; {len(names)} names are unknown, and the report says how to allow them"
    return f"; if you have read the code of these: {flags(names)}"


def in_full(notices: Sequence[Notice]) -> tuple[str, ...]:
    """All unknown names of one file, as flags and as a line of a project file; empty = none."""
    names = unknown_names(notices)
    if not names:
        return _carried(notices)
    listed = ", ".join(f'"{name}"' for name in names[:_MOST])
    more = f" {len(names) - _MOST:,} more are not told." if len(names) > _MOST else ""
    enough = (
        "With all of them allowed, nothing speaks against the file."
        if suffices(notices)
        else "That is not enough: the other places say what else speaks against it."
    )
    return (
        (
            "Names that are not on the list. If they are your own, or of a package that you trust, "
            "and you have read what they do when they are made and given a state, allow them for "
            f"this scan: {flags(names[:_MOST])}"
        ),
        f"The same in bartizan.toml: [supply] allow = [{listed}]",
        f"{enough}{more}",
        *_carried(notices),
    )


def _carried(notices: Sequence[Notice]) -> tuple[str, ...]:
    """What is said of files that carry code."""
    packages = {one.what.partition(".")[0] for one in notices}
    if not packages & _CODE:
        return ()
    return (
        (
            "It carries functions as code (cloudpickle, dill), which runs when it is opened: "
            "that is what these formats are for, and no list of names can judge it. Put the "
            "functions into a module, and allow their names; or sign the file, and open only what "
            "you signed."
        ),
    )
