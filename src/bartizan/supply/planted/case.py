"""One planted file, and what must be said of it."""

from dataclasses import dataclass

from bartizan.supply.scanners.notice import Verdict


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A file that is made here and never opened by what it attacks."""

    what: str
    """In words, such as `a command in a pickle`."""
    raw: bytes
    hostile: bool
    verdict: Verdict = "clean"
    rule: str = ""
    """Of the notice that must be among those of this verdict; empty = nothing may be noticed."""
    instead: str = ""
    """Rule by which it is inconclusive where a library that reads it is not installed."""
    path: str = "planted"
    """Its name, for formats that are known by one."""


def honest(what: str, raw: bytes, *, path: str = "planted", instead: str = "") -> Planted:
    """A file of which nothing may be said."""
    return Planted(what=what, raw=raw, hostile=False, path=path, instead=instead)


def command(what: str, raw: bytes, *, instead: str = "") -> Planted:
    """A file with a pickle in it that would run a command."""
    return hostile(what, raw, verdict="malicious", rule="pickle.danger", instead=instead)


def hostile(
    what: str, raw: bytes, *, verdict: Verdict, rule: str, path: str = "planted", instead: str = ""
) -> Planted:
    """A file that must be found."""
    return Planted(
        what=what, raw=raw, hostile=True, verdict=verdict, rule=rule, instead=instead, path=path
    )
